package dev.flowlane.worker.protocol;

/** What a flow carries. */
public enum TrafficKind {
    /** The source sends as fast as it may, or at a pace; the destination receives. */
    STREAM,
    /** The source sends requests, the destination answers each; {@link FlowSettings} says how many at a time. */
    REQUEST_RESPONSE,
    /** Both ends send a stream and receive one at the same time, on the same connection. */
    BIDIRECTIONAL,
    /** The source opens a new connection for every request; the destination accepts it, answers, and closes it. */
    CONNECT_REQUEST_RESPONSE;

    /** Whether the end that asks times how long each answer takes. */
    public boolean timed() {
        return switch (this) {
            case STREAM, BIDIRECTIONAL -> false;
            case REQUEST_RESPONSE, CONNECT_REQUEST_RESPONSE -> true;
        };
    }
}
