package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.Bytes;

/** Loads the cryptography before the first run needs it: the first HMAC of a JVM takes tens of milliseconds. */
final class HandshakeWarmUp {
    private HandshakeWarmUp() {}

    static void run() {
        RunKey key = new RunKey(Bytes.copyOf(new byte[RunKey.SIZE_BYTES]));
        byte[] nonce = Nonces.next();
        Handshake.AwaitChallenge client = Handshake.client(new RunRef("warm-up", 1), key, 0, nonce);
        if (Handshake.server().received(client.hello().toArray()) instanceof Handshake.Greeted greeted) {
            Handshake.AwaitProof server = greeted.challenged(key, Nonces.next());
            if (client.received(server.challenge().toArray()) instanceof Handshake.Proven(int _, Bytes proof, var _)) {
                server.received(proof.toArray());
            }
        }
    }
}
