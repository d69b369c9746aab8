package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;

/**
 * TCP connections that live for one exchange, thousands in a second: made on the thread that uses it, it allocates
 * nothing per connection and throws for nothing that a network may do. A result below 0 is a negative errno.
 */
public final class BriefSockets {
    private static final int FLAGS = SocketConstants.SOCK_NONBLOCK | SocketConstants.SOCK_CLOEXEC;

    private static final ValueLayout.OfShort PORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final long REMOTE = 0;
    private static final long LOCAL = 32;
    /** Of both kinds of address (netinet/in.h): after the family. */
    private static final long LOCAL_PORT = LOCAL + Short.BYTES;
    private static final long ONE = 64;
    private static final long LINGER = 72;
    private static final long POLLFDS = 80;
    private static final long BYTES = 96;

    /** Of a {@code struct pollfd}: int fd, short events, short revents. */
    private static final long POLLFD_BYTES = 8;

    private final MemorySegment place = Arena.global().allocate(BYTES, 16);
    private final MemorySegment remote = place.asSlice(REMOTE, LOCAL - REMOTE);
    private int family;
    private int type;
    private int addressBytes;
    private boolean noDelay;
    private int firstPort;
    private int ports;
    private int nextPort;

    private BriefSockets() {
        place.set(JAVA_INT, ONE, 1);
        // l_onoff 1, l_linger 0: closing resets (socket(7)).
        place.set(JAVA_INT, LINGER, 1);
        place.set(JAVA_INT, LINGER + Integer.BYTES, 0);
    }

    /** For one thread. */
    public static BriefSockets create() {
        return new BriefSockets();
    }

    /**
     * Says where connections go to, and which address they come from. Allocates.
     *
     * @param setNoDelay whether they get TCP_NODELAY
     * @param waiting whether calls on them wait, as an io_uring wants it; otherwise they never do
     */
    public void aim(InetSocketAddress remoteAddress, InetSocketAddress local, boolean setNoDelay, boolean waiting) {
        family = SocketAddresses.family(remoteAddress);
        type = SocketConstants.SOCK_STREAM
                | SocketConstants.SOCK_CLOEXEC
                | (waiting ? 0 : SocketConstants.SOCK_NONBLOCK);
        addressBytes = SocketAddresses.store(remoteAddress, remote);
        SocketAddresses.store(
                new InetSocketAddress(local.getAddress(), 0), place.asSlice(LOCAL, ONE - LOCAL));
        noDelay = setNoDelay;
        useAnyPort();
    }

    /** From now on the kernel chooses every connection's port. */
    public void useAnyPort() {
        ports = 0;
        place.set(PORT, LOCAL_PORT, (short) 0);
    }

    /** From now on connections come from these ports, one after the other and around again. */
    public void usePorts(int first, int count) {
        firstPort = first;
        ports = count;
        nextPort = 0;
    }

    /** Where {@link #connect} goes to, for others that connect; {@link #addressBytes} long. */
    public MemorySegment remote() {
        return remote;
    }

    public int addressBytes() {
        return addressBytes;
    }

    /**
     * A socket of the address that {@link #aim} named. The kernel chooses its port when it connects
     * (IP_BIND_ADDRESS_NO_PORT), so that a port is taken only towards this one destination, unless ports were named;
     * SO_REUSEADDR allows one that is in TIME_WAIT towards another.
     */
    public int open() {
        int fd = SocketCalls.socket(family, type, SocketConstants.IPPROTO_TCP);
        if (fd < 0) {
            return fd;
        }
        long one = place.address() + ONE;
        int failure = SocketCalls.setsockopt(
                fd, SocketConstants.SOL_SOCKET, SocketConstants.SO_REUSEADDR, one, Integer.BYTES);
        if (ports > 0) {
            place.set(PORT, LOCAL_PORT, (short) (firstPort + nextPort));
            nextPort = nextPort + 1 == ports ? 0 : nextPort + 1;
        } else if (failure == 0) {
            failure = SocketCalls.setsockopt(
                    fd, SocketConstants.IPPROTO_IP, SocketConstants.IP_BIND_ADDRESS_NO_PORT, one, Integer.BYTES);
        }
        if (failure == 0 && noDelay) {
            failure = SocketCalls.setsockopt(
                    fd, SocketConstants.IPPROTO_TCP, SocketConstants.TCP_NODELAY, one, Integer.BYTES);
        }
        if (failure == 0) {
            failure = SocketCalls.bind(fd, place.address() + LOCAL, addressBytes);
        }
        if (failure < 0) {
            close(fd);
            return failure;
        }
        return fd;
    }

    /** Begins to connect: 0 when it is done, {@code -Errno.EINPROGRESS} when writability will tell. */
    public int connect(int fd) {
        int result = SocketCalls.connect(fd, place.address() + REMOTE, addressBytes);
        return result == -Errno.EINTR ? -Errno.EINPROGRESS : result;
    }

    /** SO_ERROR as a negative errno; 0 when there is none. */
    public int pendingError(int fd) {
        CallState state = CallState.current();
        state.putInt(CallState.LENGTH, Integer.BYTES);
        int result = SocketCalls.getsockopt(
                fd,
                SocketConstants.SOL_SOCKET,
                SocketConstants.SO_ERROR,
                state.address(CallState.VALUE),
                state.address(CallState.LENGTH));
        return result < 0 ? result : -state.getInt(CallState.VALUE);
    }

    /** Takes a waiting connection, non-blocking; {@code -Errno.EAGAIN} when none waits. */
    public int accept(int listenFd) {
        return SocketCalls.accept4(listenFd, 0, 0, FLAGS);
    }

    /** Waits until one of two descriptors is readable; a negative time waits without end. */
    public int awaitEither(int fd, int other, long timeoutNs) {
        place.set(JAVA_INT, POLLFDS, fd);
        place.set(JAVA_SHORT, POLLFDS + 4, (short) FlowSocket.POLLIN);
        place.set(JAVA_INT, POLLFDS + POLLFD_BYTES, other);
        place.set(JAVA_SHORT, POLLFDS + POLLFD_BYTES + 4, (short) FlowSocket.POLLIN);
        return PollCalls.ppoll(place.address() + POLLFDS, 2, timeoutNs);
    }

    /** Closes in order: the peer reads end of file. The side that does so first keeps the connection in TIME_WAIT. */
    public void close(int fd) {
        int _ = FileCalls.close(fd);
    }

    /** Closes with a reset: nothing stays in TIME_WAIT at either side, and the peer gets ECONNRESET. */
    public void reset(int fd) {
        int _ = SocketCalls.setsockopt(
                fd, SocketConstants.SOL_SOCKET, SocketConstants.SO_LINGER, place.address() + LINGER, 8);
        close(fd);
    }
}
