package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.security.auth.module.UnixSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Set;

final class UnixSeqpacketTest {
    private final MemorySegment buffer = Arena.ofAuto().allocate(1024);
    private final SocketPair pair = UnixSeqpacket.pair();

    @AfterEach
    void close() {
        Sockets.close(pair.first());
        Sockets.close(pair.second());
    }

    @Test
    void messagesKeepTheirBoundaries() {
        assertThat(UnixSeqpacket.send(pair.first(), new byte[] {1, 2, 3}, -1)).isTrue();
        assertThat(UnixSeqpacket.send(pair.first(), new byte[] {4}, -1)).isTrue();

        assertThat(UnixSeqpacket.receive(pair.second(), buffer)).isEqualTo(new UnixSeqpacket.Received(3, -1, -1));
        assertThat(buffer.get(JAVA_BYTE, 2)).isEqualTo((byte) 3);
        assertThat(UnixSeqpacket.receive(pair.second(), buffer)).isEqualTo(new UnixSeqpacket.Received(1, -1, -1));
        assertThat(buffer.get(JAVA_BYTE, 0)).isEqualTo((byte) 4);
    }

    @Test
    void aTcpConnectionIsPassedAndUsable() {
        try (Loopback tcp = Loopback.open()) {
            UnixSeqpacket.send(pair.first(), new byte[] {1}, tcp.client());
            UnixSeqpacket.Received received = UnixSeqpacket.receive(pair.second(), buffer);

            assertThat(received.length()).isEqualTo(1);
            assertThat(received.passedFd()).isPositive().isNotEqualTo(tcp.client());
            assertThat(Sockets.localAddress(received.passedFd())).isEqualTo(Sockets.localAddress(tcp.client()));
            FlowSocket.send(received.passedFd(), buffer, 0, 7, 0);
            Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);
            assertThat(FlowSocket.recv(tcp.server(), buffer, 0, 100, 0)).isEqualTo(7);
            Sockets.close(received.passedFd());
        }
    }

    @Test
    void aPassedDescriptorIsClosedOnExec() {
        try (EventFd event = EventFd.create()) {
            UnixSeqpacket.send(pair.first(), new byte[] {1}, event.fd());
            int passed = UnixSeqpacket.receive(pair.second(), buffer).passedFd();
            int getFd = 1;
            assertThat(FileCalls.fcntl(passed, getFd, 0)).isEqualTo(1);
            Sockets.close(passed);
        }
    }

    @Test
    void aMessageTooLargeForTheBufferIsAnErrorAndLeaksNoDescriptor() throws Exception {
        try (EventFd event = EventFd.create()) {
            UnixSeqpacket.send(pair.first(), new byte[2000], event.fd());
            Set<String> before = Descriptors.open();
            assertThatThrownBy(() -> UnixSeqpacket.receive(pair.second(), buffer))
                    .hasMessage("recvmsg: EMSGSIZE buffer of 1024 bytes");
            assertThat(before).containsAll(Descriptors.open());
        }
    }

    @Test
    void twoDescriptorsArriveInTheirOrder() throws Exception {
        try (Loopback tcp = Loopback.open();
                EventFd event = EventFd.create()) {
            UnixSeqpacket.send(pair.first(), new byte[] {1}, tcp.client(), event.fd());

            UnixSeqpacket.Received received = UnixSeqpacket.receive(pair.second(), buffer);

            assertThat(Sockets.localAddress(received.passedFd())).isEqualTo(Sockets.localAddress(tcp.client()));
            assertThatThrownBy(() -> Sockets.localAddress(received.secondFd())).hasMessageContaining("ENOTSOCK");
            Sockets.close(received.passedFd());
            Sockets.close(received.secondFd());
        }
    }

    @Test
    void moreDescriptorsAtOnceAreRefusedAndClosed() throws Exception {
        try (EventFd event = EventFd.create()) {
            CallState state = CallState.current();
            MessageHeader.store(state, buffer.address(), 1);
            MessageHeader.storeDescriptors(state, event.fd(), event.fd());
            // CMSG_LEN(12) in CMSG_SPACE(12): a third descriptor behind the second.
            state.putLong(CallState.MSGHDR + 40, 32);
            state.putLong(CallState.CONTROL, 28);
            state.putInt(CallState.CONTROL + 24, event.fd());
            assertThat(SocketCalls.sendmsg(pair.first(), state.address(CallState.MSGHDR), 0)).isEqualTo(1);
            Set<String> before = Descriptors.open();

            assertThatThrownBy(() -> UnixSeqpacket.receive(pair.second(), buffer)).isInstanceOf(PosixException.class);

            assertThat(before).containsAll(Descriptors.open());
        }
    }

    @Test
    void waitingIsAValue() {
        Sockets.setBlocking(pair.first(), false);
        Sockets.setBlocking(pair.second(), false);
        assertThat(UnixSeqpacket.receive(pair.second(), buffer).length()).isEqualTo(Sockets.WOULD_BLOCK);
        while (UnixSeqpacket.send(pair.first(), buffer, -1)) {
            assertThat(buffer.byteSize()).isPositive();
        }
        assertThat(UnixSeqpacket.receive(pair.second(), buffer).length()).isEqualTo(1024);
    }

    @Test
    void endOfFileIsZeroAndABrokenPipeIsAnError() {
        SocketPair other = UnixSeqpacket.pair();
        Sockets.close(other.second());
        assertThat(UnixSeqpacket.receive(other.first(), buffer)).isEqualTo(new UnixSeqpacket.Received(0, -1, -1));
        assertThatThrownBy(() -> UnixSeqpacket.send(other.first(), buffer, -1)).hasMessage("sendmsg: EPIPE");
        assertThatThrownBy(() -> UnixSeqpacket.send(other.first(), new byte[0], -1))
                .isInstanceOf(IllegalArgumentException.class);
        Sockets.close(other.first());
    }

    @Test
    void aPathIsListenedOnAndConnectedTo(@TempDir Path folder) {
        Path path = folder.resolve("daemon.sock");
        int listener = UnixSeqpacket.listen(path);
        assertThat(UnixSeqpacket.accept(listener)).isEqualTo(Sockets.WOULD_BLOCK);

        int client = UnixSeqpacket.connect(path);
        int server = UnixSeqpacket.accept(listener);

        assertThat(UnixSeqpacket.peer(server))
                .isEqualTo(new UnixSeqpacket.PeerCredentials(
                        Processes.processId(), (int) new UnixSystem().getUid(), (int) new UnixSystem().getGid()));
        UnixSeqpacket.send(client, new byte[] {1}, -1);
        assertThat(UnixSeqpacket.receive(server, buffer).length()).isEqualTo(1);
        Sockets.close(client);
        Sockets.close(server);
        Sockets.close(listener);
    }

    @Test
    void failuresNameThePath(@TempDir Path folder) {
        Path path = folder.resolve("s");
        assertThatThrownBy(() -> UnixSeqpacket.connect(path)).hasMessage("connect: ENOENT " + path);
        int listener = UnixSeqpacket.listen(path);
        assertThatThrownBy(() -> UnixSeqpacket.listen(path)).hasMessage("bind: EADDRINUSE " + path);
        Sockets.close(listener);
        assertThatThrownBy(() -> UnixSeqpacket.connect(path)).hasMessage("connect: ECONNREFUSED " + path);
        assertThatThrownBy(() -> UnixSeqpacket.listen(Path.of("/" + "x".repeat(107))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("108");
    }
}
