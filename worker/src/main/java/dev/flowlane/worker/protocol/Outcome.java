package dev.flowlane.worker.protocol;

/** How one flow end finished; names as in EndOutcome.avsc (WORKER_LOST is the daemon's to say, not a worker's). */
public enum Outcome {
    /** As planned. */
    DONE,
    /** Early, because the daemon said {@link ToWorker.Stop}. */
    STOPPED,
    /** The peer reset or closed the connection before it should have. */
    PEER_GONE,
    /** No progress within the drain time-out after the flow's planned end. */
    TIMED_OUT,
    /** This end could not do its work; the message names the call. */
    ERROR,
    /** Stopped before it was started. */
    NEVER_STARTED
}
