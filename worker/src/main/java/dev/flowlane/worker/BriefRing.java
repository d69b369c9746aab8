package dev.flowlane.worker;

import dev.flowlane.posix.BriefSockets;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.IoUring;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/**
 * Connections that live for one exchange, one at a time, through an io_uring: what follows from each other is handed
 * over in one call, so that a source needs two of them for a connection, from connect to close. Results are a number of
 * bytes, 0 for end of file, {@link FlowConnection#NOT_NOW} after a tick, upon which the same has to be asked for again,
 * or a negative errno.
 */
final class BriefRing implements AutoCloseable {
    private static final int CONNECT = 1;
    private static final int SEND = 2;
    private static final int RECEIVE = 3;
    private static final int CLOSE = 4;
    private static final int CANCEL = 5;
    private static final int ACCEPT = 6;
    private static final int END = 7;
    private static final int KINDS = 8;

    /** Longer than any tick; cancelling what waits for a socket takes microseconds. */
    private static final long CANCEL_TIMEOUT_NS = 100_000_000;

    /** Connections that have been accepted and wait for their turn. A power of two. */
    private static final int ACCEPTED = 128;

    private final IoUring ring = IoUring.create();
    private final BriefSockets sockets;
    private final int[] accepted = new int[ACCEPTED];
    private int acceptedFirst;
    private int acceptedCount;
    private long tickNs;

    /** Names of this connection's operations begin here; those of its flow's at {@link #flowNames}. */
    private long names;

    private long flowNames;
    private boolean connecting;
    private boolean sending;
    private boolean receiving;
    private boolean closing;
    private boolean accepting;
    private boolean manyAccepts = true;
    private boolean watching;
    private boolean ended;
    private boolean sent;
    private boolean received;
    private long aheadBytes;
    private long sendResult;
    private long receiveResult;
    private long failure;

    /** @param sockets closes what nobody asks for */
    BriefRing(BriefSockets sockets) {
        this.sockets = sockets;
    }

    /**
     * A ring for the next flow.
     *
     * @param kept that of the flow before; null: there was none yet
     */
    static BriefRing attached(@Nullable BriefRing kept, BriefSockets sockets, long longestWaitNs) {
        BriefRing ring = kept == null ? new BriefRing(sockets) : kept;
        ring.attach(longestWaitNs);
        return ring;
    }

    void attach(long longestWaitNs) {
        tickNs = longestWaitNs;
        forget();
        flowNames = names;
        forget();
        ended = false;
    }

    /** Nothing is under way any more, and what was accepted for nobody is closed. */
    void detach() {
        abandon();
        long giveUpNs = System.nanoTime() + CANCEL_TIMEOUT_NS;
        if (accepting) {
            ring.cancel(flowNames + CANCEL, flowNames + ACCEPT);
        }
        if (watching) {
            ring.cancel(flowNames + CANCEL, flowNames + END);
        }
        do {
            // Closes go with it, too.
            ring.enter(accepting || watching ? 1 : 0, tickNs);
            harvest();
        } while ((accepting || watching) && System.nanoTime() - giveUpNs < 0);
        while (acceptedCount > 0) {
            sockets.reset(next());
        }
    }

    /** Begins to connect with the next call. */
    void connect(int fd) {
        ring.connect(fd, names + CONNECT, sockets.remote(), sockets.addressBytes());
        ring.thenNext(false);
        connecting = true;
    }

    /**
     * Sends.
     *
     * @param last whether a receive follows: then it is taken for done, goes with that, and fails with it
     */
    long send(int fd, MemorySegment from, long offset, long length, boolean last) {
        if (!sending) {
            int flags = last ? FlowSocket.MSG_WAITALL : 0;
            ring.sendOn(fd, names + SEND, from, offset, length, flags);
            sending = true;
            if (last) {
                ring.thenNext(false);
                aheadBytes = length;
                return length;
            }
        }
        return awaitSend(1);
    }

    /** Sends all of it and closes, also when that fails. */
    long sendAndClose(int fd, MemorySegment from, long offset, long length) {
        if (!sending) {
            ring.sendOn(fd, names + SEND, from, offset, length, FlowSocket.MSG_WAITALL);
            ring.thenNext(true);
            ring.close(fd, names + CLOSE);
            sending = true;
            closing = true;
        }
        long n = awaitSend(2);
        return n >= 0 && n < length ? -Errno.EPIPE : n;
    }

