package dev.flowlane.posix;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * TCP sockets before and after the traffic: opening, accepting, options, slow reads and writes. What the flow loop does
 * is in {@link FlowSocket}. Every descriptor is close-on-exec; failures are {@link PosixException}s.
 */
public final class Sockets {
    /** What {@link #accept}, {@link #read} and {@link #write} return when they would have to wait. */
    public static final int WOULD_BLOCK = -1;

    private static final int FLAGS = SocketConstants.SOCK_NONBLOCK | SocketConstants.SOCK_CLOEXEC;

    /** SO_MAX_PACING_RATE's "no limit". */
    private static final long UNLIMITED = -1;

    private Sockets() {}

    /**
     * A non-blocking listening socket with SO_REUSEADDR. One of an IPv6 address takes IPv6 only.
     *
     * @param local address and port; port 0 lets the kernel choose, {@link #localAddress} tells
     * @param backlog how many connections may wait; the kernel caps it at net.core.somaxconn
     */
    public static int listen(InetSocketAddress local, int backlog) {
        int family = SocketAddresses.family(local);
        int fd = open(family);
        try {
            SocketOption.SO_REUSEADDR.setInt(fd, 1);
            if (family == SocketConstants.AF_INET6) {
                SocketOption.IPV6_V6ONLY.setInt(fd, 1);
            }
            bind(fd, local);
            check("listen", SocketCalls.listen(fd, backlog), local);
            return fd;
        } catch (RuntimeException failure) {
            close(fd);
            throw failure;
        }
    }

    /**
     * Takes a waiting connection; its socket is non-blocking. A connection that failed while it waited is passed over
     * (accept(2), error handling).
     *
     * @return its descriptor, or {@link #WOULD_BLOCK}
     */
    public static int accept(int listenFd) {
        while (true) {
            int result = SocketCalls.accept4(listenFd, 0, 0, FLAGS);
            if (result >= 0) {
                return result;
            }
            switch (-result) {
                case Errno.EAGAIN -> {
                    return WOULD_BLOCK;
                }
                case Errno.ECONNABORTED, Errno.EPROTO, Errno.ENETDOWN, Errno.ENOPROTOOPT, Errno.EHOSTDOWN,
                        Errno.ENONET, Errno.EHOSTUNREACH, Errno.ENETUNREACH -> {}
                default -> throw new PosixException("accept", -result);
            }
        }
    }

    /**
     * Begins a connection on a non-blocking socket. It is made, or has failed, when the socket is writable; then
     * {@link #pendingError} is 0, or says why.
     *
     * @param local address and port to come from; port 0 lets the kernel choose one that is free towards
     *     {@code remote}. null: any address
     * @throws PosixException when it fails at once
     */
    public static int connect(InetSocketAddress remote, @Nullable InetSocketAddress local) {
        return connect(remote, local, ConnectOptions.NONE);
    }

    /**
     * As {@link #connect(InetSocketAddress, InetSocketAddress)}, with options that the handshake already goes by.
     *
     * @throws PosixException when an option is refused, or the connection fails at once
     */
    public static int connect(
            InetSocketAddress remote, @Nullable InetSocketAddress local, ConnectOptions options) {
        int fd = open(SocketAddresses.family(remote));
        try {
            int flowLabel = options.apply(fd, remote);
            if (local != null) {
                // Without it, bind would reserve a port for every destination at once and run out of them early.
                SocketOption.IP_BIND_ADDRESS_NO_PORT.setInt(fd, 1);
                // A four-tuple that is asked for again may still be in TIME_WAIT.
                SocketOption.SO_REUSEADDR.setInt(fd, 1);
                bind(fd, local);
            }
            CallState state = CallState.current();
            int length = SocketAddresses.store(remote, flowLabel, state.scratch);
            int result = SocketCalls.connect(fd, state.address(CallState.VALUE), length);
            if (result != -Errno.EINPROGRESS && result != -Errno.EINTR) {
                check("connect", result, remote);
            }
            return fd;
        } catch (RuntimeException failure) {
            close(fd);
            throw failure;
        }
    }

