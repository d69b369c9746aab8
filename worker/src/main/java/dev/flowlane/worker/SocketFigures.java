package dev.flowlane.worker;

import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.TcpInfo;

import java.lang.foreign.MemorySegment;

/** What the kernel says of the socket that carries a flow; allocates nothing. */
final class SocketFigures {
    /** The kernel counts drops in 32 bits. */
    private static final long DROPS_MASK = 0xFFFFFFFFL;

    private int fd = -1;
    private boolean datagrams;
    private long dropsBefore;

    /** @param udp whether it is a UDP socket */
    void attach(int socket, boolean udp) {
        fd = socket;
        datagrams = udp;
        dropsBefore = udp ? FlowSocket.receiveDrops(fd) : 0;
    }

    /** SO_INCOMING_CPU, -1 when it is not known. */
    int receiveCpu() {
        return Math.max(-1, FlowSocket.incomingCpu(fd));
    }

    /**
     * TCP_INFO. A UDP socket has none; asking it all the same would make an errno, and that allocates.
     *
     * @return bytes of it; not above 0 when there is none
     */
    int tcpInfo(MemorySegment into) {
        return datagrams ? 0 : FlowSocket.tcpInfo(fd, into, 0, TcpInfo.BUFFER_BYTES);
    }

    /** Datagrams that found no room to be received since the last look; 0, too, when the kernel does not tell. */
    long dropsSinceLast() {
        if (!datagrams) {
            return 0;
        }
        long now = FlowSocket.receiveDrops(fd);
        long dropped = now < 0 || dropsBefore < 0 ? 0 : (now - dropsBefore) & DROPS_MASK;
        dropsBefore = now;
        return dropped;
    }
}
