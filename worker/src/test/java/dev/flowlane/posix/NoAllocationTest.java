package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The calls of the flow loop leave nothing for a garbage collector. */
final class NoAllocationTest {
    private final MemorySegment buffer = Arena.ofAuto().allocate(4096);
    private Loopback tcp = Loopback.open();

    /** Keeps results alive without boxing them. */
    private long sink;

    @BeforeEach
    void connect() {
        tcp.close();
        tcp = Loopback.open();
    }

    @AfterEach
    void close() {
        tcp.close();
    }

    @Test
    void sendAndReceive() {
        Sockets.setBlocking(tcp.server(), true);
        assertNothingAllocated(() -> {
            sink += FlowSocket.send(tcp.client(), buffer, 64, 1000, 0);
            sink += FlowSocket.recv(tcp.server(), buffer, 64, 1000, FlowSocket.MSG_WAITALL);
        });
    }

    @Test
    void receiveThatWouldBlock() {
        assertNothingAllocated(() -> sink += FlowSocket.recv(tcp.client(), buffer, 0, 1000, FlowSocket.MSG_DONTWAIT));
    }

    @Test
    void poll() {
        assertNothingAllocated(() -> {
            sink += FlowSocket.poll(tcp.client(), FlowSocket.POLLOUT, 1_000_000);
            sink += FlowSocket.poll(tcp.client(), FlowSocket.POLLIN, 0);
        });
    }

    @Test
    void socketState() {
        assertNothingAllocated(() -> {
            sink += FlowSocket.incomingCpu(tcp.client());
            sink += FlowSocket.unacknowledgedBytes(tcp.client());
            sink += FlowSocket.tcpInfo(tcp.client(), buffer, 0, TcpInfo.BUFFER_BYTES);
        });
    }

    @Test
    void epoll() {
        try (Epoll epoll = Epoll.create(8)) {
            epoll.add(tcp.client(), Epoll.OUT, 17);
            assertNothingAllocated(() -> {
                sink += epoll.await(1_000_000);
                sink += epoll.token(0) + epoll.events(0);
            });
        }
    }

    @Test
    void epollChange() {
        try (Epoll epoll = Epoll.create(8)) {
            epoll.add(tcp.client(), Epoll.OUT, 17);
            assertNothingAllocated(() -> epoll.modify(tcp.client(), Epoll.IN, 18));
        }
    }

    @Test
    void eventFd() {
        try (EventFd event = EventFd.create()) {
            assertNothingAllocated(() -> {
                event.signal();
                sink += event.drain();
                sink += event.drain();
            });
        }
    }

    @Test
    void placeAndTime() {
        assertNothingAllocated(() -> {
            sink += Affinity.currentCpu();
            sink += Affinity.threadId();
            sink += Clock.realtimeNs();
            Rusage.readThread(buffer, 8);
            sink += Rusage.userNs(buffer, 8) + Rusage.systemNs(buffer, 8);
            sink += Rusage.involuntarySwitches(buffer, 8) + Rusage.voluntarySwitches(buffer, 8);
        });
    }

    private void assertNothingAllocated(Runnable call) {
        assertThat(Allocation.ofWarmCalls(call)).isZero();
        assertThat(sink).isNotEqualTo(Long.MIN_VALUE);
    }
}
