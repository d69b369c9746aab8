package dev.flowlane.worker.protocol;

/** What a flow carries. */
public enum TrafficKind {
    /** The source sends as fast as it may, the destination receives. */
    STREAM,
    /** The source sends a request and waits for its whole response before the next: one is outstanding at a time. */
    REQUEST_RESPONSE
}
