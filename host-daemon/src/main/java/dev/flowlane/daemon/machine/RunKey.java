package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.Bytes;

/** The secret that both ends of a data connection prove they know. Its text form tells nothing. */
public record RunKey(Bytes secret) {
    public static final int SIZE_BYTES = 32;

    /** @throws IllegalArgumentException when it is not {@link #SIZE_BYTES} long */
    public RunKey {
        if (secret.size() != SIZE_BYTES) {
            throw new IllegalArgumentException(
                    "run_key has " + secret.size() + " bytes, expected are " + SIZE_BYTES);
        }
    }

    @Override
    public String toString() {
        return "RunKey[...]";
    }
}
