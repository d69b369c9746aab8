package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** The socket options in use, read and set by type. A failure names the option. */
enum SocketOption {
    SO_ERROR(SocketConstants.SOL_SOCKET, SocketConstants.SO_ERROR),
    SO_REUSEADDR(SocketConstants.SOL_SOCKET, SocketConstants.SO_REUSEADDR),
    SO_SNDBUF(SocketConstants.SOL_SOCKET, SocketConstants.SO_SNDBUF),
    SO_RCVBUF(SocketConstants.SOL_SOCKET, SocketConstants.SO_RCVBUF),
    SO_SNDBUFFORCE(SocketConstants.SOL_SOCKET, SocketConstants.SO_SNDBUFFORCE),
    SO_RCVBUFFORCE(SocketConstants.SOL_SOCKET, SocketConstants.SO_RCVBUFFORCE),
    SO_LINGER(SocketConstants.SOL_SOCKET, SocketConstants.SO_LINGER),
    SO_PEERCRED(SocketConstants.SOL_SOCKET, SocketConstants.SO_PEERCRED),
    SO_RCVLOWAT(SocketConstants.SOL_SOCKET, SocketConstants.SO_RCVLOWAT),
    SO_RCVTIMEO(SocketConstants.SOL_SOCKET, SocketConstants.SO_RCVTIMEO),
    SO_SNDTIMEO(SocketConstants.SOL_SOCKET, SocketConstants.SO_SNDTIMEO),
    SO_MAX_PACING_RATE(SocketConstants.SOL_SOCKET, SocketConstants.SO_MAX_PACING_RATE),
    SO_BINDTODEVICE(SocketConstants.SOL_SOCKET, SocketConstants.SO_BINDTODEVICE),
    SO_ZEROCOPY(SocketConstants.SOL_SOCKET, SocketConstants.SO_ZEROCOPY),
    SO_DOMAIN(SocketConstants.SOL_SOCKET, SocketConstants.SO_DOMAIN),
    SO_TIMESTAMPING(SocketConstants.SOL_SOCKET, SocketConstants.SO_TIMESTAMPING),
    SO_BUSY_POLL(SocketConstants.SOL_SOCKET, SocketConstants.SO_BUSY_POLL),
    IP_TOS(SocketConstants.IPPROTO_IP, SocketConstants.IP_TOS),
    IP_MTU(SocketConstants.IPPROTO_IP, SocketConstants.IP_MTU),
    IP_BIND_ADDRESS_NO_PORT(SocketConstants.IPPROTO_IP, SocketConstants.IP_BIND_ADDRESS_NO_PORT),
    IPV6_V6ONLY(SocketConstants.IPPROTO_IPV6, SocketConstants.IPV6_V6ONLY),
    IPV6_FLOWLABEL_MGR(SocketConstants.IPPROTO_IPV6, SocketConstants.IPV6_FLOWLABEL_MGR),
    IPV6_FLOWINFO_SEND(SocketConstants.IPPROTO_IPV6, SocketConstants.IPV6_FLOWINFO_SEND),
    IPV6_TCLASS(SocketConstants.IPPROTO_IPV6, SocketConstants.IPV6_TCLASS),
    IPV6_MTU(SocketConstants.IPPROTO_IPV6, SocketConstants.IPV6_MTU),
    UDP_SEGMENT(SocketConstants.IPPROTO_UDP, SocketConstants.UDP_SEGMENT),
    UDP_GRO(SocketConstants.IPPROTO_UDP, SocketConstants.UDP_GRO),
    TCP_NODELAY(SocketConstants.IPPROTO_TCP, SocketConstants.TCP_NODELAY),
    TCP_MAXSEG(SocketConstants.IPPROTO_TCP, SocketConstants.TCP_MAXSEG),
    TCP_QUICKACK(SocketConstants.IPPROTO_TCP, SocketConstants.TCP_QUICKACK),
    TCP_NOTSENT_LOWAT(SocketConstants.IPPROTO_TCP, SocketConstants.TCP_NOTSENT_LOWAT),
    TCP_CONGESTION(SocketConstants.IPPROTO_TCP, SocketConstants.TCP_CONGESTION),
    TCP_USER_TIMEOUT(SocketConstants.IPPROTO_TCP, SocketConstants.TCP_USER_TIMEOUT),
    TCP_ULP(SocketConstants.IPPROTO_TCP, SocketConstants.TCP_ULP),
    TLS_TX(SocketConstants.SOL_TLS, SocketConstants.TLS_TX),
    TLS_RX(SocketConstants.SOL_TLS, SocketConstants.TLS_RX),
    TLS_RX_EXPECT_NO_PAD(SocketConstants.SOL_TLS, SocketConstants.TLS_RX_EXPECT_NO_PAD);

