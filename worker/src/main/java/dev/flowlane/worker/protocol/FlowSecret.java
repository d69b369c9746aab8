package dev.flowlane.worker.protocol;

/**
 * What both ends of one connection know and nobody else: from the run's key and the nonces of the connection's own
 * handshake, so no two connections have the same. A pseudorandom key in the sense of RFC 5869. Its text form tells
 * nothing.
 */
public record FlowSecret(Bytes secret) {
    public static final int SIZE_BYTES = 32;

    /** @throws IllegalArgumentException when it is not {@link #SIZE_BYTES} long */
    public FlowSecret {
        if (secret.size() != SIZE_BYTES) {
            throw new IllegalArgumentException(
                    "a flow's secret has " + SIZE_BYTES + " bytes, not " + secret.size());
        }
    }

    @Override
    public String toString() {
        return "FlowSecret[...]";
    }
}