    private long awaitSend(int completions) {
        int outcome = ring.enter(connecting ? completions + 1 : completions, tickNs);
        harvest();
        if (failure < 0) {
            return failure;
        }
        if (sent) {
            sent = false;
            sending = false;
            return sendResult;
        }
        return outcome < 0 ? outcome : FlowConnection.NOT_NOW;
    }

    long receive(int fd, MemorySegment into, long offset, long length) {
        if (!receiving) {
            ring.receiveOn(fd, names + RECEIVE, into, offset, length, 0);
            receiving = true;
        }
        int outcome = ring.enter(1 + (connecting ? 1 : 0) + (aheadBytes > 0 ? 1 : 0), tickNs);
        harvest();
        if (failure < 0) {
            return failure;
        }
        if (aheadBytes > 0 && sent) {
            sent = false;
            sending = false;
            boolean whole = sendResult == aheadBytes;
            aheadBytes = 0;
            if (!whole) {
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

    /** The connection is over; it is closed with the next call. */
    void close(int fd) {
        ring.close(fd, names + CLOSE);
        forget();
    }

    /** The connection is over, and closed. */
    void closed() {
        forget();
    }

    /**
     * Ends what is under way on the connection, which is over.
     *
     * @return whether that has closed it, too
     */
    boolean abandon() {
        boolean closes = closing;
        long giveUpNs = System.nanoTime() + CANCEL_TIMEOUT_NS;
        if (connecting) {
            ring.cancel(names + CANCEL, names + CONNECT);
        }
        if (sending && !sent) {
            ring.cancel(names + CANCEL, names + SEND);
        }
        if (receiving && !received) {
            ring.cancel(names + CANCEL, names + RECEIVE);
        }
        while ((connecting || (sending && !sent) || (receiving && !received))
                && System.nanoTime() - giveUpNs < 0) {
            ring.enter(1, tickNs);
            harvest();
        }
        forget();
        return closes;
    }

    private void forget() {
        names += KINDS;
        connecting = false;
        sending = false;
        receiving = false;
        closing = false;
        sent = false;
        received = false;
        aheadBytes = 0;
        failure = 0;
    }

    /**
     * A connection that was accepted, or {@link FlowConnection#NOT_NOW}.
     *
     * @param watched when something happens there, {@link #takeEnded} tells
     */
    int accept(int listener, int watched) {
        if (!accepting) {
            ring.accept(listener, flowNames + ACCEPT, manyAccepts);
            accepting = true;
        }
        if (!watching) {
            ring.poll(watched, flowNames + END, FlowSocket.POLLIN | FlowSocket.POLLRDHUP);
            watching = true;
        }
        if (acceptedCount == 0) {
            ring.enter(1, tickNs);
            harvest();
        }
        return acceptedCount > 0 ? next() : (int) FlowConnection.NOT_NOW;
    }

    /** Whether something has happened at the descriptor that {@link #accept} watches; once. */
    boolean takeEnded() {
        boolean now = ended;
        ended = false;
        return now;
    }

    private int next() {
        int fd = accepted[acceptedFirst];
        acceptedFirst = (acceptedFirst + 1) & (ACCEPTED - 1);
        acceptedCount--;
        return fd;
    }

    private void harvest() {
        while (ring.take()) {
            long name = ring.name();
            long result = ring.result() == -Errno.EINTR ? FlowConnection.NOT_NOW : ring.result();
            if (name == names + CONNECT) {
                connecting = false;
                failure = Math.min(result, 0);
            } else if (name == names + SEND) {
                sent = true;
                sendResult = result;
            } else if (name == names + RECEIVE) {
                received = true;
                receiveResult = result;
            } else if ((name & (KINDS - 1)) == ACCEPT) {
                accepted(name == flowNames + ACCEPT, result);
            } else if (name == flowNames + END) {
                watching = false;
                ended = true;
            }
        }
    }

    private void accepted(boolean ours, long result) {
        if (ours && (ring.flags() & IoUring.MORE) == 0) {
            accepting = false;
            // Any number of accepts for one request: since Linux 5.19.
            manyAccepts &= result != -Errno.EINVAL;
        }
        if (result < 0) {
            return;
        }
        if (!ours || acceptedCount == ACCEPTED) {
            sockets.reset((int) result);
            return;
        }
        accepted[(acceptedFirst + acceptedCount) & (ACCEPTED - 1)] = (int) result;
        acceptedCount++;
    }

    @Override
    public void close() {
        ring.close();
    }
}