    /** linux/tcp.h, TCP_CA_NAME_MAX; linux/if.h, IFNAMSIZ. */
    private static final int TEXT_BYTES = 16;

    private final int level;
    private final int number;

    SocketOption(int level, int number) {
        this.level = level;
        this.number = number;
    }

    int getInt(int fd) {
        return get(fd, Integer.BYTES).getInt(CallState.VALUE);
    }

    void setInt(int fd, int value) {
        CallState state = CallState.current();
        state.putInt(CallState.VALUE, value);
        set(fd, state, Integer.BYTES, Integer.toString(value));
    }

    /** As {@link #setInt}, without allocating or saying why not. */
    boolean setIntSurely(int fd, int value) {
        CallState state = CallState.current();
        state.putInt(CallState.VALUE, value);
        return SocketCalls.setsockoptSurely(fd, level, number, state.address(CallState.VALUE), Integer.BYTES);
    }

    long getLong(int fd) {
        return get(fd, Long.BYTES).getLong(CallState.VALUE);
    }

    void setLong(int fd, long value) {
        CallState state = CallState.current();
        state.putLong(CallState.VALUE, value);
        set(fd, state, Long.BYTES, Long.toUnsignedString(value));
    }

    /** Two ints, such as a {@code struct linger}. */
    void setInts(int fd, int first, int second) {
        CallState state = CallState.current();
        state.putInt(CallState.VALUE, first);
        state.putInt(CallState.VALUE + Integer.BYTES, second);
        set(fd, state, 2 * Integer.BYTES, first + "," + second);
    }

    /** A {@code struct timeval} as ns. */
    long getTimeNs(int fd) {
        CallState state = get(fd, 2 * Long.BYTES);
        return state.getLong(CallState.VALUE) * 1_000_000_000L
                + state.getLong(CallState.VALUE + Long.BYTES) * 1_000L;
    }

    /** Rounded up to whole microseconds, so that a short time does not become none. */
    void setTimeNs(int fd, long timeNs) {
        CallState state = CallState.current();
        long micros = Math.ceilDiv(timeNs, 1_000L);
        state.putLong(CallState.VALUE, micros / 1_000_000L);
        state.putLong(CallState.VALUE + Long.BYTES, micros % 1_000_000L);
        set(fd, state, 2 * Long.BYTES, timeNs + " ns");
    }

    /** Empty when the kernel has none. */
    String getText(int fd) {
        // It writes nothing at all then.
        CallState.current().putInt(CallState.VALUE, 0);
        CallState state = get(fd, TEXT_BYTES);
        int length = 0;
        while (length < TEXT_BYTES && state.scratch.get(JAVA_BYTE, CallState.VALUE + length) != 0) {
            length++;
        }
        byte[] bytes = state.scratch.asSlice(CallState.VALUE, length).toArray(JAVA_BYTE);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    void setText(int fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length == 0 || bytes.length >= TEXT_BYTES) {
            throw new IllegalArgumentException(this + " takes 1 to " + (TEXT_BYTES - 1) + " characters, not " + text);
        }
        CallState state = CallState.current();
        MemorySegment.copy(bytes, 0, state.scratch, JAVA_BYTE, CallState.VALUE, bytes.length);
        set(fd, state, bytes.length, text);
    }

    /** Reads the option into the scratch space's VALUE. */
    CallState get(int fd, int bytes) {
        CallState state = CallState.current();
        state.putInt(CallState.LENGTH, bytes);
        int result = SocketCalls.getsockopt(
                fd, level, number, state.address(CallState.VALUE), state.address(CallState.LENGTH));
        if (result < 0) {
            throw new PosixException("getsockopt(" + this + ")", -result);
        }
        return state;
    }

    /** Sets the option from the scratch space's VALUE; {@code value} is for the message of a failure. */
    void set(int fd, CallState state, int bytes, String value) {
        int result = SocketCalls.setsockopt(fd, level, number, state.address(CallState.VALUE), bytes);
        if (result < 0) {
            throw new PosixException("setsockopt(" + this + ")", -result, value);
        }
    }
}
