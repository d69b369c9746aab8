package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

final class ReceiveTimestampsTest {
    private static final long WAIT_NS = 20_000_000;
    private static final long PATIENCE_NS = 60_000_000_000L;

    private final MemorySegment buffer = Arena.ofAuto().allocate(64);
    private final StampedMessage message = new StampedMessage();
    private SocketPair pair;

    @BeforeEach
    void connect() {
        pair = SocketPair.tcp();
        // Or else a send may lie there until the one before is acknowledged, and is stamped after it has returned.
        Sockets.setNoDelay(pair.first(), true);
    }

    @AfterEach
    void close() {
        Sockets.close(pair.first());
        Sockets.close(pair.second());
    }

    private long send(int bytes) {
        return FlowSocket.send(pair.first(), buffer, 0, bytes, 0);
    }

    private long receive() {
        FlowSocket.poll(pair.second(), FlowSocket.POLLIN, PATIENCE_NS);
        return FlowCalls.ofThisThread()
                .receiveStamped(pair.second(), message, buffer, 0, buffer.byteSize(), FlowSocket.MSG_DONTWAIT);
    }

    /** The kernel begins to take timestamps a moment after it was asked. */
    private void askAndAwait() {
        ReceiveTimestamps.ask(pair.second());
        long untilNs = System.nanoTime() + PATIENCE_NS;
        do {
            send(1);
            assertThat(receive()).isEqualTo(1);
        } while (message.stampNs() == 0 && System.nanoTime() - untilNs < 0);
    }

    @Test
    void theStampLiesBetweenSendAndReceiveAndTellsHowLongTheBytesWaited() {
        askAndAwait();

        long beforeNs = Clock.realtimeNs();
        send(7);
        long sentNs = Clock.realtimeNs();
        for (long untilNs = System.nanoTime() + WAIT_NS; System.nanoTime() - untilNs < 0; ) {
            LockSupport.parkNanos(untilNs - System.nanoTime());
        }
        assertThat(receive()).isEqualTo(7);

        assertThat(message.stampNs()).isBetween(beforeNs, sentNs);
        assertThat(Clock.realtimeNs() - message.stampNs()).isGreaterThanOrEqualTo(WAIT_NS);
    }

    @Test
    void nobodyAskedSoThereIsNone() {
        assertThat(ReceiveTimestamps.asked(pair.second())).isFalse();
        send(3);
        assertThat(receive()).isEqualTo(3);
        assertThat(message.stampNs()).isZero();
    }

    @Test
    void aStampIsNotTakenForTheNextCallsToo() {
        askAndAwait();
        assertThat(message.stampNs()).isPositive();

        assertThat(receiveNothing()).isEqualTo(-Errno.EAGAIN);

        assertThat(message.stampNs()).isZero();
    }

    private long receiveNothing() {
        return FlowCalls.ofThisThread()
                .receiveStamped(pair.second(), message, buffer, 0, buffer.byteSize(), FlowSocket.MSG_DONTWAIT);
    }
}
