package dev.flowlane.daemon.machine;

/** Why a command had no effect. */
public enum RefusalCode {
    /** It came after its deadline by the broker's clock. */
    EXPIRED,
    /** Nothing of this run is held here. */
    UNKNOWN_RUN,
    /** The connection is not open (any more). */
    UNKNOWN_CANDIDATE,
    /** The CPU is not one this daemon may use. */
    BAD_CPU,
    /** More connections or workers than this daemon is set up for. */
    LIMIT,
    /** It contradicts what was ordered before, or cannot be understood. */
    ERROR
}
