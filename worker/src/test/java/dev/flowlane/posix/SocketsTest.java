package dev.flowlane.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;

final class SocketsTest {
    private static final String ADDRESSES = "dev.flowlane.posix.Loopback#addresses";

    @ParameterizedTest
    @MethodSource(ADDRESSES)
    void bothEndsAgreeOnTheirAddresses(InetAddress address) {
        try (Loopback tcp = Loopback.open(address)) {
            assertThat(Sockets.localAddress(tcp.client())).isEqualTo(Sockets.remoteAddress(tcp.server()));
            assertThat(Sockets.remoteAddress(tcp.client())).isEqualTo(Sockets.localAddress(tcp.server()));
            assertThat(Sockets.localAddress(tcp.client()).getAddress()).isEqualTo(address);
            assertThat(Sockets.localAddress(tcp.client()).getPort()).isPositive();
            assertThat(Sockets.pendingError(tcp.client())).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource(ADDRESSES)
    void bytesArriveThenEndOfFile(InetAddress address) {
        try (Loopback tcp = Loopback.open(address)) {
            ByteBuffer sent = ByteBuffer.allocateDirect(5).put("hello".getBytes(UTF_8)).flip();
            ByteBuffer received = ByteBuffer.allocateDirect(16);

            assertThat(Sockets.write(tcp.client(), sent)).isEqualTo(5);
            Sockets.shutdownWrite(tcp.client());
            Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);

            assertThat(Sockets.read(tcp.server(), received)).isEqualTo(5);
            assertThat(sent.hasRemaining()).isFalse();
            assertThat(received.flip()).isEqualTo(sent.rewind());
            Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);
            assertThat(Sockets.read(tcp.server(), received.clear())).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource(ADDRESSES)
    void incomingCpuIsKnownOnceAPacketCame(InetAddress address) {
        try (Loopback tcp = Loopback.open(address)) {
            assertThat(Sockets.incomingCpu(tcp.client())).isBetween(0, CpuSet.MAX_CPUS);
            assertThat(Sockets.incomingCpu(tcp.server())).isBetween(0, CpuSet.MAX_CPUS);
            assertThat(Sockets.incomingCpu(tcp.listener())).isGreaterThanOrEqualTo(-1);
        }
    }

    @Test
    void callsThatWouldWaitSaySo() {
        try (Loopback tcp = Loopback.open()) {
            assertThat(Sockets.read(tcp.client(), ByteBuffer.allocateDirect(1))).isEqualTo(Sockets.WOULD_BLOCK);
            assertThat(Sockets.accept(tcp.listener())).isEqualTo(Sockets.WOULD_BLOCK);
            ByteBuffer much = ByteBuffer.allocateDirect(1 << 20);
            int last = 0;
            while (last != Sockets.WOULD_BLOCK) {
                last = Sockets.write(tcp.client(), much.clear());
            }
            assertThat(much.position()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource(ADDRESSES)
    void refusedConnectionTellsByPendingErrorOrAtOnce(InetAddress address) throws IOException {
        // Somebody's who does not listen: a port that is free may be the next one's, or this connection's own.
        try (Socket bound = new Socket()) {
            bound.bind(new InetSocketAddress(address, 0));

            int client = Sockets.connect(new InetSocketAddress(address, bound.getLocalPort()), null);
            Loopback.awaitReady(client, FlowSocket.POLLOUT);

            assertThat(Sockets.pendingError(client)).isEqualTo(Errno.ECONNREFUSED);
            Sockets.close(client);
        }
    }

    @Test
    void failuresNameTheAddress() {
        try (Loopback tcp = Loopback.open()) {
            InetSocketAddress taken = Sockets.localAddress(tcp.listener());
            assertThatThrownBy(() -> Sockets.listen(taken, 1))
                    .isInstanceOf(PosixException.class)
                    .hasMessageEndingWith(": EADDRINUSE 127.0.0.1:" + taken.getPort());
        }
        InetSocketAddress elsewhere = new InetSocketAddress(Loopback.address("192.0.2.1"), 7411);
        assertThatThrownBy(() -> Sockets.listen(elsewhere, 1)).hasMessage("bind: EADDRNOTAVAIL 192.0.2.1:7411");
    }

    @Test
    void familiesThatDoNotFitAreRefused() {
        InetSocketAddress remote = new InetSocketAddress(Loopback.address("127.0.0.1"), 7411);
        InetSocketAddress local = new InetSocketAddress(Loopback.address("::1"), 0);
        assertThatThrownBy(() -> Sockets.connect(remote, local))
                .isInstanceOf(PosixException.class)
                .hasMessageStartingWith("bind: EAFNOSUPPORT [::1]:0");
    }

    @Test
    void aNameThatIsNotResolvedIsRefused() {
        assertThatThrownBy(() -> Sockets.listen(InetSocketAddress.createUnresolved("localhost", 0), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("localhost");
    }

    @Test
    void theSameFourTupleCanBeUsedAgainAtOnce() {
        // Nobody else's address: the kernel may choose a port that somebody has a connection to elsewhere from.
        InetAddress address = Loopback.address("127.83.17.5");
        int listener = Sockets.listen(new InetSocketAddress(address, 0), 16);
        InetSocketAddress remote = Sockets.localAddress(listener);
        int first = Sockets.connect(remote, new InetSocketAddress(address, 0));
        Loopback.awaitReady(listener, FlowSocket.POLLIN);
        int firstServer = Sockets.accept(listener);
        InetSocketAddress local = Sockets.localAddress(first);
        // The client closes first and is left in TIME_WAIT.
        Sockets.close(first);
        Loopback.awaitReady(firstServer, FlowSocket.POLLIN);
        Sockets.close(firstServer);

        int second = Sockets.connect(remote, local);
        Loopback.awaitReady(second, FlowSocket.POLLOUT);

        assertThat(Sockets.pendingError(second)).isZero();
        assertThat(Sockets.localAddress(second)).isEqualTo(local);
        Sockets.close(second);
        Sockets.close(listener);
    }

    @Test
    void resetReachesThePeer() {
        try (Loopback tcp = Loopback.open()) {
            int extra = Sockets.connect(Sockets.localAddress(tcp.listener()), null);
            Loopback.awaitReady(tcp.listener(), FlowSocket.POLLIN);
            int peer = Sockets.accept(tcp.listener());

            Sockets.reset(extra);
            Loopback.awaitReady(peer, FlowSocket.POLLIN);

            assertThatThrownBy(() -> Sockets.read(peer, ByteBuffer.allocateDirect(1)))
                    .hasMessage("recv: ECONNRESET");
            Sockets.close(peer);
        }
    }

    @Test
    void writingToAPeerThatIsGoneIsAnErrorAndNoSignal() {
        SocketPair pair = Sockets.socketPair();
        Sockets.close(pair.second());
        assertThatThrownBy(() -> Sockets.write(pair.first(), ByteBuffer.allocateDirect(1))).hasMessage("send: EPIPE");
        Sockets.close(pair.first());
    }

    @Test
    void memoryOfTheJavaHeapIsRefused() {
        try (Loopback tcp = Loopback.open()) {
            assertThatThrownBy(() -> Sockets.write(tcp.client(), ByteBuffer.allocate(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aDescriptorClosedTwiceIsAnError() {
        SocketPair pair = Sockets.socketPair();
        Sockets.close(pair.first());
        Sockets.close(pair.second());
        assertThatThrownBy(() -> Sockets.close(pair.second())).hasMessage("close: EBADF fd " + pair.second());
        assertThatThrownBy(() -> Sockets.remoteAddress(-1)).hasMessage("getpeername: EBADF");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1:7411",
        "::1, [::1]:7411",
        "::, [::]:7411",
        "fd00::2, [fd00::2]:7411",
        "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]:7411",
        "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:7411",
        "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]:7411",
        "fe80::, [fe80::]:7411"
    })
    void addressesReadAsPeopleWriteThem(String literal, String text) {
        assertThat(SocketAddresses.text(new InetSocketAddress(Loopback.address(literal), 7411))).isEqualTo(text);
    }

    @Test
    void addressesSurviveTheirStructure() throws UnknownHostException {
        InetAddress scoped = Inet6Address.getByAddress(null, Loopback.address("fe80::12").getAddress(), 3);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(SocketAddresses.MAX_BYTES);
            for (InetAddress address : List.of(Loopback.address("10.1.2.3"), Loopback.address("fd00::2"), scoped)) {
                InetSocketAddress given = new InetSocketAddress(address, 65535);
                SocketAddresses.store(given, place);
                assertThat(SocketAddresses.load(place)).isEqualTo(given);
            }
        }
        assertThat(SocketAddresses.text(new InetSocketAddress(scoped, 1))).isEqualTo("[fe80::12%3]:1");
    }
}
