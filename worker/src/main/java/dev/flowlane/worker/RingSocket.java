package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.IoUring;
import dev.flowlane.posix.PosixException;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/**
 * Sends and receives of a flow's socket through an io_uring: at most one request of each at a time. What does not
 * complete within a tick stays under way, and the next call of its kind asks for it again.
 */
final class RingSocket implements RingPort, AutoCloseable {
    private static final int SEND = 1;
    private static final int RECEIVE = 2;
    private static final int CANCEL = 3;
    private static final int ROOM = 4;
    private static final int KINDS = 5;

    /** Of the registered buffers. */
    private static final int PATTERN = 0;

    private static final int RECEIVED = 1;
    private static final int NOT_REGISTERED = -1;

    /** Longer than any tick; cancelling what waits for a socket takes microseconds. */
    private static final long CANCEL_TIMEOUT_NS = 100_000_000;

    private final IoUring ring = IoUring.create();
    private final Counters counters;
    private RingModes modes = RingModes.PLAIN;
    private @Nullable ChunkQueue chunks;
    private @Nullable ChunkQueue keptChunks;
    private long patternAddress;

    /** Of the registered buffer that receives go to; 0: none is registered. */
    private long registeredAddress;

    private long tickNs;
    /** Names of this flow's operations begin here: what comes late of an earlier one is nobody's. */
    private long names;

    private long aheadBytes;
    private long unsentBytes;
    private boolean sending;
    private boolean receiving;
    private boolean watching;
    private boolean sent;
    private boolean received;
    private long sendResult;
    private long receiveResult;

    /** Sends without a copy whose bytes the kernel still needs. */
    private long unnoted;

    /** False once the flow's books are closed. */
    private boolean counting;

    /** @param counters of what becomes of sends without a copy */
    RingSocket(Counters counters) {
        this.counters = counters;
    }

    void attach(int socket, long longestWaitNs) {
        modes = RingModes.PLAIN;
        chunks = null;
        patternAddress = 0;
        registeredAddress = 0;
        tickNs = longestWaitNs;
        forget();
        unsentBytes = 0;
        unnoted = 0;
        counting = true;
        ring.register(socket);
    }

    /**
     * As {@link #attach(int, long)}, by other than the plain ways.
     *
     * @param from what is sent, but for the mark, is in here
     * @param into what is received goes here, or, as {@link #chunk} says, elsewhere
     * @param readBytes most that a receive asks for
     * @throws PosixException when the kernel lacks what that takes; then nothing is attached
     */
    void attach(
            int socket, long longestWaitNs, RingModes how, MemorySegment from, MemorySegment into, int readBytes) {
        if (how.multishotReceive()) {
            keepChunks(readBytes);
        }
        if (how.registeredBuffers()) {
            ring.registerBuffers(from, into);
        }
        try {
            attach(socket, longestWaitNs);
        } catch (PosixException e) {
            ring.unregisterBuffers();
            throw e;
        }
        modes = how;
        chunks = how.multishotReceive() ? keptChunks : null;
        patternAddress = from.address();
        registeredAddress = how.registeredBuffers() ? into.address() : 0;
    }

    private void keepChunks(int readBytes) {
        ChunkQueue kept = keptChunks;
        if (kept != null && kept.chunkBytes() == readBytes) {
            return;
        }
        if (kept != null) {
            keptChunks = null;
            kept.close();
        }
        keptChunks = new ChunkQueue(ring, readBytes);
    }

    @Override
    public void detach() {
        counting = false;
        cancel();
        awaitNotes();
        if (chunks != null) {
            chunks.clear();
        }
        ring.unregister();
        ring.unregisterBuffers();
        forget();
    }

    /**
     * Of a stream the kernel may say so late: sends that share a segment are told of together (since Linux 6.10), and
     * each may share one with the next.
     */
    @Override
    public void awaitNotes() {
        long giveUpNs = System.nanoTime() + CANCEL_TIMEOUT_NS;
        while (unnoted > 0 && System.nanoTime() - giveUpNs < 0) {
            ring.enter(1, tickNs);
            harvest();
        }
    }

    private void forget() {
        names += KINDS;
        aheadBytes = 0;
        sending = false;
        receiving = false;
        watching = false;
        sent = false;
        received = false;
    }

    @Override
    public long send(MemorySegment from, long offset, long length, int flags) {
        if (!sending) {
            queueSend(from, offset, length, flags);
        }
        int outcome = ring.enter(1, tickNs);
        harvest();
        if (sent) {
            sent = false;
            sending = false;
            // Sends without a copy lock memory, and the process may not lock more before some are complete.
            return sendResult == -Errno.ENOBUFS && unnoted > 0 ? FlowConnection.NOT_NOW : sendResult;
        }
        return outcome < 0 ? outcome : FlowConnection.NOT_NOW;
    }

    private void queueSend(MemorySegment from, long offset, long length, int flags) {
        sending = true;
        // The mark is not.
        boolean ofPattern = from.address() == patternAddress;
        int index = ofPattern && registeredAddress != 0 ? PATTERN : NOT_REGISTERED;
        if (ofPattern && modes.zerocopySend()) {
            ring.sendZerocopy(names + SEND, from, offset, length, flags, index);
        } else if (index != NOT_REGISTERED && flags == 0) {
            ring.sendFixed(names + SEND, from, offset, length, index);
        } else {
            ring.send(names + SEND, from, offset, length, flags);
        }
    }

