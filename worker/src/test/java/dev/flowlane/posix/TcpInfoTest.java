package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.TcpInfo.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

final class TcpInfoTest {
    private static final int BYTES = 1 << 20;

    @ParameterizedTest
    @MethodSource("dev.flowlane.posix.Loopback#addresses")
    void aRealConnectionsNumbersAddUp(InetAddress address) {
        try (Loopback tcp = Loopback.open(address)) {
            transfer(tcp);

            TcpInfo sender = TcpInfo.read(tcp.client());
            TcpInfo receiver = TcpInfo.read(tcp.server());

            assertThat(sender.length()).isGreaterThanOrEqualTo(232);
            assertThat(sender.get(Field.STATE)).isEqualTo(1);
            assertThat(sender.get(Field.BYTES_SENT)).isEqualTo(BYTES + value(sender, Field.BYTES_RETRANS));
            // The SYN counts as one byte.
            assertThat(sender.get(Field.BYTES_ACKED)).isEqualTo(BYTES + 1);
            assertThat(sender.get(Field.UNACKED_SEGMENTS)).isZero();
            assertThat(sender.get(Field.NOTSENT_BYTES)).isZero();
            assertThat(receiver.get(Field.BYTES_RECEIVED)).isEqualTo(BYTES);
            assertThat(receiver.get(Field.DATA_SEGS_IN)).isPositive();
            assertThat(value(sender, Field.SEGS_OUT)).isGreaterThan(value(sender, Field.DATA_SEGS_OUT));
            assertThat(value(sender, Field.SEGS_OUT)).isGreaterThanOrEqualTo(value(receiver, Field.SEGS_IN));
            assertThat(sender.get(Field.SND_MSS_BYTES)).isBetween(500L, 65536L);
            assertThat(sender.get(Field.PMTU_BYTES)).isBetween(576L, 65536L);
            assertThat(sender.get(Field.RTT_US)).isBetween(1L, 1_000_000L);
            assertThat(value(sender, Field.MIN_RTT_US)).isLessThanOrEqualTo(1_000_000);
            assertThat(sender.get(Field.RTO_US)).isBetween(1_000L, 10_000_000L);
            assertThat(sender.get(Field.SND_CWND_SEGMENTS)).isPositive();
            assertThat(sender.get(Field.DELIVERED_SEGMENTS)).isPositive();
            assertThat(sender.get(Field.SND_WND_BYTES)).isPositive();
            assertThat(sender.get(Field.SND_WSCALE)).isEqualTo(receiver.get(Field.RCV_WSCALE));
            assertThat(receiver.get(Field.SND_WSCALE)).isEqualTo(sender.get(Field.RCV_WSCALE));
            assertThat(sender.get(Field.MAX_PACING_RATE_BYTES_PER_SECOND)).isEqualTo(Long.MAX_VALUE);
            if (sender.length() >= 240) {
                assertThat(receiver.get(Field.RCV_WND_BYTES)).isPositive();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Field.class)
    void aFieldIsKnownExactlyWhenTheKernelsStructureReachesItsEnd(Field field) {
        int first = -1;
        for (int length = 0; length <= 300; length++) {
            boolean known = TcpInfo.of(new byte[length], false).get(field) != null;
            if (known && first < 0) {
                first = length;
            }
            assertThat(known).as("%s in %d bytes", field, length).isEqualTo(first >= 0);
        }
        assertThat(first).isBetween(1, 280);
    }

    @ParameterizedTest
    @CsvSource({
        "192, SNDBUF_LIMITED_US, DELIVERED_SEGMENTS", "232, SND_WND_BYTES, RCV_WND_BYTES",
        "240, REHASH, TOTAL_RTO", "248, TOTAL_RTO_TIME_MS, RECEIVED_CE_SEGMENTS"
    })
    void lengthsOfOlderKernelsEndBehindTheirLastField(int length, Field last, Field next) {
        TcpInfo info = TcpInfo.of(new byte[length]);
        assertThat(info.get(last)).isZero();
        assertThat(info.get(next)).isNull();
    }

    @Test
    void nothingReturnedMeansNothingKnown() {
        TcpInfo info = TcpInfo.of(new byte[0]);
        assertThat(info.length()).isZero();
        assertThat(Arrays.stream(Field.values()).map(info::get)).allMatch(Objects::isNull);
        TcpInfo inBits = TcpInfo.of(new byte[0], true);
        assertThat(Arrays.stream(Field.values()).map(inBits::get)).allMatch(Objects::isNull);
    }

    @Test
    void aNewerKernelsTailIsKeptAndIgnored() {
        byte[] raw = new byte[400];
        raw[399] = 1;
        TcpInfo info = TcpInfo.of(raw, false);
        assertThat(info.length()).isEqualTo(400);
        assertThat(info.toByteArray()).isEqualTo(raw);
        assertThat(info.get(Field.ACCECN_OPT_SEEN)).isZero();
    }

    @Test
    void numbersAreUnsignedAndLittleEndian() {
        byte[] raw = new byte[280];
        Arrays.fill(raw, (byte) 0xff);
        TcpInfo info = TcpInfo.of(raw, false);
        assertThat(info.get(Field.STATE)).isEqualTo(255);
        assertThat(info.get(Field.RTT_US)).isEqualTo(0xffff_ffffL);
        assertThat(info.get(Field.TOTAL_RTO)).isEqualTo(0xffff);
        assertThat(info.get(Field.BYTES_SENT)).isEqualTo(Long.MAX_VALUE);
        assertThat(info.get(Field.SND_WSCALE)).isEqualTo(15);
        assertThat(info.get(Field.FASTOPEN_CLIENT_FAIL)).isEqualTo(3);

        ByteBuffer small = ByteBuffer.allocate(280).order(ByteOrder.LITTLE_ENDIAN);
        small.put(6, (byte) 0xa7).put(7, (byte) 0b101).putInt(68, 1234).putLong(200, 1L << 40);
        TcpInfo other = TcpInfo.of(small.array(), false);
        assertThat(other.get(Field.SND_WSCALE)).isEqualTo(7);
        assertThat(other.get(Field.RCV_WSCALE)).isEqualTo(10);
        assertThat(other.get(Field.DELIVERY_RATE_APP_LIMITED)).isEqualTo(1);
        assertThat(other.get(Field.FASTOPEN_CLIENT_FAIL)).isEqualTo(2);
        assertThat(other.get(Field.RTT_US)).isEqualTo(1234);
        assertThat(other.get(Field.BYTES_SENT)).isEqualTo(1L << 40);
    }

    @Test
    void accurateEcnIsTwoNumbersBeforeLinux7AndBitsSince() {
        ByteBuffer raw = ByteBuffer.allocate(280).order(ByteOrder.LITTLE_ENDIAN).putInt(276, 0x0002_0009);
        TcpInfo words = TcpInfo.of(raw.array(), false);
        assertThat(words.get(Field.ACCECN_FAIL_MODE)).isEqualTo(9);
        assertThat(words.get(Field.ACCECN_OPT_SEEN)).isEqualTo(2);

        // ECN mode 1, options seen 2, failure mode 9.
        raw.putInt(276, 9 << 4 | 2 << 2 | 1);
        TcpInfo bits = TcpInfo.of(raw.array(), true);
        assertThat(bits.get(Field.ACCECN_FAIL_MODE)).isEqualTo(9);
        assertThat(bits.get(Field.ACCECN_OPT_SEEN)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"6.18.44-generic, false", "6.19.0, false", "5.4, false", "7.0.3, true", "10.1-rc1, true", "odd, true"})
    void theKernelsReleaseTellsWhich(String release, boolean inBits) {
        assertThat(TcpInfo.Kernel.accEcnInBits(release)).isEqualTo(inBits);
    }

    @Test
    void columnsAreNamedInLowerCase() {
        assertThat(Field.RTT_US.column()).isEqualTo("rtt_us");
        assertThat(Field.values()).hasSize(70);
    }

    @Test
    void aPartOfASegmentIsCopied() {
        MemorySegment segment = Arena.ofAuto().allocate(512);
        segment.set(JAVA_BYTE, 16, (byte) 10);
        TcpInfo info = TcpInfo.of(segment, 16, 232);
        segment.fill((byte) 0);
        assertThat(info.get(Field.STATE)).isEqualTo(10);
        assertThat(info.length()).isEqualTo(232);
    }

    @Test
    void theKernelCutsToTheRoomItIsOffered() {
        try (Loopback tcp = Loopback.open()) {
            MemorySegment buffer = Arena.ofAuto().allocate(512);
            assertThat(FlowSocket.tcpInfo(tcp.client(), buffer, 0, 104)).isEqualTo(104);
            TcpInfo info = TcpInfo.of(buffer, 0, 104);
            assertThat(info.get(Field.TOTAL_RETRANS_SEGMENTS)).isNotNull();
            assertThat(info.get(Field.PACING_RATE_BYTES_PER_SECOND)).isNull();
        }
    }

    private static long value(TcpInfo info, Field field) {
        return Objects.requireNonNull(info.get(field), field::name);
    }

    private static void transfer(Loopback tcp) {
        MemorySegment buffer = Arena.ofAuto().allocate(1 << 16);
        int sent = 0;
        int received = 0;
        while (received < BYTES) {
            if (sent < BYTES) {
                sent += (int) Math.max(0, FlowSocket.send(tcp.client(), buffer, 0, Math.min(1 << 16, BYTES - sent), 0));
            }
            received += (int) Math.max(0, FlowSocket.recv(tcp.server(), buffer, 0, 1 << 16, 0));
        }
        while (FlowSocket.unacknowledgedBytes(tcp.client()) > 0) {
            FlowSocket.poll(tcp.client(), 0, 1_000_000);
        }
    }
}
