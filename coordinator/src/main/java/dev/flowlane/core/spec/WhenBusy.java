package dev.flowlane.core.spec;

/** What becomes of a run whose CPUs are claimed by other live runs. */
public enum WhenBusy {
    /** It waits for them. */
    QUEUE,
    /** It is rejected. */
    REJECT
}
