package dev.flowlane.daemon.machine;

/** Who decides the receive CPU of a flow; names as in Steering.avsc. */
public enum Steering {
    UNKNOWN,
    /** The four-tuple (RSS, RPS). */
    HASHED,
    /** The CPU where the application receives (RFS). */
    FOLLOWS_RECEIVER,
    /** The CPU that transmits at the other end (loopback, veth without RPS). */
    FOLLOWS_SENDER
}
