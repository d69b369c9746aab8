package dev.flowlane.worker;

import static dev.flowlane.worker.SharedRing.NONE;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.TrafficKind;

import java.lang.foreign.MemorySegment;

/**
 * A flow's socket in a {@link SharedRing}: a request for any number of receives, and one send at a time. Never waits:
 * {@link SharedWait} is told what has completed. Requests and responses are taken for sent when they are queued, so
 * that they are timed from then on.
 */
final class GroupSocket implements RingPort {
    private static final int SEND = 0;
    private static final int RECEIVE = 1;
    private static final int CANCEL_SEND = 2;
    private static final int CANCEL_RECEIVE = 3;
    private static final int KIND_BITS = 2;
    private static final int NUMBER_BITS = 16;

    /** Cancelling what waits for a socket takes microseconds. */
    private static final long CANCEL_TIMEOUT_NS = 100_000_000;

    private static final long CANCEL_TICK_NS = 1_000_000;

    private final SharedRing ring;
    private final int number;
    private final SharedWait wait;

    /** Whether it is among those that the ring has named. */
    boolean woken;

    /** Of the names of this flow's operations: what comes late of an earlier one is nobody's. */
    private int generation;

    /** Whether a send is taken for done when it is queued. */
    private boolean ahead;

    private boolean sending;

    /** Whether the send under way does not complete when all goes well. */
    private boolean quiet;

    private boolean sent;
    private long sendResult;
    private long aheadBytes;
    private long unsentBytes;

    /** Of a send that was taken for done; 0: none has failed. */
    private long sendFailure;

    private boolean receiving;

    /** No receive brings anything any more; every one says the same. */
    private boolean over;

    private long lastResult;
    private boolean cancelling;

    /** Cancellations that the kernel has not answered yet. */
    private int unanswered;

    private int firstBuffer = NONE;
    private int lastBuffer = NONE;
    private int takenBuffer = NONE;

    GroupSocket(SharedRing ring, int number, SharedWait wait) {
        this.ring = ring;
        this.number = number;
        this.wait = wait;
    }

    int number() {
        return number;
    }

    /** Of the flow end that an operation of this name was queued for. */
    static int number(long name) {
        return (int) (name >>> KIND_BITS) & ((1 << NUMBER_BITS) - 1);
    }

    /** Whether an operation of this name was queued for the flow that is attached. */
    boolean is(long name) {
        return (int) (name >>> (KIND_BITS + NUMBER_BITS)) == generation;
    }

    private long name(int kind) {
        return ((long) generation << (KIND_BITS + NUMBER_BITS)) | ((long) number << KIND_BITS) | kind;
    }

    /** Prepares a socket; {@link #detach} must follow. */
    void attach(int socket, FlowSettings settings) {
        ring.open(settings).place(number, socket);
        ring.join();
        ahead = settings.kind() == TrafficKind.REQUEST_RESPONSE;
        receiving = false;
        unanswered = 0;
        sendFailure = 0;
        unsentBytes = 0;
        over = false;
    }

    @Override
    public long send(MemorySegment from, long offset, long length, int flags) {
        if (sent) {
            sent = false;
            sending = false;
            return sendResult;
        }
        return sending ? FlowConnection.NOT_NOW : queue(from, offset, length, flags, false);
    }

    @Override
    public long sendAhead(MemorySegment from, long offset, long length, int flags) {
        return sending ? FlowConnection.NOT_NOW : queue(from, offset, length, flags, true);
    }

    private long queue(MemorySegment from, long offset, long length, int flags, boolean quietly) {
        if (sendFailure != 0) {
            return sendFailure;
        }
        int how = ahead ? flags | FlowSocket.MSG_WAITALL : flags;
        ring.entries().sendOf(number, name(SEND), from, offset, length, how & ~FlowSocket.MSG_DONTWAIT, quietly);
        sending = true;
        quiet = quietly;
        if (!ahead) {
            return FlowConnection.NOT_NOW;
        }
        aheadBytes = length;
        return length;
    }

    @Override
    public long receive(MemorySegment into, long length, int flags) {
        if (takenBuffer != NONE) {
            ring.giveBack(takenBuffer);
            takenBuffer = NONE;
        }
        if (sendFailure != 0) {
            return sendFailure;
        }
        if (!receiving && !over) {
            ring.entries().receiveManyOf(number, name(RECEIVE), ring.group());
            receiving = true;
        }
        if (firstBuffer == NONE) {
            return over ? lastResult : FlowConnection.NOT_NOW;
        }
        takenBuffer = firstBuffer;
        firstBuffer = ring.following(takenBuffer);
        if (firstBuffer == NONE) {
            lastBuffer = NONE;
        }
        if (firstBuffer != NONE || over) {
            wait.maybeMore();
        }
        return ring.length(takenBuffer);
    }

