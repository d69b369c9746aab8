package dev.flowlane.posix;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * UDP sockets before the traffic: opening, connecting, options. What the flow loop does with them is in
 * {@link FlowSocket} and {@link FlowCalls}. Every descriptor is close-on-exec and non-blocking; failures are
 * {@link PosixException}s.
 */
public final class Datagrams {
    /** Largest payload of an IPv4 datagram: 65,535 bytes less the headers of IPv4 and UDP. */
    public static final int MAX_PAYLOAD_BYTES = 65_507;

    /** Segments that one send may be cut into (UDP_MAX_SEGMENTS of linux/udp.h before 6.9, half of it since). */
    public static final int MAX_SEGMENTS = 64;

    private static final int IPV4_HEADERS_BYTES = 28;
    private static final int IPV6_HEADERS_BYTES = 48;

    private Datagrams() {}

    /**
     * What {@link #receive} received.
     *
     * @param length bytes; {@link Sockets#WOULD_BLOCK}
     * @param sender null when nothing was received
     */
    public record Received(int length, @Nullable InetSocketAddress sender) {}

    /**
     * A UDP socket of its own.
     *
     * @param local address and port; port 0 lets the kernel choose, {@link Sockets#localAddress} tells
     * @param device network device to keep to; null: any
     */
    public static int open(InetSocketAddress local, @Nullable String device) {
        int family = SocketAddresses.family(local);
        int type = SocketConstants.SOCK_DGRAM | SocketConstants.SOCK_NONBLOCK | SocketConstants.SOCK_CLOEXEC;
        int fd = PosixException.check("socket", SocketCalls.socket(family, type, SocketConstants.IPPROTO_UDP));
        try {
            if (device != null) {
                TcpOptions.bindToDevice(fd, device);
            }
            CallState state = CallState.current();
            int length = SocketAddresses.store(local, state.scratch);
            check("bind", SocketCalls.bind(fd, state.address(CallState.VALUE), length), local);
            return fd;
        } catch (RuntimeException failure) {
            Sockets.close(fd);
            throw failure;
        }
    }

    /** From now on the socket sends to this address, and receives from nobody else. */
    public static void connect(int fd, InetSocketAddress remote) {
        CallState state = CallState.current();
        int length = SocketAddresses.store(remote, state.scratch);
        check("connect", SocketCalls.connect(fd, state.address(CallState.VALUE), length), remote);
    }

    /** Receives one datagram from anybody; never waits. What of it does not fit into the segment is lost. */
    public static Received receive(int fd, MemorySegment into) {
        CallState state = CallState.current();
        state.putInt(CallState.LENGTH, SocketAddresses.MAX_BYTES);
        long address = Libc.address(into, 0, into.byteSize());
        long n = SocketCalls.recvfrom(
                fd, address, into.byteSize(), FlowSocket.MSG_DONTWAIT | FlowSocket.MSG_TRUNC,
                state.address(CallState.VALUE), state.address(CallState.LENGTH));
        Libc.keep(into);
        // ECONNREFUSED is what came back for something sent before, not a failure of this call.
        if (n == -Errno.EAGAIN || n == -Errno.ECONNREFUSED) {
            return new Received(Sockets.WOULD_BLOCK, null);
        }
        return new Received(PosixException.check("recvfrom", (int) n), SocketAddresses.load(state.scratch));
    }

    /** Bytes that a datagram on the socket's path may carry without being fragmented; the socket is connected. */
    public static int unfragmentedBytes(int fd) {
        try {
            return routeBytes(fd);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOTCONN) {
                throw e;
            }
            // Options such as IP_TOS make the kernel forget the route; connecting looks it up again.
            connect(fd, Sockets.remoteAddress(fd));
            return routeBytes(fd);
        }
    }

    private static int routeBytes(int fd) {
        return TcpOptions.isIpv6(fd)
                ? SocketOption.IPV6_MTU.getInt(fd) - IPV6_HEADERS_BYTES
                : SocketOption.IP_MTU.getInt(fd) - IPV4_HEADERS_BYTES;
    }

    /**
     * UDP_SEGMENT: what one call sends leaves as datagrams of this size, cut as late as may be.
     *
     * @param sizeBytes 1 to 65,535; 0: as one datagram
     * @throws PosixException ENOPROTOOPT when the kernel does not have it (Linux 4.18)
     */
    public static void setSegmentBytes(int fd, int sizeBytes) {
        SocketOption.UDP_SEGMENT.setInt(fd, sizeBytes);
    }

    /** UDP_SEGMENT, bytes; 0: none. */
    public static int segmentBytes(int fd) {
        return SocketOption.UDP_SEGMENT.getInt(fd);
    }

    /**
     * UDP_GRO: one receive may bring several datagrams of one size, one behind the other, of which only the last may be
     * shorter.
     *
     * @throws PosixException ENOPROTOOPT when the kernel does not have it (Linux 5.0)
     */
    public static void setReceiveCoalescing(int fd, boolean coalescing) {
        SocketOption.UDP_GRO.setInt(fd, coalescing ? 1 : 0);
    }

    /** UDP_GRO. */
    public static boolean receiveCoalescing(int fd) {
        return SocketOption.UDP_GRO.getInt(fd) != 0;
    }

    /** Whether the socket is one of {@link #pair}, not of UDP. */
    public static boolean isLocal(int fd) {
        return SocketOption.SO_DOMAIN.getInt(fd) == SocketConstants.AF_UNIX;
    }

    /** Two connected AF_UNIX sockets that keep the boundaries of messages; blocking. */
    public static SocketPair pair() {
        return Sockets.pair(SocketConstants.SOCK_DGRAM);
    }

    private static void check(String call, int result, InetSocketAddress address) {
        if (result < 0) {
            throw new PosixException(call, -result, SocketAddresses.text(address));
        }
    }
}
