package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
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

    /** Bytes said and heard so far; the source says the first one. */
    private int moved;

    private Flow.@Nullable End failure;

    /** @param scratch at least one byte */
    Settling(Flow flow, MemorySegment scratch) {
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
        Settling settling = new Settling(flow, scratch);
        while (!settling.over()) {
            FlowSocket.poll(flow.fd(), settling.says() ? FlowSocket.POLLOUT : FlowSocket.POLLIN, SLICE_NS);
        }
        return settling.failure();
    }

    /** Goes on as far as it can without waiting; true when settled, or failed. */
    boolean over() {
        while (moved < 2 * ECHOES && failure == null) {
            long n = says() ? say() : hear();
            if (n == 1) {
                moved++;
            } else if (failure == null) {
                failure = waited(says() ? "send" : "recv", n);
                return failure != null;
            }
        }
        return true;
    }

    /** How the flow end has ended; null when it is settled. */
    Flow.@Nullable End failure() {
        return failure;
    }

    private boolean says() {
        return (moved % 2 == 0) == (flow.role() == Role.SOURCE);
    }

    private long say() {
        scratch.set(ValueLayout.JAVA_BYTE, 0, PING);
        return FlowSocket.send(flow.fd(), scratch, 0, 1, FlowSocket.MSG_DONTWAIT);
    }

    private long hear() {
        long n = FlowSocket.recv(flow.fd(), scratch, 0, 1, FlowSocket.MSG_DONTWAIT);
        if (n == 0) {
            failure = end(Outcome.PEER_GONE, "peer closed the connection while settling");
        } else if (n == 1 && scratch.get(ValueLayout.JAVA_BYTE, 0) != PING) {
            failure = end(
                    Outcome.ERROR,
                    "peer sent byte " + scratch.get(ValueLayout.JAVA_BYTE, 0) + " instead of settling");
        }
        return n;
    }

    private Flow.@Nullable End waited(String call, long result) {
        if (result != -Errno.EAGAIN) {
            return end(Outcome.PEER_GONE, "settling: " + call + ": " + Errno.name((int) -result));
        }
        if (flow.stopRequested()) {
            return end(Outcome.NEVER_STARTED, flow.stopReason());
        }
        return System.nanoTime() - giveUpNs < 0
                ? null
                : end(
                        Outcome.TIMED_OUT,
                        "peer did not settle within " + flow.settings().settleTimeoutNs() / 1_000_000 + " ms");
    }

    private static Flow.End end(Outcome outcome, @Nullable String message) {
        return new Flow.End(outcome, message, null);
    }
}
