package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * {@code struct tcp_info} of linux/tcp.h as the kernel returned it. The structure grows with the kernel, at its end: a
 * field beyond the length that was returned is unknown, not 0. Growth so far: 192 bytes in Linux 4.10, 232 in 5.4, 240
 * in 6.2, 248 in 6.7, 280 in 6.18.
 */
public final class TcpInfo {
    /** Room to offer the kernel: more than the 280 bytes of today, so that records of a newer kernel stay whole. */
    public static final int BUFFER_BYTES = 512;

    /**
     * The fields, in the order of the columns of the tcp-stats topic, whose names they carry in upper case. The unit is
     * the last word of the name; counters have none.
     */
    public enum Field {
        STATE(0, 1),
        CA_STATE(1, 1),
        RETRANSMITS(2, 1),
        PROBES(3, 1),
        BACKOFF(4, 1),
        OPTIONS(5, 1),
        SND_WSCALE(6, 0, 4),
        RCV_WSCALE(6, 4, 4),
        DELIVERY_RATE_APP_LIMITED(7, 0, 1),
        FASTOPEN_CLIENT_FAIL(7, 1, 2),
        RTO_US(8, 4),
        ATO_US(12, 4),
        SND_MSS_BYTES(16, 4),
        RCV_MSS_BYTES(20, 4),
        UNACKED_SEGMENTS(24, 4),
        SACKED_SEGMENTS(28, 4),
        LOST_SEGMENTS(32, 4),
        RETRANS_SEGMENTS(36, 4),
        FACKETS_SEGMENTS(40, 4),
        LAST_DATA_SENT_MS(44, 4),
        LAST_ACK_SENT_MS(48, 4),
        LAST_DATA_RECV_MS(52, 4),
        LAST_ACK_RECV_MS(56, 4),
        PMTU_BYTES(60, 4),
        RCV_SSTHRESH_BYTES(64, 4),
        RTT_US(68, 4),
        RTTVAR_US(72, 4),
        SND_SSTHRESH_SEGMENTS(76, 4),
        SND_CWND_SEGMENTS(80, 4),
        ADVMSS_BYTES(84, 4),
        REORDERING_SEGMENTS(88, 4),
        RCV_RTT_US(92, 4),
        RCV_SPACE_BYTES(96, 4),
        TOTAL_RETRANS_SEGMENTS(100, 4),
        PACING_RATE_BYTES_PER_SECOND(104, 8),
        MAX_PACING_RATE_BYTES_PER_SECOND(112, 8),
        BYTES_ACKED(120, 8),
        BYTES_RECEIVED(128, 8),
        SEGS_OUT(136, 4),
        SEGS_IN(140, 4),
        NOTSENT_BYTES(144, 4),
        MIN_RTT_US(148, 4),
        DATA_SEGS_IN(152, 4),
        DATA_SEGS_OUT(156, 4),
        DELIVERY_RATE_BYTES_PER_SECOND(160, 8),
        BUSY_TIME_US(168, 8),
        RWND_LIMITED_US(176, 8),
        SNDBUF_LIMITED_US(184, 8),
        DELIVERED_SEGMENTS(192, 4),
        DELIVERED_CE_SEGMENTS(196, 4),
        BYTES_SENT(200, 8),
        BYTES_RETRANS(208, 8),
        DSACK_DUPS(216, 4),
        REORD_SEEN(220, 4),
        RCV_OOOPACK_SEGMENTS(224, 4),
        SND_WND_BYTES(228, 4),
        RCV_WND_BYTES(232, 4),
        REHASH(236, 4),
        TOTAL_RTO(240, 2),
        TOTAL_RTO_RECOVERIES(242, 2),
        TOTAL_RTO_TIME_MS(244, 4),
        RECEIVED_CE_SEGMENTS(248, 4),
        DELIVERED_E1_BYTES(252, 4),
        DELIVERED_E0_BYTES(256, 4),
        DELIVERED_CE_BYTES(260, 4),
        RECEIVED_E1_BYTES(264, 4),
        RECEIVED_E0_BYTES(268, 4),
        RECEIVED_CE_BYTES(272, 4),
        ACCECN_FAIL_MODE(276, 2),
        ACCECN_OPT_SEEN(278, 2);

        private final int offset;
        private final int widthBytes;
        private final int shift;
        private final long mask;

