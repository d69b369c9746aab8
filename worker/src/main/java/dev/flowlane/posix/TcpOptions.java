package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;

/** Options of a TCP connection that a measurement may choose, beyond those of {@link Sockets}. */
public final class TcpOptions {
    /** Largest flow label: 20 bits (RFC 6437). */
    public static final int MAX_FLOW_LABEL = 0xFFFFF;

    /** Largest differentiated services code point: 6 bits (RFC 2474). */
    public static final int MAX_DSCP = 63;

    /** The traffic class has the DSCP in its upper six bits and ECN in the lower two (RFC 3168). */
    private static final int DSCP_SHIFT = 2;

    private static final int ECN_MASK = 0x3;

    // struct in6_flowlabel_req (linux/in6.h): the peer's address, the label, and what is wanted of it.
    private static final long LABEL = CallState.VALUE + 16;
    private static final long SHARE = CallState.VALUE + 21;
    private static final long FLAGS = CallState.VALUE + 22;
    private static final int LABEL_REQUEST_BYTES = 32;
    private static final byte IPV6_FL_S_ANY = (byte) 255;
    private static final short IPV6_FL_F_CREATE = 1;
    private static final short IPV6_FL_F_REMOTE = 8;
    private static final ValueLayout.OfInt BIG_ENDIAN_INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private TcpOptions() {}

    /** Whether the socket speaks IPv6. */
    public static boolean isIpv6(int fd) {
        return SocketOption.SO_DOMAIN.getInt(fd) == SocketConstants.AF_INET6;
    }

    /** TCP_MAXSEG, bytes: what a segment carries now; options such as timestamps are off it already. */
    public static int maxSegmentBytes(int fd) {
        return SocketOption.TCP_MAXSEG.getInt(fd);
    }

    /**
     * TCP_MAXSEG, bytes, 88 to 32767; to be set before the handshake, whose SYN tells the peer. The segment's TCP
     * options count, too.
     */
    public static void setMaxSegmentBytes(int fd, int sizeBytes) {
        SocketOption.TCP_MAXSEG.setInt(fd, sizeBytes);
    }

    /** The DSCP that packets leave with, 0 to 63. */
    public static int dscp(int fd) {
        return trafficClass(fd).getInt(fd) >> DSCP_SHIFT;
    }

    /** IP_TOS, IPV6_TCLASS: the DSCP, 0 to 63. The two bits of ECN stay as they are. */
    public static void setDscp(int fd, int dscp) {
        SocketOption option = trafficClass(fd);
        option.setInt(fd, (dscp << DSCP_SHIFT) | (option.getInt(fd) & ECN_MASK));
    }

    private static SocketOption trafficClass(int fd) {
        return isIpv6(fd) ? SocketOption.IPV6_TCLASS : SocketOption.IP_TOS;
    }

    /** TCP_QUICKACK: whether acknowledgements go out at once now. The kernel changes it as it sees fit. */
    public static boolean quickAck(int fd) {
        return SocketOption.TCP_QUICKACK.getInt(fd) != 0;
    }

    /** TCP_QUICKACK: acknowledge at once, or with delay, until the kernel decides otherwise (tcp(7)). */
    public static void setQuickAck(int fd, boolean quickAck) {
        SocketOption.TCP_QUICKACK.setInt(fd, quickAck ? 1 : 0);
    }

    /** TCP_NOTSENT_LOWAT, bytes; 4294967295 is none. */
    public static long notSentLowWaterBytes(int fd) {
        return Integer.toUnsignedLong(SocketOption.TCP_NOTSENT_LOWAT.getInt(fd));
    }

    /** TCP_NOTSENT_LOWAT, bytes: the socket counts as writable only while less than this is not sent yet. */
    public static void setNotSentLowWater(int fd, int sizeBytes) {
        SocketOption.TCP_NOTSENT_LOWAT.setInt(fd, sizeBytes);
    }

