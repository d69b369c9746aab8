package dev.flowlane.worker;

import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.TrafficKind;

import java.lang.foreign.MemorySegment;

/** What the kernel says of the socket that carries a flow; allocates nothing. */
final class SocketFigures {
    /** The kernel counts drops in 32 bits. */
    private static final long DROPS_MASK = 0xFFFFFFFFL;

    private int fd = -1;
    private boolean datagrams;

    /** Whether it has TCP_INFO that is the flow's. */
    private boolean tcp;
    private long dropsBefore;

    /** @param kind of the flow's traffic */
    void attach(int socket, TrafficKind kind) {
        fd = socket;
        datagrams = kind.datagrams();
        // The figures of a connection that carries no traffic would be taken for the flow's.
        tcp = !datagrams && kind != TrafficKind.CONNECT_REQUEST_RESPONSE;
        dropsBefore = datagrams ? FlowSocket.receiveDrops(fd) : 0;
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
        return tcp ? FlowSocket.tcpInfo(fd, into, 0, TcpInfo.BUFFER_BYTES) : 0;
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
