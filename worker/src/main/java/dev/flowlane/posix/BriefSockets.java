package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
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

    private static final long EVENTS = 4;
    private static final long REVENTS = 6;

    /** Bits of {@link #awaitEither}. */
    public static final int FIRST = 1;

    public static final int SECOND = 2;

    private final MemorySegment place = Arena.global().allocate(BYTES, 16);
    private final MemorySegment remote = place.asSlice(REMOTE, LOCAL - REMOTE);
    private int family;
    private int type;
    private int addressBytes;
    private boolean noDelay;
    /** Whether the kernel would take another source address than the one that was named. */
    private boolean binds;

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
        binds = !local.getAddress().equals(chosenSource());
        useAnyPort();
    }

    /** The source address that the kernel takes when it is left to it; null when there is no way there. */
    private @Nullable InetAddress chosenSource() {
        // A datagram socket finds its route without sending anything.
        int fd = SocketCalls.socket(family, SocketConstants.SOCK_DGRAM | SocketConstants.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return null;
        }
        try {
            return connect(fd) == 0 ? Sockets.localAddress(fd).getAddress() : null;
        } finally {
            close(fd);
        }
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
     * SO_REUSEADDR allows one that is in TIME_WAIT towards another. Where the kernel would choose that address anyway,
     * it is not bound: three calls less for every connection.
     */
    public int open() {
        int fd = SocketCalls.socket(family, type, SocketConstants.IPPROTO_TCP);
        if (fd < 0) {
            return fd;
        }
        int failure = noDelay
                ? set(fd, SocketConstants.IPPROTO_TCP, SocketConstants.TCP_NODELAY)
                : 0;
        if (failure == 0 && (binds || ports > 0)) {
            failure = bind(fd);
        }
        if (failure < 0) {
            close(fd);
            return failure;
        }
        return fd;
    }

    private int bind(int fd) {
        int failure = set(fd, SocketConstants.SOL_SOCKET, SocketConstants.SO_REUSEADDR);
        if (ports > 0) {
            place.set(PORT, LOCAL_PORT, (short) (firstPort + nextPort));
            nextPort = nextPort + 1 == ports ? 0 : nextPort + 1;
        } else if (failure == 0) {
            failure = set(fd, SocketConstants.IPPROTO_IP, SocketConstants.IP_BIND_ADDRESS_NO_PORT);
        }
        return failure == 0 ? SocketCalls.bind(fd, place.address() + LOCAL, addressBytes) : failure;
    }

    private int set(int fd, int level, int option) {
        return SocketCalls.setsockopt(fd, level, option, place.address() + ONE, Integer.BYTES);
    }

    /** Begins to connect: 0 when it is done, {@code -Errno.EINPROGRESS} when the first send will tell. */
    public int connect(int fd) {
        int result = SocketCalls.connect(fd, place.address() + REMOTE, addressBytes);
        return result == -Errno.EINTR ? -Errno.EINPROGRESS : result;
    }

    /** Takes a waiting connection, non-blocking; {@code -Errno.EAGAIN} when none waits. */
    public int accept(int listenFd) {
        return SocketCalls.accept4(listenFd, 0, 0, FLAGS);
    }

    /**
     * Waits until one of two descriptors is readable, has failed or was closed; a negative time waits without end.
     *
     * @return {@link #FIRST} and {@link #SECOND} for those that are, 0 when the time is up, or a negative errno
     */
    public int awaitEither(int first, int second, long timeoutNs) {
        place.set(JAVA_INT, POLLFDS, first);
        place.set(JAVA_SHORT, POLLFDS + EVENTS, (short) FlowSocket.POLLIN);
        place.set(JAVA_INT, POLLFDS + POLLFD_BYTES, second);
        place.set(JAVA_SHORT, POLLFDS + POLLFD_BYTES + EVENTS, (short) FlowSocket.POLLIN);
        int ready = PollCalls.ppoll(place.address() + POLLFDS, 2, timeoutNs);
        if (ready <= 0) {
            return ready;
        }
        return (place.get(JAVA_SHORT, POLLFDS + REVENTS) != 0 ? FIRST : 0)
                | (place.get(JAVA_SHORT, POLLFDS + POLLFD_BYTES + REVENTS) != 0 ? SECOND : 0);
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