    /** Queues a send for the next {@link #receive} to hand over with itself: one system call for both. */
    @Override
    public long sendAhead(MemorySegment from, long offset, long length, int flags) {
        queueSend(from, offset, length, flags | FlowSocket.MSG_WAITALL);
        aheadBytes = length;
        return length;
    }

    @Override
    public long receive(MemorySegment into, long length, int flags) {
        return receive(into, length, flags, tickNs);
    }

    @Override
    public long receiveOrRoom(MemorySegment into, long length, int flags, long longestNs) {
        if (!watching) {
            ring.pollRegistered(names + ROOM, FlowSocket.POLLOUT);
            watching = true;
        }
        return receive(into, length, flags, longestNs);
    }

    @Override
    public long receive(MemorySegment into, long length, int flags, long longestNs) {
        ChunkQueue queue = chunks;
        if (queue != null) {
            queue.giveBack();
        }
        boolean there = received || (queue != null && queue.ready());
        int outcome = 0;
        if (!there || aheadBytes > 0) {
            if (!receiving) {
                queueReceive(into, length, flags);
            }
            int wanted = (aheadBytes > 0 && !sent && !there) ? 2 : 1;
            outcome = ring.enter(longestNs > 0 ? wanted : 0, longestNs);
            harvest();
        }
        if (aheadBytes > 0 && sent) {
            sent = false;
            sending = false;
            unsentBytes = aheadBytes - Math.max(0, sendResult);
            aheadBytes = 0;
            if (unsentBytes > 0) {
                return sendResult < 0 ? sendResult : -Errno.EPIPE;
            }
        }
        if (aheadBytes == 0) {
            if (queue != null && queue.ready()) {
                return queue.take();
            }
            if (received) {
                received = false;
                receiving = false;
                return receiveResult;
            }
        }
        return outcome < 0 ? outcome : FlowConnection.NOT_NOW;
    }

    private void queueReceive(MemorySegment into, long length, int flags) {
        receiving = true;
        if (chunks != null) {
            ring.receiveMany(names + RECEIVE, chunks.group());
        } else if (registeredAddress == into.address() && flags == 0) {
            ring.receiveFixed(names + RECEIVE, into, 0, length, RECEIVED);
        } else {
            ring.receive(names + RECEIVE, into, 0, length, flags);
        }
    }

    @Override
    public @Nullable MemorySegment chunk() {
        return chunks == null ? null : chunks.taken();
    }

    @Override
    public long takeUnsent() {
        long bytes = unsentBytes;
        unsentBytes = 0;
        return bytes;
    }

    @Override
    public long cancel() {
        long bytes = 0;
        long giveUpNs = System.nanoTime() + CANCEL_TIMEOUT_NS;
        if (sending && !sent) {
            ring.cancel(names + CANCEL, names + SEND);
        }
        if (receiving && !received) {
            ring.cancel(names + CANCEL, names + RECEIVE);
        }
        if (watching) {
            ring.cancel(names + CANCEL, names + ROOM);
        }
        // At least once, however late this thread is: what is not handed over is not cancelled.
        while (underWay()) {
            ring.enter(1, tickNs);
            harvest();
            if (System.nanoTime() - giveUpNs >= 0) {
                break;
            }
        }
        if (sending && sent) {
            // What was sent ahead was counted then.
            bytes = Math.max(0, sendResult) - aheadBytes;
        } else if (sending) {
            bytes = -aheadBytes;
        }
        aheadBytes = 0;
        sending = false;
        sent = false;
        watching = false;
        if (!received || receiveResult < 0) {
            receiving = false;
            received = false;
        }
        return bytes;
    }

    private boolean underWay() {
        return (sending && !sent) || (receiving && !received) || watching;
    }

    private void harvest() {
        while (ring.take()) {
            long result = ring.result() == -Errno.EINTR ? FlowConnection.NOT_NOW : ring.result();
            if (ring.name() == names + SEND) {
                if ((ring.flags() & IoUring.NOTE) != 0) {
                    noted();
                } else {
                    sent = true;
                    sendResult = result;
                    unnoted += (ring.flags() & IoUring.MORE) == 0 ? 0 : 1;
                }
            } else if (ring.name() == names + RECEIVE) {
                received(result);
            } else if (ring.name() == names + ROOM) {
                watching = false;
            }
        }
    }

    private void noted() {
        unnoted--;
        if (counting) {
            counters.zerocopyCompletions++;
            counters.zerocopyCopies += (ring.result() & IoUring.NOTE_COPIED) == 0 ? 0 : 1;
        }
    }

    private void received(long result) {
        ChunkQueue queue = chunks;
        if (queue == null) {
            received = true;
            receiveResult = result;
            return;
        }
        if ((ring.flags() & IoUring.BUFFER) != 0) {
            queue.filled(ring.buffer(), result);
        }
        if ((ring.flags() & IoUring.MORE) == 0) {
            // It is over when the buffers are: then it is asked for again, as after any other interruption.
            boolean again = result > 0
                    || result == -Errno.ENOBUFS
                    || result == -Errno.ECANCELED
                    || result == FlowConnection.NOT_NOW;
            receiving = !again;
            received = !again;
            receiveResult = result;
        }
    }

    @Override
    public void close() {
        if (keptChunks != null) {
            keptChunks.close();
        }
        ring.close();
    }
}
