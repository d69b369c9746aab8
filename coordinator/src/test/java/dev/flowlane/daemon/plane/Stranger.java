package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.Bytes;

import java.util.Arrays;

/** Somebody who knows everything about a run but its key, and does everything right with another one. */
final class Stranger {
    static final RunRef RUN = new RunRef("run-1", 1);
    static final RunKey RUN_KEY = new RunKey(Bytes.copyOf(filled(1)));

    private static final RunKey OTHER_KEY = new RunKey(Bytes.copyOf(filled(5)));

    private Stranger() {}

    static byte[] hello() {
        return Handshake.client(RUN, OTHER_KEY, 7, filled(2)).hello().toArray();
    }

    static byte[] challenge() {
        Handshake.Greeted greeted = (Handshake.Greeted) Handshake.server().received(hello());
        return greeted.challenged(OTHER_KEY, filled(3)).challenge().toArray();
    }

    static byte[] filled(int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return bytes;
    }
}
