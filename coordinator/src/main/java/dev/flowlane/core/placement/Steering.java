package dev.flowlane.core.placement;

/** Who decides the receive CPU of a flow at one end. */
public enum Steering {
    /** The four-tuple (RSS, RPS): the candidate's receive CPU stays. */
    HASHED,
    /** The receiving application (RFS, aRFS): the receive CPU moves to the application CPU. */
    FOLLOWS_RECEIVER,
    /** The transmitting CPU (loopback, veth without RPS): either application CPU of the flow. */
    FOLLOWS_SENDER
}
