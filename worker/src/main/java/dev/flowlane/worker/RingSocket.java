package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.IoUring;

import java.lang.foreign.MemorySegment;

/**
 * Sends and receives of a flow's socket through an io_uring: at most one of each at a time. What does not complete
 * within a tick stays under way, and the next call of its kind asks for it again. Results are as those of
 * {@link FlowConnection}.
 */
final class RingSocket implements AutoCloseable {
    private static final int SEND = 1;
    private static final int RECEIVE = 2;
    private static final int CANCEL = 3;
    private static final int KINDS = 4;

    /** Longer than any tick; cancelling what waits for a socket takes microseconds. */
    private static final long CANCEL_TIMEOUT_NS = 100_000_000;

    private final IoUring ring = IoUring.create();
    private long tickNs;
    /** Names of this flow's operations begin here: what comes late of an earlier one is nobody's. */
    private long names;

    private long aheadBytes;
    private long unsentBytes;
    private boolean sending;
    private boolean receiving;
    private boolean sent;
    private boolean received;
    private long sendResult;
    private long receiveResult;

    void attach(int socket, long longestWaitNs) {
        tickNs = longestWaitNs;
        names += KINDS;
        aheadBytes = 0;
        unsentBytes = 0;
        sending = false;
        receiving = false;
        sent = false;
        received = false;
        ring.register(socket);
    }

    /** The socket can be closed, and the memory of its calls freed. */
    void detach() {
        cancel();
        ring.unregister();
    }

    long send(MemorySegment from, long offset, long length, int flags) {
        if (!sending) {
            ring.send(names + SEND, from, offset, length, flags);
            sending = true;
        }
        int outcome = ring.enter(1, tickNs);
        harvest();
        if (sent) {
            sent = false;
            sending = false;
            return sendResult;
        }
        return outcome < 0 ? outcome : FlowConnection.NOT_NOW;
    }

    /**
     * Queues a send for the next {@link #receive} to hand over with itself: one system call for both. Taken for done at
     * once; the receive fails if it was not, and {@link #takeUnsent} tells by how much. Between two of them there must
     * be a receive that returned bytes.
     */
    long sendAhead(MemorySegment from, long offset, long length, int flags) {
        ring.send(names + SEND, from, offset, length, flags | FlowSocket.MSG_WAITALL);
        sending = true;
        aheadBytes = length;
        return length;
    }

    long receive(MemorySegment into, long length, int flags) {
        return receive(into, length, flags, tickNs);
    }

    /** As {@link #receive(MemorySegment, long, int)}, waiting no longer than told; 0: not at all. */
    long receive(MemorySegment into, long length, int flags, long longestNs) {
        if (!receiving) {
            ring.receive(names + RECEIVE, into, 0, length, flags);
            receiving = true;
        }
        int outcome = ring.enter(aheadBytes > 0 ? 2 : 1, longestNs);
        harvest();
        if (aheadBytes > 0 && sent) {
            sent = false;
            sending = false;
            unsentBytes = aheadBytes - Math.max(0, sendResult);
            aheadBytes = 0;
            if (unsentBytes > 0) {
                return sendResult < 0 ? sendResult : -Errno.EPIPE;
            }
        }
        if (received && aheadBytes == 0) {
            received = false;
            receiving = false;
            return receiveResult;
        }
        return outcome < 0 ? outcome : FlowConnection.NOT_NOW;
    }

    /** Bytes of a {@link #sendAhead} that failed; once. */
    long takeUnsent() {
        long bytes = unsentBytes;
        unsentBytes = 0;
        return bytes;
    }

    /**
     * Ends what is under way.
     *
     * @return bytes that a send took and that were not counted yet; negative when too many were
     */
    long cancel() {
        long bytes = 0;
        long giveUpNs = System.nanoTime() + CANCEL_TIMEOUT_NS;
        if (sending && !sent) {
            ring.cancel(names + CANCEL, names + SEND);
        }
        if (receiving && !received) {
            ring.cancel(names + CANCEL, names + RECEIVE);
        }
        while (((sending && !sent) || (receiving && !received)) && System.nanoTime() - giveUpNs < 0) {
            ring.enter(1, tickNs);
            harvest();
        }
        if (sending && sent) {
            // What was sent ahead was counted then.
            bytes = Math.max(0, sendResult) - aheadBytes;
        } else if (sending) {
            bytes = -aheadBytes;
        }
        aheadBytes = 0;
        sending = false;
        receiving = false;
        sent = false;
        received = false;
        return bytes;
    }

    private void harvest() {
        while (ring.take()) {
            long result = ring.result() == -Errno.EINTR ? FlowConnection.NOT_NOW : ring.result();
            if (ring.name() == names + SEND) {
                sent = true;
                sendResult = result;
            } else if (ring.name() == names + RECEIVE) {
                received = true;
                receiveResult = result;
            }
        }
    }

    @Override
    public void close() {
        ring.close();
    }
}
