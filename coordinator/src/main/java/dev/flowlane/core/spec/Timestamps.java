package dev.flowlane.core.spec;

/** Which of the kernel's timestamps workers ask for (SO_TIMESTAMPING, by software). */
public enum Timestamps {
    NONE,
    /** When a packet entered the receiving kernel's network stack. */
    RECEIVE
}
