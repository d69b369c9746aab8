package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/**
 * Signals interrupt waits (poll and epoll_wait are never restarted by the kernel, signal(7)); callers do not notice.
 */
final class SignalTest {
    private static final MethodHandle TGKILL = Libc.capturing("tgkill");
    private static final MethodHandle SIGNAL = Libc.plain("signal");
    private static final int SIGUSR1 = 10;
    private static final long TIMEOUT_NS = 100_000_000;

    /** A handler has to be native code that takes an int and does no harm: abs. */
    @BeforeAll
    static void handleTheSignal() {
        long handler = Linker.nativeLinker().defaultLookup().findOrThrow("abs").address();
        long before = Libc.callPlain(SIGNAL, SIGUSR1, handler);
        assertThat(before).isZero();
    }

    @Test
    void pollGoesOnForTheRestOfItsTime() throws Exception {
        try (EventFd event = EventFd.create()) {
            assertWaitsInSpiteOfSignals(() -> FlowSocket.poll(event.fd(), FlowSocket.POLLIN, TIMEOUT_NS));
        }
    }

    @Test
    void epollGoesOnForTheRestOfItsTime() throws Exception {
        try (Epoll epoll = Epoll.create(1)) {
            assertWaitsInSpiteOfSignals(() -> epoll.await(TIMEOUT_NS));
        }
    }

    @Test
    void olderEpollGoesOnForTheRestOfItsTime() throws Exception {
        int epoll = PollCalls.epollCreate();
        MemorySegment place = Arena.ofAuto().allocate(16, 8);
        assertWaitsInSpiteOfSignals(() -> PollCalls.epollWait(epoll, place.address(), 1, TIMEOUT_NS));
        Sockets.close(epoll);
    }

    private static void assertWaitsInSpiteOfSignals(IntSupplier waiting) throws Exception {
        Outcome outcome = signalled(waiting);
        assertThat(outcome.result()).isZero();
        assertThat(outcome.lastedNs()).isGreaterThanOrEqualTo(TIMEOUT_NS);
    }

    private record Outcome(int result, long lastedNs) {}

    /** Makes a call on a thread that gets a few signals within its first tens of milliseconds. */
    private static Outcome signalled(IntSupplier call) throws Exception {
        CompletableFuture<Integer> threadId = new CompletableFuture<>();
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            threadId.complete(Affinity.threadId());
            long startNs = System.nanoTime();
            int result = call.getAsInt();
            outcome.complete(new Outcome(result, System.nanoTime() - startNs));
        });
        int target = threadId.get();
        try (EventFd never = EventFd.create()) {
            for (int i = 0; i < 10; i++) {
                FlowSocket.poll(never.fd(), FlowSocket.POLLIN, 5_000_000);
                // On a busy machine the thread may be through, and gone, before the last signal.
                assertThat(signal(target) || outcome.isDone()).isTrue();
            }
        }
        return outcome.get();
    }

    /** False when there is no such thread. */
    private static boolean signal(int threadId) {
        return (int) Libc.call(TGKILL, CallState.current(), Processes.processId(), threadId, SIGUSR1) == 0;
    }
}
