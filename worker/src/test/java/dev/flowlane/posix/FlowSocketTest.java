package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;

final class FlowSocketTest {
    private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 16);

    @ParameterizedTest
    @MethodSource("dev.flowlane.posix.Loopback#addresses")
    void offsetsAreHonouredAtBothEnds(InetAddress address) {
        try (Loopback tcp = Loopback.open(address)) {
            buffer.set(JAVA_BYTE, 100, (byte) 7);
            buffer.set(JAVA_BYTE, 101, (byte) 8);

            assertThat(FlowSocket.send(tcp.client(), buffer, 100, 2, 0)).isEqualTo(2);
            Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);
            assertThat(FlowSocket.recv(tcp.server(), buffer, 200, 50, 0)).isEqualTo(2);

            assertThat(buffer.get(JAVA_BYTE, 199)).isZero();
            assertThat(buffer.get(JAVA_BYTE, 200)).isEqualTo((byte) 7);
            assertThat(buffer.get(JAVA_BYTE, 201)).isEqualTo((byte) 8);
        }
    }

    @Test
    void failuresAreNegativeErrnos() {
        try (Loopback tcp = Loopback.open()) {
            assertThat(FlowSocket.recv(tcp.client(), buffer, 0, 1, 0)).isEqualTo(-Errno.EAGAIN);
            assertThat(FlowSocket.recv(-1, buffer, 0, 1, 0)).isEqualTo(-Errno.EBADF);
            assertThat(FlowSocket.tcpInfo(-1, buffer, 0, 100)).isEqualTo(-Errno.EBADF);
            assertThat(FlowSocket.incomingCpu(-1)).isEqualTo(-Errno.EBADF);
            assertThat(FlowSocket.unacknowledgedBytes(-1)).isEqualTo(-Errno.EBADF);
            assertThat(FlowSocket.shutdownWrite(-1)).isEqualTo(-Errno.EBADF);
        }
    }

    @Test
    void aPeerThatIsGoneIsEpipeWithoutASignal() {
        SocketPair pair = Sockets.socketPair();
        Sockets.close(pair.second());
        assertThat(FlowSocket.send(pair.first(), buffer, 0, 1, 0)).isEqualTo(-Errno.EPIPE);
        assertThat(FlowSocket.recv(pair.first(), buffer, 0, 1, 0)).isZero();
        Sockets.close(pair.first());
    }

    @Test
    void rangesOutsideTheBufferNeverReachTheKernel() {
        long size = buffer.byteSize();
        assertThatThrownBy(() -> FlowSocket.send(-1, buffer, size - 1, 2, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> FlowSocket.recv(-1, buffer, -1, 2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> FlowSocket.recv(-1, buffer, 0, -1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> FlowSocket.tcpInfo(-1, buffer, 0, (int) size + 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> FlowSocket.recv(-1, MemorySegment.ofArray(new byte[8]), 0, 8, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pollTellsWhatHappened() {
        SocketPair pair = Sockets.socketPair();
        int both = FlowSocket.POLLIN | FlowSocket.POLLOUT | FlowSocket.POLLRDHUP;

        assertThat(FlowSocket.poll(pair.first(), FlowSocket.POLLIN, 0)).isZero();
        assertThat(FlowSocket.poll(pair.first(), both, -1)).isEqualTo(FlowSocket.POLLOUT);
        FlowSocket.shutdownWrite(pair.second());
        assertThat(FlowSocket.poll(pair.first(), both, -1)).isEqualTo(both);
        Sockets.close(pair.second());
        assertThat(FlowSocket.poll(pair.first(), 0, -1)).isEqualTo(FlowSocket.POLLHUP);
        Sockets.close(pair.first());
        assertThat(FlowSocket.poll(pair.first(), FlowSocket.POLLIN, 0)).isEqualTo(FlowSocket.POLLNVAL);
    }

    @Test
    void pollWaitsForItsTimeInNanoseconds() {
        SocketPair pair = Sockets.socketPair();
        long startNs = System.nanoTime();

        int happened = FlowSocket.poll(pair.first(), FlowSocket.POLLIN, 2_500_000);

        assertThat(happened).isZero();
        assertThat(System.nanoTime() - startNs).isGreaterThanOrEqualTo(2_500_000);
        Sockets.close(pair.first());
        Sockets.close(pair.second());
    }

    @Test
    void unacknowledgedBytesGoToZeroWhenThePeerHasThem() {
        try (Loopback tcp = Loopback.open()) {
            long sent = 0;
            for (long n = 0; n >= 0; n = FlowSocket.send(tcp.client(), buffer, 0, 1 << 16, 0)) {
                sent += n;
            }
            assertThat(FlowSocket.unacknowledgedBytes(tcp.client())).isBetween(1, (int) sent);
            while (sent > 0) {
                Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);
                sent -= FlowSocket.recv(tcp.server(), buffer, 0, 1 << 16, 0);
            }
            while (FlowSocket.unacknowledgedBytes(tcp.client()) > 0) {
                FlowSocket.poll(tcp.client(), 0, 1_000_000);
            }
            assertThat(FlowSocket.unacknowledgedBytes(tcp.client())).isZero();
        }
    }

    @Test
    void blockingReceiveGivesUpAfterItsTimeout() {
        try (Loopback tcp = Loopback.open()) {
            Sockets.setBlocking(tcp.client(), true);
            Sockets.setReceiveTimeout(tcp.client(), 20_000_000);
            long startNs = System.nanoTime();

            assertThat(FlowSocket.recv(tcp.client(), buffer, 0, 1, 0)).isEqualTo(-Errno.EAGAIN);

            assertThat(System.nanoTime() - startNs).isGreaterThanOrEqualTo(20_000_000);
            assertThat(FlowSocket.recv(tcp.client(), buffer, 0, 1, FlowSocket.MSG_DONTWAIT)).isEqualTo(-Errno.EAGAIN);
        }
    }

    @Test
    void truncatingReceiveCountsAndLeavesTheBufferAlone() {
        try (Loopback tcp = Loopback.open()) {
            buffer.fill((byte) 9);
            FlowSocket.send(tcp.client(), buffer, 0, 1000, 0);
            Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);
            buffer.fill((byte) 0);

            assertThat(FlowSocket.recv(tcp.server(), buffer, 0, 1000, FlowSocket.MSG_TRUNC)).isEqualTo(1000);
            assertThat(buffer.get(JAVA_BYTE, 0)).isZero();
        }
    }
}
