package dev.flowlane.daemon.plane;

import java.security.SecureRandom;

/** Numbers that are used once. */
final class Nonces {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Nonces() {}

    /** For a pairing. */
    static byte[] secret() {
        byte[] secret = new byte[Handshake.SECRET_BYTES];
        RANDOM.nextBytes(secret);
        return secret;
    }

    static byte[] next() {
        byte[] nonce = new byte[Handshake.NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        return nonce;
    }
}
