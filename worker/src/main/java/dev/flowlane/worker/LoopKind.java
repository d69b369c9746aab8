package dev.flowlane.worker;

import dev.flowlane.worker.protocol.FlowSettings;

import java.util.EnumSet;
import java.util.Set;

/** Which pair of loops carries a flow. */
enum LoopKind {
    STREAM,
    /** A stream at a pace; its destination is any stream's. */
    PACED_STREAM,
    /** One request at a time, as soon as the one before is answered: the shortest code for the shortest round trip. */
    REQUEST,
    /** Several requests at a time, or at a pace. */
    PIPELINED,
    /** A stream each way; one class serves both ends. */
    BIDIRECTIONAL,
    /** A connection for every request. */
    CONNECT,
    DATAGRAM_STREAM,
    DATAGRAM_REQUEST;

    /** Those that a worker is compiled for before it says that it is there. */
    static Set<LoopKind> first() {
        return EnumSet.of(STREAM);
    }

    /** Those that a worker with nothing to do is compiled for before long. */
    static Set<LoopKind> usual() {
        return EnumSet.of(STREAM, REQUEST);
    }

    /**
     * Those that a worker is compiled for which still has nothing to do then: they take long enough to keep a run from
     * its start. The others are when a flow first needs them.
     */
    static Set<LoopKind> slow() {
        return EnumSet.of(BIDIRECTIONAL, CONNECT);
    }

    /** Whether a loop of it may have to let time pass before it sends, or waits in the call that does so. */
    boolean waitsForTimes() {
        return switch (this) {
            case STREAM, REQUEST -> false;
            case PACED_STREAM, PIPELINED -> true;
            // Not for times, but in the same call, for whichever direction or connection goes on first.
            case BIDIRECTIONAL, CONNECT -> true;
            case DATAGRAM_STREAM, DATAGRAM_REQUEST -> true;
        };
    }

    static LoopKind of(FlowSettings settings) {
        return switch (settings.kind()) {
            case STREAM -> settings.pace() == null ? STREAM : PACED_STREAM;
            case DATAGRAM_STREAM -> DATAGRAM_STREAM;
            case DATAGRAM_REQUEST_RESPONSE -> DATAGRAM_REQUEST;
            case REQUEST_RESPONSE -> settings.pace() == null && settings.outstanding() == 1 ? REQUEST : PIPELINED;
            case BIDIRECTIONAL -> BIDIRECTIONAL;
            case CONNECT_REQUEST_RESPONSE -> CONNECT;
        };
    }
}