    /** Two connected AF_UNIX stream sockets, blocking. */
    public static SocketPair socketPair() {
        return pair(SocketConstants.SOCK_STREAM);
    }

    static SocketPair pair(int type) {
        CallState state = CallState.current();
        int kind = type | SocketConstants.SOCK_CLOEXEC;
        long place = state.address(CallState.VALUE);
        PosixException.check("socketpair", SocketCalls.socketpair(SocketConstants.AF_UNIX, kind, 0, place));
        return new SocketPair(state.getInt(CallState.VALUE), state.getInt(CallState.VALUE + Integer.BYTES));
    }

    /** SO_ERROR: the errno of what went wrong since the last time it was asked, 0 when nothing. */
    public static int pendingError(int fd) {
        return SocketOption.SO_ERROR.getInt(fd);
    }

    /** The address the socket is bound to. */
    public static InetSocketAddress localAddress(int fd) {
        CallState state = CallState.current();
        state.putInt(CallState.LENGTH, SocketAddresses.MAX_BYTES);
        long address = state.address(CallState.VALUE);
        PosixException.check("getsockname", SocketCalls.getsockname(fd, address, state.address(CallState.LENGTH)));
        return SocketAddresses.load(state.scratch);
    }

    /**
     * The address the socket is connected to.
     *
     * @throws PosixException ENOTCONN
     */
    public static InetSocketAddress remoteAddress(int fd) {
        CallState state = CallState.current();
        state.putInt(CallState.LENGTH, SocketAddresses.MAX_BYTES);
        long address = state.address(CallState.VALUE);
        PosixException.check("getpeername", SocketCalls.getpeername(fd, address, state.address(CallState.LENGTH)));
        return SocketAddresses.load(state.scratch);
    }

    /** SO_INCOMING_CPU: the CPU that served the last packet received; -1 when none was. */
    public static int incomingCpu(int fd) {
        int cpu = FlowSocket.incomingCpu(fd);
        if (cpu < -1) {
            throw new PosixException("getsockopt(SO_INCOMING_CPU)", -cpu);
        }
        return cpu;
    }

    /** Whether calls on the socket wait. */
    public static boolean isBlocking(int fd) {
        return (flags(fd) & FileCalls.O_NONBLOCK) == 0;
    }

    /** Makes calls on the socket wait, or not. Shared with every copy of the descriptor, other processes' included. */
    public static void setBlocking(int fd, boolean blocking) {
        int flags = blocking ? flags(fd) & ~FileCalls.O_NONBLOCK : flags(fd) | FileCalls.O_NONBLOCK;
        PosixException.check("fcntl(F_SETFL)", FileCalls.fcntl(fd, FileCalls.F_SETFL, flags));
    }

    private static int flags(int fd) {
        return PosixException.check("fcntl(F_GETFL)", FileCalls.fcntl(fd, FileCalls.F_GETFL, 0));
    }

    /** SO_REUSEADDR. */
    public static boolean reuseAddress(int fd) {
        return SocketOption.SO_REUSEADDR.getInt(fd) != 0;
    }

    /** IPV6_V6ONLY. */
    public static boolean v6Only(int fd) {
        return SocketOption.IPV6_V6ONLY.getInt(fd) != 0;
    }

    /** TCP_NODELAY. */
    public static boolean noDelay(int fd) {
        return SocketOption.TCP_NODELAY.getInt(fd) != 0;
    }

    /** TCP_NODELAY: send small segments at once (Nagle's algorithm off). */
    public static void setNoDelay(int fd, boolean noDelay) {
        SocketOption.TCP_NODELAY.setInt(fd, noDelay ? 1 : 0);
    }

    /** TCP_CONGESTION. */
    public static String congestionControl(int fd) {
        return SocketOption.TCP_CONGESTION.getText(fd);
    }

