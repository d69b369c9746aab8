package dev.flowlane.worker.protocol;

/** What a flow carries. */
public enum TrafficKind {
    /** The source sends as fast as it may, or at a pace; the destination receives. */
    STREAM,
    /** The source sends requests, the destination answers each; {@link FlowSettings} says how many at a time. */
    REQUEST_RESPONSE,
    /** The source sends datagrams (UDP) as fast as it may, or at a pace; the destination counts what is missing. */
    DATAGRAM_STREAM,
    /** Requests and responses are datagrams (UDP); one that is lost costs a time-out. */
    DATAGRAM_REQUEST_RESPONSE;

    /** Whether the traffic goes over UDP, with the TCP connection for what both ends have to tell each other. */
    public boolean datagrams() {
        return this == DATAGRAM_STREAM || this == DATAGRAM_REQUEST_RESPONSE;
    }

    /** Whether there are round trips to be timed. */
    public boolean roundTrips() {
        return this == REQUEST_RESPONSE || this == DATAGRAM_REQUEST_RESPONSE;
    }
}
