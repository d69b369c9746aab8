package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

final class IoUringTest {
    private static final long SEND = 7;
    private static final long RECEIVE = 8;
    private static final long CANCEL = 9;
    private static final long PATIENCE_NS = 60_000_000_000L;

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
    void whatIsLinkedGoesOneAfterTheOtherAndEndsWithWhatFails() {
        try (Loopback tcp = Loopback.open();
                IoUring ring = IoUring.create();
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(64);
            Sockets.setBlocking(tcp.client(), true);
            ring.sendOn(tcp.client(), SEND, buffer, 0, 5, 0);
            ring.thenNext(false);
            ring.receiveOn(-1, RECEIVE, buffer, 0, 64, 0);
            ring.thenNext(false);
            ring.receiveOn(tcp.client(), CANCEL, buffer, 0, 64, 0);
            assertThat(ring.enter(3, PATIENCE_NS)).isZero();
            assertThat(results(ring))
                    .containsExactlyInAnyOrder(SEND + ": 5", RECEIVE + ": -9", CANCEL + ": -" + Errno.ECANCELED);
        }
    }

    private static List<String> results(IoUring ring) {
        List<String> results = new ArrayList<>();
        while (ring.take()) {
            results.add(ring.name() + ": " + ring.result());
        }
        return results;
    }

    @Test
    void oneAcceptBringsManyConnections() {
        int listener = Sockets.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        int first = Sockets.connect(Sockets.localAddress(listener), null);
        int second = Sockets.connect(Sockets.localAddress(listener), null);
        try (IoUring ring = IoUring.create()) {
            ring.accept(listener, RECEIVE, true);
            assertThat(ring.enter(2, PATIENCE_NS)).isZero();
            for (int i = 0; i < 2; i++) {
                assertThat(ring.take()).isTrue();
                assertThat(ring.flags() & IoUring.MORE).isNotZero();
                Sockets.close(ring.result());
            }
        }
        Sockets.close(first);
        Sockets.close(second);
        Sockets.close(listener);
    }

    @Test
    void aSendWithoutACopyCompletesTwice() {
        assumeThat(KernelProbe.ioUringZerocopySend()).isEmpty();
        try (Loopback tcp = Loopback.open();
                IoUring ring = IoUring.create();
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096, 4096);
            Sockets.setBlocking(tcp.client(), true);
            ring.register(tcp.client());
            ring.registerBuffers(buffer, arena.allocate(4096, 4096));
            ring.sendZerocopy(SEND, buffer, 0, 4096, 0, 0);
            assertThat(ring.enter(1, PATIENCE_NS)).isZero();
            assertThat(ring.take()).isTrue();
            assertThat(ring.result()).isEqualTo(4096);
            assertThat(ring.flags() & (IoUring.MORE | IoUring.NOTE)).isEqualTo(IoUring.MORE);
            Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);
            assertThat(FlowSocket.recv(tcp.server(), buffer, 0, 4096, FlowSocket.MSG_WAITALL)).isEqualTo(4096);
            assertThat(ring.enter(1, PATIENCE_NS)).isZero();
            assertThat(ring.take()).isTrue();
            assertThat(ring.flags() & (IoUring.MORE | IoUring.NOTE)).isEqualTo(IoUring.NOTE);
            // Over loopback it was copied after all.
            assertThat(ring.result() & IoUring.NOTE_COPIED).isNotZero();
            ring.unregister();
            ring.unregisterBuffers();
        }
    }

    @Test
    void theKernelPicksBuffersUntilNoneIsLeftAndGoesOnWhenOneIsGivenBack() {
        assumeThat(KernelProbe.ioUringMultishotReceive()).isEmpty();
        try (Loopback tcp = Loopback.open();
                IoUring ring = IoUring.create();
                BufferRing buffers = BufferRing.register(ring, (short) 3, 2, 4);
                Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(64);
            for (int i = 0; i < 10; i++) {
                bytes.set(ValueLayout.JAVA_BYTE, i, (byte) i);
            }
            Sockets.setBlocking(tcp.client(), true);
            assertThat(FlowSocket.send(tcp.server(), bytes, 0, 10, 0)).isEqualTo(10);
            ring.register(tcp.client());
            ring.receiveMany(RECEIVE, buffers.group());
            assertThat(ring.enter(3, PATIENCE_NS)).isZero();
            for (int i = 0; i < 2; i++) {
                assertThat(ring.take()).isTrue();
                assertThat(ring.result()).isEqualTo(4);
                assertThat(buffers.buffer(ring.buffer()).get(ValueLayout.JAVA_BYTE, 1)).isEqualTo((byte) (4 * i + 1));
                buffers.giveBack(ring.buffer());
            }
            assertThat(ring.take()).isTrue();
            assertThat(ring.result()).isEqualTo(-Errno.ENOBUFS);
            assertThat(ring.flags() & IoUring.MORE).isZero();

            ring.receiveMany(RECEIVE, buffers.group());
            assertThat(ring.enter(1, PATIENCE_NS)).isZero();
            assertThat(ring.take()).isTrue();
            assertThat(ring.result()).isEqualTo(2);
            assertThat(ring.flags() & IoUring.MORE).isNotZero();
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
            long sent = fill(tcp.client(), buffer);
            Sockets.setBlocking(tcp.client(), true);
            ring.register(tcp.client());
            ring.send(SEND, buffer, 0, 1 << 16, 0);
            for (int i = 0; i < 20; i++) {
                assertThat(ring.enter(1, 10_000_000)).isZero();
                assertThat(ring.take()).isFalse();
            }
            long received = 0;
            while (received < sent) {
                Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);
                received += FlowSocket.recv(tcp.server(), buffer, 0, 1 << 16, FlowSocket.MSG_DONTWAIT);
            }
            assertThat(ring.enter(1, PATIENCE_NS)).isZero();
            assertThat(ring.take()).isTrue();
            assertThat(ring.result()).isPositive();
            ring.unregister();
        }
    }

    /** Until there is no room and none comes by itself any more, with what is acknowledged late; returns the bytes. */
    private static long fill(int fd, MemorySegment buffer) {
        Sockets.setSendBuffer(fd, 1 << 16);
        long sent = 0;
        while (true) {
            Long underWay = TcpInfo.read(fd).get(TcpInfo.Field.UNACKED_SEGMENTS);
            long n = FlowSocket.send(fd, buffer, 0, 1 << 16, FlowSocket.MSG_DONTWAIT);
            if (n < 0 && Long.valueOf(0).equals(underWay)) {
                return sent;
            }
            sent += Math.max(0, n);
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