    /**
     * TCP_CONGESTION: the algorithm's name, such as {@code bbr}.
     *
     * @throws PosixException ENOENT when the kernel does not have it, EPERM when it is not allowed to everybody
     */
    public static void setCongestionControl(int fd, String name) {
        SocketOption.TCP_CONGESTION.setText(fd, name);
    }

    /** SO_SNDBUF, bytes, the kernel's overhead included. */
    public static int sendBuffer(int fd) {
        return SocketOption.SO_SNDBUF.getInt(fd);
    }

    /**
     * SO_SNDBUF, bytes; ends the kernel's own tuning. The kernel doubles the value for its overhead, after capping it
     * at net.core.wmem_max; who has CAP_NET_ADMIN gets all of it (SO_SNDBUFFORCE).
     *
     * @return the size it took
     */
    public static int setSendBuffer(int fd, int sizeBytes) {
        return setBuffer(fd, sizeBytes, SocketOption.SO_SNDBUF, SocketOption.SO_SNDBUFFORCE);
    }

    private static int setBuffer(int fd, int sizeBytes, SocketOption option, SocketOption force) {
        option.setInt(fd, sizeBytes);
        int capped = option.getInt(fd);
        if (capped >= 2L * sizeBytes) {
            return capped;
        }
        // EPERM without the capability: then it is what it is, and the caller tells.
        return force.setIntSurely(fd, sizeBytes) ? option.getInt(fd) : capped;
    }

    /** SO_RCVBUF, bytes, the kernel's overhead included. */
    public static int receiveBuffer(int fd) {
        return SocketOption.SO_RCVBUF.getInt(fd);
    }

    /**
     * SO_RCVBUF, bytes; as {@link #setSendBuffer}, with net.core.rmem_max. The window scale is fixed with the
     * connection, so a large one has to be set before it, on the listening socket for accepted ones.
     *
     * @return the size it took
     */
    public static int setReceiveBuffer(int fd, int sizeBytes) {
        return setBuffer(fd, sizeBytes, SocketOption.SO_RCVBUF, SocketOption.SO_RCVBUFFORCE);
    }

    /** SO_MAX_PACING_RATE, bytes per second; {@link Long#MAX_VALUE} when there is no limit. */
    public static long maxPacingBytesPerSecond(int fd) {
        long rate = SocketOption.SO_MAX_PACING_RATE.getLong(fd);
        return rate < 0 ? Long.MAX_VALUE : rate;
    }

    /** SO_MAX_PACING_RATE, bytes per second, at least 1; {@link Long#MAX_VALUE} takes the limit away. */
    public static void setMaxPacingBytesPerSecond(int fd, long rate) {
        if (rate < 1) {
            throw new IllegalArgumentException("a pacing rate is at least 1 byte per second, not " + rate);
        }
        SocketOption.SO_MAX_PACING_RATE.setLong(fd, rate == Long.MAX_VALUE ? UNLIMITED : rate);
    }

    /** TCP_USER_TIMEOUT, ms; 0 is the system's default. */
    public static int userTimeoutMs(int fd) {
        return SocketOption.TCP_USER_TIMEOUT.getInt(fd);
    }

    /** TCP_USER_TIMEOUT, ms: how long sent data may stay unacknowledged before the connection fails (RFC 5482). */
    public static void setUserTimeout(int fd, int timeoutMs) {
        SocketOption.TCP_USER_TIMEOUT.setInt(fd, timeoutMs);
    }

    /** SO_RCVLOWAT, bytes: a sleeping receiver is woken when so many have come, or all. */
    public static int receiveLowWaterBytes(int fd) {
        return SocketOption.SO_RCVLOWAT.getInt(fd);
    }

    /** SO_RCVTIMEO, ns; 0 waits without end. */
    public static long receiveTimeoutNs(int fd) {
        return SocketOption.SO_RCVTIMEO.getTimeNs(fd);
    }

    /**
     * SO_RCVTIMEO, ns: a blocking receive gives up with EAGAIN after it. Kept in the kernel's ticks, rounded up; 0:
     * never.
     */
    public static void setReceiveTimeout(int fd, long timeoutNs) {
        SocketOption.SO_RCVTIMEO.setTimeNs(fd, timeoutNs);
    }

