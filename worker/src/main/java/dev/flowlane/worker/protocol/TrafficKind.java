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
    CONNECT_REQUEST_RESPONSE,
    /** The source sends datagrams (UDP) as fast as it may, or at a pace; the destination counts what is missing. */
    DATAGRAM_STREAM,
    /** Requests and responses are datagrams (UDP); one that is lost costs a time-out. */
    DATAGRAM_REQUEST_RESPONSE;

    /** Whether the end that asks times how long each answer takes. */
    public boolean timed() {
        return switch (this) {
            case STREAM, BIDIRECTIONAL, DATAGRAM_STREAM -> false;
            case REQUEST_RESPONSE, CONNECT_REQUEST_RESPONSE, DATAGRAM_REQUEST_RESPONSE -> true;
        };
    }

    /** Whether the traffic goes over UDP, with the TCP connection for what both ends have to tell each other. */
    public boolean datagrams() {
        return switch (this) {
            case STREAM, REQUEST_RESPONSE, BIDIRECTIONAL, CONNECT_REQUEST_RESPONSE -> false;
            case DATAGRAM_STREAM, DATAGRAM_REQUEST_RESPONSE -> true;
        };
    }
}
