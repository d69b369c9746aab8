package dev.flowlane.posix;

/**
 * The kernel's receive timestamps (SO_TIMESTAMPING, Documentation/networking/timestamping.rst), by software: taken
 * when a packet enters the network stack, CLOCK_REALTIME. The kernel begins to take them a moment after the first
 * socket asks for them; what arrived before has none, or for UDP the time of the receive call.
 */
public final class ReceiveTimestamps {
    /** linux/net_tstamp.h: SOF_TIMESTAMPING_RX_SOFTWARE and SOF_TIMESTAMPING_SOFTWARE. */
    private static final int RECEIVE_BY_SOFTWARE = 1 << 3 | 1 << 4;

    private ReceiveTimestamps() {}

    /** From now on {@link FlowCalls#receiveStamped} and vectors that await stamps get them. */
    public static void ask(int fd) {
        SocketOption.SO_TIMESTAMPING.setInt(fd, RECEIVE_BY_SOFTWARE);
    }

    /** Whether the socket asks for them. */
    public static boolean asked(int fd) {
        return (SocketOption.SO_TIMESTAMPING.getInt(fd) & RECEIVE_BY_SOFTWARE) == RECEIVE_BY_SOFTWARE;
    }
}
