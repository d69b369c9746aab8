package dev.flowlane.core.spec;

/** What becomes of a run when one of its flows leaves its lane. */
public enum OnDrift {
    /** It goes on, and is DISTURBED. */
    REPORT,
    /** The measurement is stopped, lanes are found anew, and it is made again from its beginning. */
    REHUNT
}
