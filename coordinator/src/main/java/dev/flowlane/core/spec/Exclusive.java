package dev.flowlane.core.spec;

/** What two flows may not share; a later constant is stricter. */
public enum Exclusive {
    /** Nothing is exclusive. */
    NONE,
    /** Receive CPUs only, sources and destinations each among themselves. */
    PER_SIDE,
    /** No CPU of any machine. */
    STRICT;

    /** The stricter of the two, which decides between flows of different runs. */
    public Exclusive stricter(Exclusive other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
