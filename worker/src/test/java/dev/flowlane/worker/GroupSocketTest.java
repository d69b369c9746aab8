package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Two sockets in one ring, with the kernel's io_uring, and what seldom happens to them. */
final class GroupSocketTest {
    private static final long PATIENCE_NS = 10_000_000_000L;
    private static final long TICK_NS = 1_000_000;
    private static final int MESSAGE_BYTES = 4096;

    private final Epoll epoll = Epoll.create(4);
    private final SharedRing ring = new SharedRing(epoll);
    private final SharedWait oneWait = new SharedWait(epoll, 0);
    private final GroupSocket one = ring.socket(0, oneWait);
    private final GroupSocket other = ring.socket(1, new SharedWait(epoll, 1));
    private final MemorySegment buffer = Arena.ofAuto().allocate(8 << 20);
    private SocketPair pair;
    private SocketPair otherPair;

    @BeforeEach
    void connect() {
        pair = Loopback.tcp();
        otherPair = Loopback.tcp();
        for (int i = 0; i < 100; i++) {
            buffer.set(ValueLayout.JAVA_BYTE, i, (byte) i);
        }
        for (int fd : new int[] {pair.first(), pair.second(), otherPair.first(), otherPair.second()}) {
            Sockets.setBlocking(fd, true);
        }
    }

    @AfterEach
    void close() {
        ring.close();
        epoll.close();
        for (int fd : new int[] {pair.first(), pair.second(), otherPair.first(), otherPair.second()}) {
            Sockets.close(fd);
        }
    }

    private static FlowSettings requests(int bytes) {
        return Settings.requests()
                .messages(bytes, bytes)
                .calls(8 << 10, 8 << 20)
                .together(2, Engine.IO_URING)
                .build();
    }

    /** Bytes, end of file or an error, whatever comes first. */
    private long await(GroupSocket socket) {
        long giveUpNs = System.nanoTime() + PATIENCE_NS;
        long n = socket.receive(buffer, MESSAGE_BYTES, 0);
        while (n == FlowConnection.NOT_NOW && System.nanoTime() - giveUpNs < 0) {
            ring.await(TICK_NS);
            n = socket.receive(buffer, MESSAGE_BYTES, 0);
        }
        return n;
    }

    @Test
    void everySocketHasItsOwnBytesInOrderAlsoWhenAllBuffersAreTaken() {
        // A buffer has one byte of these messages.
        one.attach(pair.first(), requests(1));
        other.attach(otherPair.first(), requests(1));
        assertThat(one.receive(buffer, 1, 0)).isEqualTo(FlowConnection.NOT_NOW);
        assertThat(other.receive(buffer, 1, 0)).isEqualTo(FlowConnection.NOT_NOW);
        ring.await(TICK_NS);
        for (int i = 0; i < 30; i++) {
            assertThat(FlowSocket.send(pair.second(), buffer, 0, 100, 0)).isEqualTo(100);
        }
        assertThat(FlowSocket.send(otherPair.second(), buffer, 50, 1, 0)).isOne();
        ring.await(TICK_NS);

        for (int i = 0; i < 3000; i++) {
            assertThat(await(one)).isOne();
            assertThat(one.chunk().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) (i % 100));
        }
        assertThat(await(other)).isOne();
        assertThat(other.chunk().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 50);
        one.detach();
        other.detach();
    }

    @Test
    void whatAFormerFlowHadIsNotTheNextOnes() {
        one.attach(pair.first(), requests(100));
        other.attach(otherPair.first(), requests(100));
        assertThat(FlowSocket.send(pair.second(), buffer, 0, 100, 0)).isEqualTo(100);
        assertThat(one.receive(buffer, 100, 0)).isEqualTo(FlowConnection.NOT_NOW);
        other.detach();
        one.detach();

        one.attach(otherPair.first(), requests(100));
        assertThat(FlowSocket.send(otherPair.second(), buffer, 7, 1, 0)).isOne();
        assertThat(await(one)).isOne();
        assertThat(one.chunk().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
        Sockets.close(otherPair.second());
        otherPair = new SocketPair(otherPair.first(), Loopback.tcp().second());
        assertThat(await(one)).isZero();
        assertThat(await(one)).isZero();
        one.detach();
        assertThat(ring.inUse()).isFalse();
    }

    @Test
    void aSendThatFellShortIsToldByTheNextReceiveAndCounted() {
        int bytes = 8 << 20;
        one.attach(pair.first(), requests(bytes));
        assertThat(one.sendAhead(buffer, 0, bytes, 0)).isEqualTo(bytes);
        assertThat(one.sendAhead(buffer, 0, bytes, 0)).isEqualTo(FlowConnection.NOT_NOW);
        ring.await(TICK_NS);
        // A reset: it has not read what has come.
        Sockets.close(pair.second());
        pair = new SocketPair(pair.first(), Loopback.tcp().second());

        assertThat(await(one)).isNegative().isNotEqualTo(FlowConnection.NOT_NOW);
        long unsent = one.takeUnsent();
        assertThat(unsent).isPositive().isLessThanOrEqualTo(bytes);
        assertThat(one.takeUnsent()).isZero();
        assertThat(one.cancel()).isZero();
        one.detach();
    }

    @Test
    void whatIsCancelledIsTakenOffTheBooksAndTheRestIsThere() {
        int bytes = 8 << 20;
        one.attach(pair.first(), requests(bytes));
        assertThat(one.sendAhead(buffer, 0, bytes, 0)).isEqualTo(bytes);
        ring.await(TICK_NS);
        long sent = bytes + one.cancel();
        assertThat(sent).isPositive().isLessThan(bytes);
        // It was this end's wish, and no failure of the connection.
        assertThat(one.receive(buffer, MESSAGE_BYTES, 0)).isEqualTo(FlowConnection.NOT_NOW);
        assertThat(one.cancel()).isZero();
        long received = 0;
        FlowSocket.shutdownWrite(pair.first());
        for (long n = 1; n > 0; received += n) {
            n = FlowSocket.recv(pair.second(), buffer, 0, 1 << 20, 0);
        }
        assertThat(received).isEqualTo(sent);
        one.detach();
    }

    @Test
    void aStreamIsCountedAsItIsTaken() {
        int bytes = 8 << 20;
        FlowSettings stream = Settings.stream()
                .calls(64 << 10, bytes)
                .together(2, Engine.IO_URING)
                .build();
        one.attach(pair.first(), stream);
        oneWait.noRoom();
        assertThat(one.send(buffer, 0, bytes, 0)).isEqualTo(FlowConnection.NOT_NOW);
        oneWait.block(Epoll.OUT);
        assertThat(oneWait.blocked()).isTrue();
        long giveUpNs = System.nanoTime() + PATIENCE_NS;
        while (oneWait.blocked() && System.nanoTime() - giveUpNs < 0) {
            ring.await(TICK_NS);
        }
        assertThat(one.send(buffer, 0, bytes, 0)).isPositive();
        one.detach();
    }
}
