package dev.flowlane.worker;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowCalls;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.Engine;

import java.lang.foreign.MemorySegment;

/**
 * A flow's socket as the loops see it: a stream of pattern bytes out, a stream of bytes in. Results are a number of
 * bytes, 0 for end of file (receive), {@link #NOT_NOW}, or a negative errno.
 */
final class FlowConnection implements AutoCloseable {
    /** Nothing happened within a tick: look at the clock, then try again. */
    static final long NOT_NOW = -Errno.EAGAIN;

    private final Waiting waiting = new Waiting();
    private final Buffers buffers = new Buffers();
    private final Counters counters;

    private Pattern pattern = buffers.pattern();
    private MemorySegment received = buffers.received();
    private FlowCalls calls = FlowCalls.ofThisThread();
    private int fd = -1;
    private int flags;
    private boolean markPending;

    FlowConnection(Counters counters) {
        this.counters = counters;
    }

    void attach(int socket, Engine engine, int sendBytes, int receiveBytes, long tickNs) {
        buffers.reserve(sendBytes, receiveBytes);
        pattern = buffers.pattern();
        received = buffers.received();
        markPending = false;
        waiting.attach(socket, engine, tickNs);
        flags = waiting.callFlags();
        calls = FlowCalls.ofThisThread();
        fd = socket;
    }

    /** The socket stays open: it is the caller's. */
    void detach() {
        waiting.detach();
        buffers.release();
        fd = -1;
    }

    /** The next byte sent is the mark, not the pattern's. */
    void markNextByte() {
        markPending = true;
    }

    /** Sends up to {@code limit} bytes of the pattern from where the stream stands. */
    long send(long limit) {
        int start = Pattern.start(counters.sentBytes);
        if (markPending) {
            return sendMark(start, limit);
        }
        long n = trySend(start, limit, flags);
        if (n == NOT_NOW && waiting.await(Epoll.OUT)) {
            n = trySend(start, limit, flags);
        }
        return n;
    }

    /** As {@link #send}, but never waits. */
    long sendNow(long limit) {
        int start = Pattern.start(counters.sentBytes);
        if (!markPending) {
            return trySend(start, limit, FlowSocket.MSG_DONTWAIT);
        }
        pattern.mark(start);
        long n = trySend(start, limit, FlowSocket.MSG_DONTWAIT);
        pattern.unmark(start);
        markPending = n <= 0;
        return n;
    }

    private long sendMark(int start, long limit) {
        pattern.mark(start);
        long n = trySend(start, limit, flags);
        if (n == NOT_NOW && waiting.await(Epoll.OUT)) {
            n = trySend(start, limit, flags);
        }
        pattern.unmark(start);
        markPending = n <= 0;
        return n;
    }

    private long trySend(int start, long limit, int how) {
        counters.sendCalls++;
        long n = calls.send(fd, pattern.bytes(), start, limit, how);
        if (n > 0) {
            counters.sentBytes += n;
            return n;
        }
        return n == -Errno.EINTR ? NOT_NOW : n;
    }

    /** Receives up to {@code limit} bytes into {@link #received}; the caller counts them, by what they are. */
    long receive(long limit) {
        long n = tryReceive(limit, flags);
        if (n == NOT_NOW && waiting.await(Epoll.IN)) {
            n = tryReceive(limit, flags);
        }
        return n;
    }

    /**
     * As {@link #receive}, waiting no longer than told.
     *
     * @param waitNs not above 0: not at all
     * @param orUntilRoom whether to look up, too, when there is room to send
     */
    long receiveWithin(long waitNs, boolean orUntilRoom, long limit) {
        if (waitNs > 0) {
            int events = orUntilRoom ? FlowSocket.POLLIN | FlowSocket.POLLOUT : FlowSocket.POLLIN;
            if (!waiting.awaitFor(events, waitNs)) {
                return NOT_NOW;
            }
        }
        return tryReceive(limit, FlowSocket.MSG_DONTWAIT);
    }

    /** Lets time pass, at most a tick. */
    void pause(long waitNs) {
        if (waitNs > 0) {
            waiting.awaitFor(0, waitNs);
        }
    }

    private long tryReceive(long limit, int how) {
        counters.receiveCalls++;
        long n = calls.recv(fd, received, 0, limit, how);
        return n == -Errno.EINTR ? NOT_NOW : n;
    }

    MemorySegment received() {
        return received;
    }

    Pattern pattern() {
        return pattern;
    }

    @Override
    public void close() {
        waiting.close();
    }
}