    /** SO_SNDTIMEO, ns; 0 waits without end. */
    public static long sendTimeoutNs(int fd) {
        return SocketOption.SO_SNDTIMEO.getTimeNs(fd);
    }

    /**
     * SO_SNDTIMEO, ns: a blocking send gives up with EAGAIN after it. Kept in the kernel's ticks, rounded up; 0: never.
     */
    public static void setSendTimeout(int fd, long timeoutNs) {
        SocketOption.SO_SNDTIMEO.setTimeNs(fd, timeoutNs);
    }

    /**
     * Receives into a direct buffer's remaining space and moves its position.
     *
     * @return bytes, 0 at end of file (or without space), {@link #WOULD_BLOCK}
     */
    public static int read(int fd, ByteBuffer into) {
        int count = read(fd, MemorySegment.ofBuffer(into));
        into.position(into.position() + Math.max(0, count));
        return count;
    }

    /**
     * Receives into a native segment.
     *
     * @return bytes, 0 at end of file (or without space), {@link #WOULD_BLOCK}
     */
    public static int read(int fd, MemorySegment into) {
        return transferred("recv", FlowSocket.recv(fd, into, 0, atMost(into), 0));
    }

    /**
     * Sends what remains in a direct buffer, or a part of it, and moves its position. Never raises SIGPIPE.
     *
     * @return bytes, {@link #WOULD_BLOCK}
     * @throws PosixException EPIPE, ECONNRESET when the peer is gone
     */
    public static int write(int fd, ByteBuffer from) {
        int count = write(fd, MemorySegment.ofBuffer(from));
        from.position(from.position() + Math.max(0, count));
        return count;
    }

    /**
     * Sends a native segment, or a part of it. Never raises SIGPIPE.
     *
     * @return bytes, {@link #WOULD_BLOCK}
     * @throws PosixException EPIPE, ECONNRESET when the peer is gone
     */
    public static int write(int fd, MemorySegment from) {
        return transferred("send", FlowSocket.send(fd, from, 0, atMost(from), 0));
    }

    /**
     * Half-closes: the peer reads end of file after what was sent.
     *
     * @throws PosixException ENOTCONN when the connection is gone
     */
    public static void shutdownWrite(int fd) {
        PosixException.check("shutdown", FlowSocket.shutdownWrite(fd));
    }

    /**
     * Gives the descriptor back. What was sent is still delivered.
     *
     * @throws PosixException EBADF when it was closed before: a fault of the caller's that would hit a stranger next
     *     time
     */
    public static void close(int fd) {
        int result = FileCalls.close(fd);
        if (result < 0) {
            throw new PosixException("close", -result, "fd " + fd);
        }
    }

    /** Closes with RST: what was sent and not acknowledged is lost, and the peer gets ECONNRESET. */
    public static void reset(int fd) {
        SocketOption.SO_LINGER.setInts(fd, 1, 0);
        close(fd);
    }

    private static int open(int family) {
        int type = SocketConstants.SOCK_STREAM | FLAGS;
        return PosixException.check("socket", SocketCalls.socket(family, type, SocketConstants.IPPROTO_TCP));
    }

    private static void bind(int fd, InetSocketAddress local) {
        CallState state = CallState.current();
        int length = SocketAddresses.store(local, state.scratch);
        check("bind", SocketCalls.bind(fd, state.address(CallState.VALUE), length), local);
    }

    private static void check(String call, int result, InetSocketAddress address) {
        if (result < 0) {
            throw new PosixException(call, -result, SocketAddresses.text(address));
        }
    }

    private static long atMost(MemorySegment segment) {
        return Math.min(segment.byteSize(), Integer.MAX_VALUE);
    }

    private static int transferred(String call, long result) {
        if (result == -Errno.EAGAIN) {
            return WOULD_BLOCK;
        }
        return PosixException.check(call, (int) result);
    }
}
