package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

@Timeout(60)
final class ThreadInterruptTest {
    private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 20);
    private final SocketPair pair = Sockets.socketPair();

    @BeforeAll
    static void prepare() {
        ThreadInterrupt.prepare();
        ThreadInterrupt.prepare();
    }

    @AfterEach
    void close() {
        Sockets.close(pair.first());
        Sockets.close(pair.second());
    }

    @Test
    void endsAReceiveThatHasNothing() throws Exception {
        assertThat(interrupted(() -> FlowSocket.recv(pair.first(), buffer, 0, 1, 0))).isEqualTo(-Errno.EINTR);
    }

    @Test
    void endsASendWithWhatItHasDone() throws Exception {
        long sent = interrupted(() -> FlowSocket.send(pair.first(), buffer, 0, 1 << 20, 0));
        assertThat(sent).isBetween(1L, (1L << 20) - 1);
    }

    @Test
    void aThreadThatIsGoneIsNoError() throws Exception {
        CompletableFuture<Integer> threadId = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> threadId.complete(Affinity.threadId()));
        thread.join();
        // Joined in Java is not yet gone in the kernel.
        while (ThreadInterrupt.interrupt(threadId.get())) {
            Thread.onSpinWait();
        }
        assertThat(ThreadInterrupt.interrupt(threadId.get())).isFalse();
    }

    private static long interrupted(LongSupplier call) throws Exception {
        CompletableFuture<Integer> threadId = new CompletableFuture<>();
        CompletableFuture<Long> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            threadId.complete(Affinity.threadId());
            result.complete(call.getAsLong());
        });
        int target = threadId.get();
        try (EventFd never = EventFd.create()) {
            while (!result.isDone()) {
                FlowSocket.poll(never.fd(), FlowSocket.POLLIN, 2_000_000);
                ThreadInterrupt.interrupt(target);
            }
        }
        return result.get();
    }
}
