package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.Outcome;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/**
 * The end of a source over TCP: it has half-closed and waits until the peer, which then knows that it has everything,
 * closes. Gives up when nothing was acknowledged for a drain time-out. Never waits itself.
 */
final class Draining {
    private final Flow flow;
    private final FlowLoop loop;
    private final MemorySegment scratch;
    private final long timeoutNs;
    private final int shut;
    private int unacknowledged;
    private long giveUpNs;

    /**
     * Half-closes.
     *
     * @param scratch at least one byte
     */
    Draining(Flow flow, FlowLoop loop, MemorySegment scratch) {
        this.flow = flow;
        this.loop = loop;
        this.scratch = scratch;
        timeoutNs = flow.settings().drainTimeoutNs();
        shut = FlowSocket.shutdownWrite(flow.fd());
        unacknowledged = FlowSocket.unacknowledgedBytes(flow.fd());
        giveUpNs = System.nanoTime() + timeoutNs;
    }

    /** Looks once; null while the peer has not closed and may yet do so. */
    Flow.@Nullable End look() {
        if (shut < 0) {
            return FlowRunner.end(loop, Outcome.PEER_GONE, "shutdown: " + Errno.name(-shut));
        }
        long n = FlowSocket.recv(flow.fd(), scratch, 0, 1, FlowSocket.MSG_DONTWAIT);
        if (n == 0) {
            return FlowRunner.done(flow, loop);
        }
        if (n > 0) {
            return FlowRunner.end(loop, Outcome.ERROR, "peer sent more than it was asked for");
        }
        if (n != FlowConnection.NOT_NOW && n != -Errno.EINTR) {
            return FlowRunner.end(loop, Outcome.PEER_GONE, "draining: recv: " + Errno.name((int) -n));
        }
        int left = FlowSocket.unacknowledgedBytes(flow.fd());
        long nowNs = System.nanoTime();
        if (left != unacknowledged) {
            unacknowledged = left;
            giveUpNs = nowNs + timeoutNs;
        } else if (nowNs - giveUpNs >= 0) {
            return FlowRunner.end(
                    loop,
                    Outcome.TIMED_OUT,
                    "peer did not close within " + timeoutNs / 1_000_000 + " ms; " + Math.max(0, left)
                            + " bytes are not acknowledged");
        }
        return null;
    }
}
