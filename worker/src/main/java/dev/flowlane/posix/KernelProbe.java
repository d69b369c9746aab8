package dev.flowlane.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Whether this kernel lets this process do something, found out by trying. Nothing is left behind. */
public final class KernelProbe {
    private static final int IPPROTO_UDP = 17;
    private static final int IPPROTO_SCTP = 132;
    private static final int AF_RDS = 21;

    /** linux/net_tstamp.h: TX_SOFTWARE, RX_SOFTWARE, SOFTWARE. */
    private static final int SOFTWARE_TIMESTAMPS = 1 << 1 | 1 << 3 | 1 << 4;

    private static final int SEGMENT_BYTES = 1400;

    private KernelProbe() {}

    private interface Attempt {
        void make() throws PosixException;
    }

    private interface SocketAttempt {
        void make(int fd) throws PosixException;
    }

    /** Empty when it works, otherwise why it does not and, where there is one, what helps. */
    private static String tried(Attempt attempt) {
        try {
            attempt.make();
            return "";
        } catch (PosixException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String onSocket(int domain, int type, int protocol, SocketAttempt attempt) {
        return tried(() -> {
            int fd = PosixException.check(
                    "socket", SocketCalls.socket(domain, type | SocketConstants.SOCK_CLOEXEC, protocol));
            try {
                attempt.make(fd);
            } finally {
                Sockets.close(fd);
            }
        });
    }

    private static String onTcp(SocketAttempt attempt) {
        return tried(() -> {
            SocketPair pair = SocketPair.tcp();
            try {
                attempt.make(pair.first());
            } finally {
                Sockets.reset(pair.first());
                Sockets.reset(pair.second());
            }
        });
    }

    /** TLS of the kernel, whatever the cipher; the empty text, or why not. */
    public static String tls() {
        String why = onTcp(KernelTls::enable);
        return why.isEmpty() ? "" : why + "; the kernel has no TLS, or its module is not loaded: modprobe tls";
    }

    /** One version and cipher of TLS, both ways. */
    public static String tls(KernelTls.Version version, KernelTls.Cipher cipher) {
        return onTcp(fd -> {
            KernelTls.enable(fd);
            byte[] material = new byte[cipher.materialBytes()];
            KernelTls.install(fd, KernelTls.Way.TRANSMIT, version, cipher, material);
            KernelTls.install(fd, KernelTls.Way.RECEIVE, version, cipher, material);
        });
    }

    /** TLS_RX_EXPECT_NO_PAD. */
    public static String tlsNoPad() {
        return onTcp(fd -> {
            KernelTls.Cipher cipher = KernelTls.Cipher.AES_GCM_128;
            KernelTls.enable(fd);
            KernelTls.install(
                    fd,
                    KernelTls.Way.RECEIVE,
                    KernelTls.Version.TLS_1_3,
                    cipher,
                    new byte[cipher.materialBytes()]);
            KernelTls.setExpectNoPad(fd, true);
        });
    }

    /** An io_uring as the engine needs it. */
    public static String ioUring() {
        return tried(() -> IoUring.create().close());
    }

    /**
     * How this kernel's rings work, as its header spells it: which of the flags that spare work are set.
     *
     * @throws PosixException when there are none
     */
    public static String ioUringSetup() {
        try (IoUring ring = IoUring.create()) {
            return ring.setupNames();
        }
    }

    /** Any number of receives for one request, into buffers that the kernel picks: Linux 6.0. */
    public static String ioUringMultishotReceive() {
        return onTcp(fd -> {
            try (IoUring ring = IoUring.create();
                    BufferRing buffers = BufferRing.register(ring, (short) 1, 1, 1)) {
                ring.register(fd);
                ring.receiveMany(1, buffers.group());
                PosixException.check("io_uring_enter", ring.enter(0, 0));
                if (ring.take()) {
                    // Nothing was sent to it: it has not begun to wait.
                    throw new PosixException(
                            "io_uring receive", -ring.result(), "it goes on by itself since Linux 6.0");
                }
            }
        });
    }

    /** IORING_OP_SEND_ZC. */
    public static String ioUringZerocopySend() {
        return ioUringKnows(IoUring.OP_SEND_ZC, "6.0");
    }

    /** IORING_OP_RECV_ZC, as an operation: whether a device can do it is another matter. */
    public static String ioUringZerocopyReceive() {
        return ioUringKnows(IoUring.OP_RECV_ZC, "6.15");
    }

    private static String ioUringKnows(int operation, String since) {
        String why = ioUring();
        if (!why.isEmpty()) {
            return why;
        }
        try (IoUring ring = IoUring.create()) {
            return ring.knows(operation) ? "" : "it came with Linux " + since;
        } catch (PosixException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** MSG_ZEROCOPY. */
    public static String zerocopySend() {
        return onTcp(fd -> TcpOptions.setZerocopy(fd, true));
    }

    /** TCP_ZEROCOPY_RECEIVE. */
    public static String zerocopyReceive() {
        return onTcp(fd -> {
            MemorySegment range = MemoryMaps.ofSocket(fd, MemoryMaps.pageBytes());
            try (Arena arena = Arena.ofConfined()) {
                ZerocopyReceive receive = new ZerocopyReceive(arena, range);
                PosixException.check("getsockopt(TCP_ZEROCOPY_RECEIVE)", receive.map(fd, MemoryMaps.pageBytes()));
            } finally {
                MemoryMaps.unmap(range);
            }
        });
    }

    /** SO_BUSY_POLL, which only CAP_NET_ADMIN may raise. */
    public static String busyPoll() {
        return onSocket(SocketConstants.AF_INET, SocketConstants.SOCK_STREAM, 0, fd -> {
            int now = SocketOption.SO_BUSY_POLL.getInt(fd);
            SocketOption.SO_BUSY_POLL.setInt(fd, now + 1);
        });
    }

    /** UDP_SEGMENT. */
    public static String udpSegment() {
        return onSocket(SocketConstants.AF_INET, SocketConstants.SOCK_DGRAM, IPPROTO_UDP, fd ->
                SocketOption.UDP_SEGMENT.setInt(fd, SEGMENT_BYTES));
    }

    /** UDP_GRO. */
    public static String udpGro() {
        return onSocket(SocketConstants.AF_INET, SocketConstants.SOCK_DGRAM, IPPROTO_UDP, fd ->
                SocketOption.UDP_GRO.setInt(fd, 1));
    }

    /** SO_TIMESTAMPING by software. */
    public static String timestamping() {
        return onSocket(SocketConstants.AF_INET, SocketConstants.SOCK_STREAM, 0, fd ->
                SocketOption.SO_TIMESTAMPING.setInt(fd, SOFTWARE_TIMESTAMPS));
    }

    /** One huge page. */
    public static String hugePages() {
        return tried(() -> {
            MemorySegment page = MemoryMaps.hugePages(MemoryMaps.HUGE_PAGE_BYTES);
            page.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            MemoryMaps.unmap(page);
        });
    }

    /** Sockets of SCTP. */
    public static String sctp() {
        return onSocket(SocketConstants.AF_INET, SocketConstants.SOCK_STREAM, IPPROTO_SCTP, _ -> {});
    }

    /** Sockets of RDS. */
    public static String rds() {
        return onSocket(AF_RDS, SocketConstants.SOCK_SEQPACKET, 0, _ -> {});
    }
}