        /** A whole number of {@code widthBytes}. */
        Field(int offset, int widthBytes) {
            this.offset = offset;
            this.widthBytes = widthBytes;
            this.shift = 0;
            this.mask = -1L >>> (Long.SIZE - widthBytes * Byte.SIZE);
        }

        /** Some bits of one byte, the lowest being bit 0: how little-endian compilers lay bit fields out. */
        Field(int offset, int shift, int bits) {
            this.offset = offset;
            this.widthBytes = 1;
            this.shift = shift;
            this.mask = (1L << bits) - 1;
        }

        /** Name of the column. */
        public String column() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where {@link Field#ACCECN_FAIL_MODE} begins, the last field that has changed its place. */
    private static final int ACCECN_OFFSET = 276;

    private final ByteBuffer raw;
    private final boolean accEcnInBits;

    private TcpInfo(byte[] raw, boolean accEcnInBits) {
        this.raw = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        this.accEcnInBits = accEcnInBits;
    }

    /** Bytes that this machine's kernel returned, all of them; any length. */
    public static TcpInfo of(byte[] raw) {
        return new TcpInfo(raw.clone(), Kernel.ACCECN_IN_BITS);
    }

    /** As {@link #of(byte[])}, of {@code length} bytes at {@code offset}, copied. */
    public static TcpInfo of(MemorySegment segment, long offset, int length) {
        return new TcpInfo(segment.asSlice(offset, length).toArray(JAVA_BYTE), Kernel.ACCECN_IN_BITS);
    }

    /**
     * The state of a connection now.
     *
     * @throws PosixException EOPNOTSUPP when the socket is not TCP's
     */
    public static TcpInfo read(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER_BYTES);
            int length = FlowSocket.tcpInfo(fd, buffer, 0, BUFFER_BYTES);
            return of(buffer, 0, PosixException.check("getsockopt(TCP_INFO)", length));
        }
    }

    /** For a kernel of which it is known how it stores the last two fields. */
    static TcpInfo of(byte[] raw, boolean accEcnInBits) {
        return new TcpInfo(raw.clone(), accEcnInBits);
    }

    /** Bytes the kernel returned. */
    public int length() {
        return raw.capacity();
    }

    /** A copy of what the kernel returned. */
    public byte[] toByteArray() {
        return raw.array().clone();
    }

    /**
     * A field; null when the kernel's structure ends before it. Values that do not fit a signed long, which means "no
     * limit" for the pacing rates, are {@link Long#MAX_VALUE}.
     */
    public @Nullable Long get(Field field) {
        if (accEcnInBits && field.offset >= ACCECN_OFFSET) {
            return accEcnBits(field);
        }
        if (field.offset + field.widthBytes > raw.capacity()) {
            return null;
        }
        long value = switch (field.widthBytes) {
            case Long.BYTES -> saturated(raw.getLong(field.offset));
            case Integer.BYTES -> raw.getInt(field.offset);
            case Short.BYTES -> raw.getShort(field.offset);
            default -> raw.get(field.offset);
        };
        return value >> field.shift & field.mask;
    }

    /**
     * Linux 7.0 packed the two 16-bit numbers of 6.18 into the lowest byte of the same four, without a change of
     * length: ECN mode in bits 0 and 1, options seen in 2 and 3, failure mode in 4 to 7.
     */
    private @Nullable Long accEcnBits(Field field) {
        if (ACCECN_OFFSET + Integer.BYTES > raw.capacity()) {
            return null;
        }
        int bits = raw.getInt(ACCECN_OFFSET);
        return (long) (field == Field.ACCECN_OPT_SEEN ? bits >> 2 & 0x3 : bits >> 4 & 0xf);
    }

    private static long saturated(long unsigned) {
        return unsigned < 0 ? Long.MAX_VALUE : unsigned;
    }

    /** What cannot be read off the structure itself. */
    static final class Kernel {
        /** The JVM has it of uname(2). */
        static final boolean ACCECN_IN_BITS = accEcnInBits(System.getProperty("os.version", ""));

        private Kernel() {}

        /** Of a release such as {@code 6.18.44-generic}; an unreadable one is taken for a new kernel. */
        static boolean accEcnInBits(String release) {
            String major = release.split("\\.", 2)[0];
            return !major.matches("[0-6]");
        }
    }
}
