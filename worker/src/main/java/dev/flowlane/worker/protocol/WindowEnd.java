package dev.flowlane.worker.protocol;

/** What ended the measured window of an end that sends. */
public enum WindowEnd {
    /** Its time was up. */
    DURATION,
    /** All bytes that were asked for are sent. */
    BYTES,
    /** All messages that were asked for are sent, requests also answered. */
    MESSAGES
}
