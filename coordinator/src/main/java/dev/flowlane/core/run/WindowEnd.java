package dev.flowlane.core.run;

/** What ended the measured window of an end that sends. */
public enum WindowEnd {
    DURATION,
    BYTES,
    MESSAGES
}
