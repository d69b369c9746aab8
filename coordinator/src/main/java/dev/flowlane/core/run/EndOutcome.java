package dev.flowlane.core.run;

/** How one flow end finished. */
public enum EndOutcome {
    /** The end is over (its host was lost, or let go of the run) and nobody reported how. */
    UNKNOWN,
    /** As planned. */
    DONE,
    /** Early, on request. */
    STOPPED,
    /** The other end went away before its time. */
    PEER_GONE,
    /** The worker process died. */
    WORKER_LOST,
    /** The worker fell silent and was ended. */
    STALLED,
    /** Something that is bounded took too long. */
    TIMED_OUT,
    /** A system call failed, or the end could not be set up. */
    ERROR,
    /** The run was over before START. */
    NEVER_STARTED
}
