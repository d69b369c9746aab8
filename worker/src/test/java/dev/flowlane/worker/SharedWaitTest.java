package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What is remembered of events that epoll tells of once, with the kernel's epoll. */
final class SharedWaitTest {
    private static final long PATIENCE_NS = 10_000_000_000L;

    private final Epoll epoll = Epoll.create(4);
    private final SharedWait wait = new SharedWait(epoll, 7);
    private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 20);
    private SocketPair pair;

    @BeforeEach
    void attach() {
        pair = Loopback.tcp();
        Sockets.setBlocking(pair.second(), true);
        wait.attach(pair.first(), false);
        // That it can be written to is an event, too.
        happens(false);
    }

    @AfterEach
    void detach() {
        wait.detach();
        epoll.close();
        Sockets.close(pair.first());
        Sockets.close(pair.second());
    }

    /** Waits for an event, which is one of the socket, and tells it on. */
    private void happens(boolean readable) {
        assertThat(epoll.await(PATIENCE_NS)).isOne();
        assertThat(epoll.token(0)).isEqualTo(7);
        assertThat((epoll.events(0) & Epoll.IN) != 0).isEqualTo(readable);
        wait.happened(epoll.events(0));
    }

    private void peerSends(int bytes) {
        assertThat(FlowSocket.send(pair.second(), buffer, 0, bytes, 0)).isEqualTo(bytes);
    }

    private long receive(int bytes) {
        return FlowSocket.recv(pair.first(), buffer, 0, bytes, FlowSocket.MSG_DONTWAIT);
    }

    @Test
    void aReceiveIsWorthACallOnceForEveryArrival() {
        assertThat(wait.blocked()).isTrue();
        assertThat(wait.takeReadable()).isFalse();
        peerSends(1);
        happens(true);
        assertThat(wait.blocked()).isFalse();
        assertThat(wait.takeReadable()).isTrue();
        assertThat(receive(1)).isOne();
        assertThat(wait.takeReadable()).isFalse();
        wait.block(Epoll.IN);
        assertThat(wait.blocked()).isTrue();
        peerSends(1);
        happens(true);
        assertThat(wait.takeReadable()).isTrue();
    }

    @Test
    void epollSaysNothingOfWhatWasLeftSoItIsRemembered() {
        peerSends(2);
        happens(true);
        assertThat(wait.takeReadable()).isTrue();
        assertThat(receive(1)).isOne();
        assertThat(epoll.await(0)).isZero();
        wait.maybeMore();
        wait.block(Epoll.IN);
        assertThat(wait.blocked()).isFalse();
        assertThat(wait.takeReadable()).isTrue();
        assertThat(receive(1)).isOne();
    }

    @Test
    void whatArrivesWhileThereIsNoRoomIsNotForgotten() {
        while (FlowSocket.send(pair.first(), buffer, 0, 1 << 20, FlowSocket.MSG_DONTWAIT) > 0) {
            // until the peer's window is full
        }
        wait.block(Epoll.OUT);
        assertThat(wait.blocked()).as("no send has found that there is no room").isFalse();
        wait.noRoom();
        wait.block(Epoll.OUT);
        assertThat(wait.blocked()).isTrue();
        peerSends(1);
        assertThat(epoll.await(PATIENCE_NS)).isOne();
        wait.happened(epoll.events(0));
        assertThat(wait.takeReadable()).isTrue();
        assertThat(receive(1)).isOne();

        wait.noRoom();
        wait.block(Epoll.OUT);
        assertThat(wait.blocked()).isTrue();
        for (long left = PATIENCE_NS; wait.blocked() && left > 0; left -= 10_000_000) {
            FlowSocket.recv(pair.second(), buffer, 0, 1 << 20, FlowSocket.MSG_DONTWAIT);
            if (epoll.await(10_000_000) > 0) {
                wait.happened(epoll.events(0));
            }
        }
        assertThat(wait.blocked()).isFalse();
    }

    @Test
    void theEndIsThereForEveryReceive() {
        peerSends(1);
        FlowSocket.shutdownWrite(pair.second());
        happens(true);
        assertThat(wait.takeReadable()).isTrue();
        assertThat(receive(1)).isOne();
        // The end may have come as an event of its own.
        if (epoll.await(100_000_000) > 0) {
            wait.happened(epoll.events(0));
        }
        wait.nothingMore();
        wait.block(Epoll.IN);
        assertThat(wait.blocked()).isFalse();
        assertThat(wait.takeReadable()).isTrue();
        assertThat(receive(1)).isZero();
    }

    @Test
    void aTurnWithoutTrafficLooksAtTheClockWhenSomethingIsDue() {
        assertThat(wait.takeLook()).isFalse();
        wait.unblock();
        assertThat(wait.blocked()).isFalse();
        assertThat(wait.takeLook()).isTrue();
        assertThat(wait.takeLook()).isFalse();
    }
}
