package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.Outcome;

/** How one flow end finished; names as in EndOutcome.avsc. */
public enum EndOutcome {
    DONE,
    STOPPED,
    PEER_GONE,
    /** The worker process died. */
    WORKER_LOST,
    /** The worker said nothing for too long and was killed. */
    STALLED,
    TIMED_OUT,
    ERROR,
    NEVER_STARTED;

    static EndOutcome of(Outcome reported) {
        return switch (reported) {
            case DONE -> DONE;
            case STOPPED -> STOPPED;
            case PEER_GONE -> PEER_GONE;
            case TIMED_OUT -> TIMED_OUT;
            case ERROR -> ERROR;
            case NEVER_STARTED -> NEVER_STARTED;
        };
    }
}
