package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * {@code sockaddr_in}, {@code sockaddr_in6} (netinet/in.h) and {@code sockaddr_un} (sys/un.h) in a segment, and
 * addresses as people write them. Never asks a name server.
 */
final class SocketAddresses {
    static final int MAX_BYTES = 128;

    /** sun_path, less its terminating zero. */
    private static final int MAX_PATH_BYTES = 107;

    private static final ValueLayout.OfShort PORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt FLOW_INFO = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int INET_BYTES = 16;
    private static final int INET6_BYTES = 28;

    private SocketAddresses() {}

    static int family(InetSocketAddress address) {
        return resolved(address) instanceof Inet4Address ? SocketConstants.AF_INET : SocketConstants.AF_INET6;
    }

    /** Stores an address and returns its length. */
    static int store(InetSocketAddress address, MemorySegment into) {
        return store(address, 0, into);
    }

    /**
     * Stores an address and returns its length.
     *
     * @param flowLabel sin6_flowinfo of an IPv6 address; 0 for none
     */
    static int store(InetSocketAddress address, int flowLabel, MemorySegment into) {
        into.asSlice(0, INET6_BYTES).fill((byte) 0);
        into.set(JAVA_SHORT_UNALIGNED, 0, (short) family(address));
        into.set(PORT, 2, (short) address.getPort());
        byte[] bytes = resolved(address).getAddress();
        if (resolved(address) instanceof Inet6Address inet6) {
            into.set(FLOW_INFO, 4, flowLabel);
            MemorySegment.copy(bytes, 0, into, JAVA_BYTE, 8, bytes.length);
            into.set(JAVA_INT_UNALIGNED, 24, inet6.getScopeId());
            return INET6_BYTES;
        }
        MemorySegment.copy(bytes, 0, into, JAVA_BYTE, 4, bytes.length);
        return INET_BYTES;
    }

    static InetSocketAddress load(MemorySegment from) {
        int family = from.get(JAVA_SHORT_UNALIGNED, 0);
        int port = Short.toUnsignedInt(from.get(PORT, 2));
        try {
            if (family == SocketConstants.AF_INET) {
                byte[] bytes = from.asSlice(4, 4).toArray(JAVA_BYTE);
                return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
            }
            if (family == SocketConstants.AF_INET6) {
                byte[] bytes = from.asSlice(8, 16).toArray(JAVA_BYTE);
                int scope = from.get(JAVA_INT_UNALIGNED, 24);
                InetAddress address = scope == 0
                        ? InetAddress.getByAddress(bytes)
                        : Inet6Address.getByAddress(null, bytes, scope);
                return new InetSocketAddress(address, port);
            }
        } catch (UnknownHostException wrongLength) {
            throw new IllegalStateException(wrongLength);
        }
        throw new IllegalArgumentException("address family " + family + " is neither IPv4 nor IPv6");
    }

    /** Stores the address of a socket file and returns its length. */
    static int store(Path path, MemorySegment into) {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > MAX_PATH_BYTES) {
            throw new IllegalArgumentException("a socket's path has 1 to " + MAX_PATH_BYTES + " bytes, not "
                    + bytes.length + ": " + path);
        }
        into.set(JAVA_SHORT_UNALIGNED, 0, (short) SocketConstants.AF_UNIX);
        MemorySegment.copy(bytes, 0, into, JAVA_BYTE, 2, bytes.length);
        into.set(JAVA_BYTE, 2L + bytes.length, (byte) 0);
        return 2 + bytes.length + 1;
    }

    /** {@code 10.0.0.2:7411} or {@code [fd00::2]:7411}. */
    static String text(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        return switch (host) {
            case null -> address.getHostString() + ":" + address.getPort();
            case Inet6Address inet6 -> "[" + AddressText.of(inet6) + "]:" + address.getPort();
            default -> host.getHostAddress() + ":" + address.getPort();
        };
    }

    private static InetAddress resolved(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        if (host == null) {
            throw new IllegalArgumentException("the name " + address.getHostString() + " is not resolved");
        }
        return host;
    }
}
