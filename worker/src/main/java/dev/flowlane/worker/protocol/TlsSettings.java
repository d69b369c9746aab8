package dev.flowlane.worker.protocol;

/**
 * TLS of a flow's connection, done by the kernels of both ends (kTLS). A direction that is encrypted is so at both
 * ends: whoever sends in it makes records, whoever receives opens them, so that payload arrives as it was sent.
 *
 * @param directions which directions of the connection are encrypted; the others are in the clear
 * @param noPad whether receivers expect records without padding (TLS_RX_EXPECT_NO_PAD); with {@link Version#TLS_1_3}
 */
public record TlsSettings(Directions directions, Version version, Cipher cipher, boolean noPad) {
    /** Seen from the source. */
    public enum Directions {
        /** What the source sends: requests, a stream. */
        SEND,
        /** What the source receives: responses. */
        RECEIVE,
        BOTH
    }

    /** Of the protocol. */
    public enum Version {
        TLS_1_2,
        TLS_1_3
    }

    /** What records are encrypted with. */
    public enum Cipher {
        AES_GCM_128,
        AES_GCM_256,
        CHACHA20_POLY1305
    }

    /** @throws IllegalArgumentException when TLS 1.2 is to have no padding, which it never has */
    public TlsSettings {
        if (noPad && version != Version.TLS_1_3) {
            throw new IllegalArgumentException("noPad is of TLS 1.3, earlier records have no padding");
        }
    }

    /** Whether an end encrypts what it sends. */
    public boolean transmits(Role role) {
        return switch (directions) {
            case SEND -> role == Role.SOURCE;
            case RECEIVE -> role == Role.DESTINATION;
            case BOTH -> true;
        };
    }

    /** Whether an end decrypts what it receives. */
    public boolean receives(Role role) {
        return switch (directions) {
            case SEND -> role == Role.DESTINATION;
            case RECEIVE -> role == Role.SOURCE;
            case BOTH -> true;
        };
    }
}
