package dev.flowlane.daemon.plane;

/** What became of a connection to or from a data address; the label of a counter. */
public enum HandshakeOutcome {
    PROVEN,
    /** What came was not the handshake. */
    GARBAGE,
    /** The peer does not know the run's key. */
    WRONG_KEY,
    /** Not done within the bound. */
    TIMED_OUT,
    /** The peer closed or reset it first. */
    CLOSED_EARLY,
    /** Right in form, but no EXPECT for its run came within the bound. */
    UNEXPECTED,
    /** The run has this candidate already. */
    DUPLICATE,
    /** The run has as many connections as it may have. */
    LIMIT,
    /** More strangers at the door than may wait. */
    TOO_MANY,
    /** It could not be opened. */
    CONNECT_FAILED,
    /** Proven, but no datagram came through beside it. */
    UNPAIRED,
    /** Of no connection: a datagram that was not what its UDP socket waited for. */
    STRAY_DATAGRAM
}
