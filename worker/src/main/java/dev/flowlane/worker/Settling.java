package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.Outcome;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A few one-byte echoes before anything is measured. Where the receive CPU follows the application (RFS) or the sender
 * (loopback), the kernel moves the flow only once its pinned threads have used the socket: after settling,
 * SO_INCOMING_CPU is what the flow will really have.
 */
final class Settling {
    static final int ECHOES = 16;

    /** Not a byte that traffic could begin with: the pattern's byte 0 is 1, the mark is 0. */
    static final byte PING = (byte) 0xA5;

    private static final long SLICE_NS = 20_000_000;

    private final Flow flow;
    private final MemorySegment scratch;
    private final long giveUpNs;

    private Settling(Flow flow, MemorySegment scratch) {
        this.flow = flow;
        this.scratch = scratch;
        this.giveUpNs = System.nanoTime() + flow.settings().settleTimeoutNs();
    }

    /**
     * Settles one end; the peer must do the same within its time-out. Sleeps while it waits, whatever the engine.
     *
     * @param scratch at least one byte
     * @return null when settled, otherwise how the flow end has ended
     */
    static Flow.@Nullable End settle(Flow flow, MemorySegment scratch) {
        return new Settling(flow, scratch).run();
    }

    private Flow.@Nullable End run() {
        for (int i = 0; i < ECHOES; i++) {
            Flow.End failure =
                    switch (flow.role()) {
                        case SOURCE -> firstOf(this::say, this::hear);
                        case DESTINATION -> firstOf(this::hear, this::say);
                    };
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }

    private interface Step {
        Flow.@Nullable End take();
    }

    private static Flow.@Nullable End firstOf(Step first, Step second) {
        Flow.End failure = first.take();
        return failure != null ? failure : second.take();
    }

    private Flow.@Nullable End say() {
        while (true) {
            scratch.set(ValueLayout.JAVA_BYTE, 0, PING);
            long n = FlowSocket.send(flow.fd(), scratch, 0, 1, FlowSocket.MSG_DONTWAIT);
            if (n == 1) {
                return null;
            }
            Flow.End failure = waited("send", n, FlowSocket.POLLOUT);
            if (failure != null) {
                return failure;
            }
        }
    }

    private Flow.@Nullable End hear() {
        while (true) {
            long n = FlowSocket.recv(flow.fd(), scratch, 0, 1, FlowSocket.MSG_DONTWAIT);
            if (n == 1) {
                byte got = scratch.get(ValueLayout.JAVA_BYTE, 0);
                return got == PING ? null : end(Outcome.ERROR, "peer sent byte " + got + " instead of settling");
            }
            if (n == 0) {
                return end(Outcome.PEER_GONE, "peer closed the connection while settling");
            }
            Flow.End failure = waited("recv", n, FlowSocket.POLLIN);
            if (failure != null) {
                return failure;
            }
        }
    }

    private Flow.@Nullable End waited(String call, long result, int event) {
        if (result != -Errno.EAGAIN) {
            return end(Outcome.PEER_GONE, "settling: " + call + ": " + Errno.name((int) -result));
        }
        if (flow.stopRequested()) {
            return end(Outcome.NEVER_STARTED, flow.stopReason());
        }
        long leftNs = giveUpNs - System.nanoTime();
        if (leftNs <= 0) {
            return end(
                    Outcome.TIMED_OUT,
                    "peer did not settle within " + flow.settings().settleTimeoutNs() / 1_000_000 + " ms");
        }
        FlowSocket.poll(flow.fd(), event, Math.min(SLICE_NS, leftNs));
        return null;
    }

    private static Flow.End end(Outcome outcome, @Nullable String message) {
        return new Flow.End(outcome, message, null);
    }
}
