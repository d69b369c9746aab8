package dev.flowlane.daemon.machine;

/** What became of a command; the label of a counter. */
public enum CommandOutcome {
    DONE,
    /** It asked for what was already so: answered again. */
    REPEATED,
    REFUSED,
    EXPIRED,
    /** Of a coordinator that has been succeeded. */
    LOWER_EPOCH,
    /** Of a placement attempt that has been given up. */
    OLD_ATTEMPT,
    /** Of a run that was stopped or released here. */
    RUN_OVER,
    /** The daemon is stopping. */
    STOPPING
}
