package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

final class IoUringTest {
    private static final long SEND = 7;
    private static final long RECEIVE = 8;
    private static final long CANCEL = 9;
    private static final long PATIENCE_NS = 10_000_000_000L;

    @Test
    void aSendAndAReceiveAreHandedOverTogetherAndKeepTheirNames() {
        try (Loopback tcp = Loopback.open();
                IoUring ring = IoUring.create();
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(64);
            buffer.set(ValueLayout.JAVA_BYTE, 3, (byte) 42);
            Sockets.setBlocking(tcp.client(), true);
            ring.register(tcp.client());
            ring.send(SEND, buffer, 3, 1, 0);
            ring.receive(RECEIVE, buffer, 10, 20, 0);

            assertThat(ring.enter(1, PATIENCE_NS)).isZero();
            assertThat(ring.take()).isTrue();
            assertThat(ring.name()).isEqualTo(SEND);
            assertThat(ring.result()).isEqualTo(1);
            assertThat(ring.take()).isFalse();

            Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);
            assertThat(FlowSocket.recv(tcp.server(), buffer, 0, 64, 0)).isEqualTo(1);
            assertThat(buffer.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 42);
            assertThat(FlowSocket.send(tcp.server(), buffer, 0, 5, 0)).isEqualTo(5);
            assertThat(ring.enter(1, PATIENCE_NS)).isZero();
            assertThat(ring.take()).isTrue();
            assertThat(ring.name()).isEqualTo(RECEIVE);
            assertThat(ring.result()).isEqualTo(5);
            assertThat(buffer.get(ValueLayout.JAVA_BYTE, 10)).isEqualTo((byte) 42);
            ring.unregister();
        }
    }

    @Test
    void aWaitEndsWhenItsTimeIsUpAndWhatIsUnderWayCanBeCancelled() {
        try (Loopback tcp = Loopback.open();
                IoUring ring = IoUring.create();
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(64);
            Sockets.setBlocking(tcp.client(), true);
            ring.register(tcp.client());
            ring.receive(RECEIVE, buffer, 0, 64, 0);
            long startedNs = System.nanoTime();
            assertThat(ring.enter(1, 3_000_000)).isZero();
            assertThat(System.nanoTime() - startedNs).isGreaterThanOrEqualTo(3_000_000);
            assertThat(ring.take()).isFalse();

            ring.cancel(CANCEL, RECEIVE);
            assertThat(ring.enter(2, PATIENCE_NS)).isZero();
            int cancelled = 0;
            while (ring.take()) {
                if (ring.name() == RECEIVE) {
                    assertThat(ring.result()).isEqualTo(-Errno.ECANCELED);
                    cancelled++;
                }
            }
            assertThat(cancelled).isEqualTo(1);
            ring.unregister();
        }
    }

    @Test
    void aSendThatHadToWaitForRoomForLongGoesOnWhenThereIsSome() {
        try (Loopback tcp = Loopback.open();
                IoUring ring = IoUring.create();
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(1 << 16);
            long sent = 0;
            for (long n = 1; n > 0; n = FlowSocket.send(tcp.client(), buffer, 0, 1 << 16, FlowSocket.MSG_DONTWAIT)) {
                sent += n;
            }
            Sockets.setBlocking(tcp.client(), true);
            ring.register(tcp.client());
            ring.send(SEND, buffer, 0, 1 << 16, 0);
            for (int i = 0; i < 20; i++) {
                assertThat(ring.enter(1, 10_000_000)).isZero();
                assertThat(ring.take()).isFalse();
            }
            long received = 0;
            while (received < sent - 1) {
                Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);
                received += FlowSocket.recv(tcp.server(), buffer, 0, 1 << 16, FlowSocket.MSG_DONTWAIT);
            }
            assertThat(ring.enter(1, PATIENCE_NS)).isZero();
            assertThat(ring.take()).isTrue();
            assertThat(ring.result()).isPositive();
            ring.unregister();
        }
    }

    @Test
    void theRingsGoRoundManyTimesAndNothingIsAllocated() {
        try (Loopback tcp = Loopback.open();
                IoUring ring = IoUring.create();
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(64);
            Sockets.setBlocking(tcp.client(), true);
            Sockets.setBlocking(tcp.server(), true);
            ring.register(tcp.client());
            assertThat(Allocation.ofWarmCalls(() -> {
                ring.send(SEND, buffer, 0, 8, 0);
                boolean completed = ring.enter(1, PATIENCE_NS) == 0 && ring.take() && ring.result() == 8;
                if (!completed || FlowSocket.recv(tcp.server(), buffer, 0, 8, FlowSocket.MSG_WAITALL) != 8) {
                    throw new IllegalStateException("a send was lost");
                }
            })).isZero();
            ring.unregister();
        }
    }
}
