package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

final class SocketOptionsTest {
    /** linux/capability.h. */
    private static final int CAP_NET_ADMIN = 12;

    @ParameterizedTest
    @MethodSource("dev.flowlane.posix.Loopback#addresses")
    void whatIsSetIsReadBack(InetAddress address) {
        try (Loopback tcp = Loopback.open(address)) {
            int fd = tcp.client();

            Sockets.setNoDelay(fd, true);
            assertThat(Sockets.noDelay(fd)).isTrue();
            Sockets.setNoDelay(fd, false);
            assertThat(Sockets.noDelay(fd)).isFalse();

            Sockets.setCongestionControl(fd, "reno");
            assertThat(Sockets.congestionControl(fd)).isEqualTo("reno");

            Sockets.setUserTimeout(fd, 1234);
            assertThat(Sockets.userTimeoutMs(fd)).isEqualTo(1234);

            assertThat(Sockets.reuseAddress(tcp.listener())).isTrue();
        }
    }

    @Test
    void listenerOfAnIpv6AddressTakesIpv6Only() {
        try (Loopback tcp = Loopback.open(Loopback.address("::1"))) {
            assertThat(Sockets.v6Only(tcp.listener())).isTrue();
        }
    }

    @Test
    void buffersComeBackAsTheKernelMadeThem() {
        try (Loopback tcp = Loopback.open()) {
            assertThat(Sockets.setSendBuffer(tcp.client(), 50_000)).isEqualTo(100_000);
            assertThat(Sockets.sendBuffer(tcp.client())).isEqualTo(100_000);
            assertThat(Sockets.setReceiveBuffer(tcp.client(), 60_000)).isEqualTo(120_000);
            assertThat(Sockets.receiveBuffer(tcp.client())).isEqualTo(120_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wmem_max", "rmem_max"})
    void aBufferBeyondTheHostsLimitIsForAnAdministratorAlone(String limit) throws Exception {
        Path file = Path.of("/proc/sys/net/core", limit);
        assumeThat(file).as("hidden in a network namespace of its own").exists();
        // Not by readString: such a file tells all at its first read, of which that makes one of a single byte.
        int most = Integer.parseInt(Files.readAllLines(file).getFirst());
        assumeThat(most).isLessThan(1 << 28);
        boolean administrator = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> line.substring("CapEff:".length()).strip())
                .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & (1L << CAP_NET_ADMIN)) != 0);

        try (Loopback tcp = Loopback.open()) {
            int granted = limit.equals("wmem_max")
                    ? Sockets.setSendBuffer(tcp.client(), 2 * most)
                    : Sockets.setReceiveBuffer(tcp.client(), 2 * most);

            assertThat(granted).isEqualTo(administrator ? 4 * most : 2 * most);
        }
    }

    @Test
    void pacingRatesHaveSixtyFourBits() {
        try (Loopback tcp = Loopback.open()) {
            assertThat(Sockets.maxPacingBytesPerSecond(tcp.client())).isEqualTo(Long.MAX_VALUE);
            Sockets.setMaxPacingBytesPerSecond(tcp.client(), 50_000_000_000L);
            assertThat(Sockets.maxPacingBytesPerSecond(tcp.client())).isEqualTo(50_000_000_000L);
            assertThat(TcpInfo.read(tcp.client()).get(TcpInfo.Field.MAX_PACING_RATE_BYTES_PER_SECOND))
                    .isEqualTo(50_000_000_000L);
            Sockets.setMaxPacingBytesPerSecond(tcp.client(), Long.MAX_VALUE);
            assertThat(Sockets.maxPacingBytesPerSecond(tcp.client())).isEqualTo(Long.MAX_VALUE);
            assertThatThrownBy(() -> Sockets.setMaxPacingBytesPerSecond(tcp.client(), 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void timeoutsOfBlockingCallsAreKeptInTicksAndNeverBecomeNone() {
        try (Loopback tcp = Loopback.open()) {
            assertThat(Sockets.receiveTimeoutNs(tcp.client())).isZero();
            Sockets.setReceiveTimeout(tcp.client(), 1_500_000_000L);
            assertThat(Sockets.receiveTimeoutNs(tcp.client())).isBetween(1_500_000_000L, 1_510_000_000L);
            Sockets.setSendTimeout(tcp.client(), 1);
            assertThat(Sockets.sendTimeoutNs(tcp.client())).isPositive();
            Sockets.setSendTimeout(tcp.client(), 0);
            assertThat(Sockets.sendTimeoutNs(tcp.client())).isZero();
        }
    }

    @Test
    void blockingModeIsSwitched() {
        try (Loopback tcp = Loopback.open()) {
            assertThat(Sockets.isBlocking(tcp.client())).isFalse();
            Sockets.setBlocking(tcp.client(), true);
            assertThat(Sockets.isBlocking(tcp.client())).isTrue();
            Sockets.setBlocking(tcp.client(), false);
            assertThat(Sockets.isBlocking(tcp.client())).isFalse();
        }
    }

    @Test
    void anAlgorithmTheKernelDoesNotHaveIsNamed() {
        try (Loopback tcp = Loopback.open()) {
            assertThatThrownBy(() -> Sockets.setCongestionControl(tcp.client(), "nosuch"))
                    .hasMessage("setsockopt(TCP_CONGESTION): ENOENT nosuch");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sixteen-letters-"})
    void anAlgorithmNameThatCannotBeIsRefused(String name) {
        try (Loopback tcp = Loopback.open()) {
            assertThatThrownBy(() -> Sockets.setCongestionControl(tcp.client(), name))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void optionsOfAnotherProtocolAreAnError() {
        SocketPair pair = Sockets.socketPair();
        assertThatThrownBy(() -> Sockets.noDelay(pair.first())).hasMessage("getsockopt(TCP_NODELAY): EOPNOTSUPP");
        assertThatThrownBy(() -> TcpInfo.read(pair.first())).hasMessage("getsockopt(TCP_INFO): EOPNOTSUPP");
        Sockets.close(pair.first());
        Sockets.close(pair.second());
    }
}
