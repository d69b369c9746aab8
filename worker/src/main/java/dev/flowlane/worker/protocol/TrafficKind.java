package dev.flowlane.worker.protocol;

/** What a flow carries. */
public enum TrafficKind {
    /** The source sends as fast as it may, or at a pace; the destination receives. */
    STREAM,
    /** The source sends requests, the destination answers each; {@link FlowSettings} says how many at a time. */
    REQUEST_RESPONSE
}