    @Override
    public long receive(MemorySegment into, long length, int flags, long longestNs) {
        return receiveOr(0, into, length, flags, longestNs);
    }

    @Override
    public long receiveOrRoom(MemorySegment into, long length, int flags, long longestNs) {
        return receiveOr(Epoll.OUT, into, length, flags, longestNs);
    }

    private long receiveOr(int others, MemorySegment into, long length, int flags, long longestNs) {
        wait.takeReadable();
        long n = receive(into, length, flags);
        if (n == FlowConnection.NOT_NOW && longestNs > 0) {
            wait.block(Epoll.IN | others);
        }
        return n;
    }

    @Override
    public MemorySegment chunk() {
        return ring.segment(Math.max(0, takenBuffer));
    }

    @Override
    public long takeUnsent() {
        long bytes = unsentBytes;
        unsentBytes = 0;
        return bytes;
    }

    /** What an operation of this flow has come to; {@link SharedRing} says so. */
    void completed(long name, int result, int buffer, boolean more) {
        switch ((int) name & ((1 << KIND_BITS) - 1)) {
            case SEND -> sendCompleted(result);
            case RECEIVE -> receiveCompleted(result, buffer, more);
            case CANCEL_SEND -> {
                unanswered--;
                // Of a quiet send nothing else is heard when it was done before.
                sending &= result != -Errno.ENOENT || sent;
            }
            case CANCEL_RECEIVE -> unanswered--;
            default -> throw new IllegalStateException("no operation of a group's socket is named " + name);
        }
    }

    private void sendCompleted(int result) {
        if (!ahead) {
            sent = true;
            sendResult = result == -Errno.EINTR ? FlowConnection.NOT_NOW : result;
            wait.happened(Epoll.OUT);
            return;
        }
        sending = false;
        unsentBytes += aheadBytes - Math.max(0, result);
        if (result >= 0 && unsentBytes == 0) {
            wait.happened(Epoll.OUT);
        } else if (!cancelling) {
            sendFailure = result < 0 ? result : -Errno.EPIPE;
            wait.happened(Epoll.RDHUP);
        }
    }

    private void receiveCompleted(int result, int buffer, boolean more) {
        receiving = more;
        if (buffer != NONE) {
            if (result > 0) {
                ring.append(buffer, lastBuffer, result);
                firstBuffer = firstBuffer == NONE ? buffer : firstBuffer;
                lastBuffer = buffer;
                // It answers what was sent quietly, or follows upon it.
                sending &= !quiet;
            } else {
                ring.giveBack(buffer);
            }
        }
        boolean again = more
                || result > 0
                || result == -Errno.ENOBUFS
                || result == -Errno.ECANCELED
                || result == -Errno.EINTR
                || result == -Errno.EAGAIN;
        if (!again) {
            over = true;
            lastResult = result;
        }
        wait.happened(again ? Epoll.IN : Epoll.IN | Epoll.RDHUP);
    }

    @Override
    public long cancel() {
        cancelling = true;
        if (sending && !sent) {
            ring.entries().cancel(name(CANCEL_SEND), name(SEND));
            unanswered++;
        }
        if (receiving) {
            ring.entries().cancel(name(CANCEL_RECEIVE), name(RECEIVE));
            unanswered++;
        }
        long giveUpNs = System.nanoTime() + CANCEL_TIMEOUT_NS;
        while (unanswered > 0 || receiving || (sending && !sent)) {
            // At least once, however late this thread is: what is not handed over is not cancelled.
            ring.enter(1, CANCEL_TICK_NS);
            if (System.nanoTime() - giveUpNs >= 0) {
                break;
            }
        }
        long bytes = -takeUnsent();
        if (sending) {
            bytes += ahead ? -aheadBytes : Math.max(0, sent ? sendResult : 0);
        }
        sending = false;
        sent = false;
        cancelling = false;
        // The next receive asks for more, and may find something.
        wait.maybeMore();
        return bytes;
    }

    /** Nothing here is sent without a copy. */
    @Override
    public void awaitNotes() {}

    @Override
    public void detach() {
        cancel();
        while (firstBuffer != NONE) {
            ring.giveBack(firstBuffer);
            firstBuffer = ring.following(firstBuffer);
        }
        lastBuffer = NONE;
        if (takenBuffer != NONE) {
            ring.giveBack(takenBuffer);
            takenBuffer = NONE;
        }
        ring.entries().free(number);
        generation++;
        ring.leave();
    }
}