    /** SO_ZEROCOPY: whether {@link FlowSocket#MSG_ZEROCOPY} is taken. */
    public static boolean zerocopy(int fd) {
        return SocketOption.SO_ZEROCOPY.getInt(fd) != 0;
    }

    /**
     * SO_ZEROCOPY: lets sends carry {@link FlowSocket#MSG_ZEROCOPY}.
     *
     * @throws PosixException EOPNOTSUPP on a socket that is not of a protocol with zero copy
     */
    public static void setZerocopy(int fd, boolean zerocopy) {
        SocketOption.SO_ZEROCOPY.setInt(fd, zerocopy ? 1 : 0);
    }

    /** SO_BINDTODEVICE: the network device the socket is bound to; empty when it is not. */
    public static String device(int fd) {
        return SocketOption.SO_BINDTODEVICE.getText(fd);
    }

    /**
     * SO_BINDTODEVICE: come and go by this network device only.
     *
     * @throws PosixException ENODEV when there is none of that name; EPERM when the socket is bound to another one and
     *     CAP_NET_RAW is missing
     */
    public static void bindToDevice(int fd, String device) {
        SocketOption.SO_BINDTODEVICE.setText(fd, device);
    }

    /**
     * The flow label that packets leave with; 0 when the kernel chooses one itself.
     *
     * @throws PosixException ENOPROTOOPT or EOPNOTSUPP on a socket of IPv4
     */
    public static int flowLabel(int fd) {
        try {
            return labelOf(fd, (short) 0);
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return 0;
            }
            throw e;
        }
    }

    /** The flow label of the packet that opened an accepted connection; 0 when it had none. */
    public static int peerFlowLabel(int fd) {
        return labelOf(fd, IPV6_FL_F_REMOTE);
    }

    private static int labelOf(int fd, short flags) {
        CallState state = CallState.current();
        clearLabelRequest(state);
        state.scratch.set(JAVA_SHORT_UNALIGNED, FLAGS, flags);
        return SocketOption.IPV6_FLOWLABEL_MGR.get(fd, LABEL_REQUEST_BYTES).scratch.get(BIG_ENDIAN_INT, LABEL)
                & MAX_FLOW_LABEL;
    }

    /**
     * Leases a flow label towards an address and lets the socket use it; the address given to connect has to carry it.
     * Any number of sockets of one machine may share it.
     *
     * @param label 1 to {@link #MAX_FLOW_LABEL}
     * @throws PosixException when the kernel refuses; EINVAL, naming the address, when that is not one of IPv6
     */
    static void leaseFlowLabel(int fd, int label, InetSocketAddress remote) {
        if (!(remote.getAddress() instanceof Inet6Address inet6)) {
            throw new PosixException(
                    "setsockopt(IPV6_FLOWLABEL_MGR)",
                    Errno.EINVAL,
                    SocketAddresses.text(remote) + " is not of IPv6, which alone has flow labels");
        }
        CallState state = CallState.current();
        clearLabelRequest(state);
        byte[] address = inet6.getAddress();
        MemorySegment.copy(address, 0, state.scratch, JAVA_BYTE, CallState.VALUE, address.length);
        state.scratch.set(BIG_ENDIAN_INT, LABEL, label);
        state.scratch.set(JAVA_BYTE, SHARE, IPV6_FL_S_ANY);
        state.scratch.set(JAVA_SHORT_UNALIGNED, FLAGS, IPV6_FL_F_CREATE);
        SocketOption.IPV6_FLOWLABEL_MGR.set(fd, state, LABEL_REQUEST_BYTES, "label " + label);
        SocketOption.IPV6_FLOWINFO_SEND.setInt(fd, 1);
    }

    private static void clearLabelRequest(CallState state) {
        state.scratch.asSlice(CallState.VALUE, LABEL_REQUEST_BYTES).fill((byte) 0);
    }
}
