package dev.flowlane.daemon.plane;

import java.security.SecureRandom;

/** Numbers that are used once. */
final class Nonces {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Nonces() {}

    static byte[] next() {
        byte[] nonce = new byte[Handshake.NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        return nonce;
    }
}
