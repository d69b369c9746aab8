package dev.flowlane.core.spec;

/**
 * TLS of the flows' connections, done by the kernels of both ends. A direction that is encrypted is so at both ends, so
 * payload arrives as it was sent.
 *
 * @param directions which directions of a connection are encrypted; the others are in the clear
 * @param noPad whether receivers expect records without padding (TLS_RX_EXPECT_NO_PAD); with version 1.3
 */
public record Tls(Directions directions, Version version, Cipher cipher, boolean noPad) {
    /** Seen from the source. */
    public enum Directions {
        /** What the source sends. */
        SEND,
        /** What the source receives. */
        RECEIVE,
        BOTH
    }

    /** Of the protocol. */
    public enum Version {
        TLS_1_2("1.2"),
        TLS_1_3("1.3");

        private final String text;

        Version(String text) {
            this.text = text;
        }

        /** As a spec spells it. */
        public String text() {
            return text;
        }
    }

    /** What records are encrypted with. */
    public enum Cipher {
        AES_GCM_128,
        AES_GCM_256,
        CHACHA20_POLY1305
    }
}
