package dev.flowlane.worker;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowCalls;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.StampedMessage;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A flow's socket as the loops see it: a stream of pattern bytes out, a stream of bytes in. Results are a number of
 * bytes, 0 for end of file (receive), {@link #NOT_NOW}, or a negative errno.
 */
final class FlowConnection implements AutoCloseable {
    /** Nothing happened within a tick: look at the clock, then try again. */
    static final long NOT_NOW = -Errno.EAGAIN;

    /** Often enough that the notes of completions never fill their room, seldom enough to cost next to nothing. */
    private static final int SENDS_PER_REAP = 16;

    private final Waiting waiting = new Waiting();
    private final Buffers buffers;
    private final Counters counters;

    private final MemorySegment mark = Buffers.unscoped(Arena.global().allocateFrom(JAVA_BYTE, Pattern.MARK));
    private @Nullable RingPort ring;
    private final RingPorts rings;

    /** Whether every send but the mark's is followed by a receive, so that a ring can be handed both at once. */
    private boolean sendsAhead;

    private int unreaped;
    private Pattern pattern;
    private MemorySegment received;
    private FlowCalls calls = FlowCalls.ofThisThread();
    private int fd = -1;
    private int flags;
    private boolean markPending;
    private boolean zerocopy;
    private boolean truncate;
    private boolean tls;
    private @Nullable PageMapper mapper;
    private boolean mapped;
    private int receiveFlags;
    private final ReceiveDelays delays;
    private final StampedMessage stampedMessage = new StampedMessage();
    private boolean stamped;

    FlowConnection(Counters counters, ReceiveDelays delays, Buffers buffers) {
        this.buffers = buffers;
        this.pattern = buffers.pattern();
        this.received = buffers.received();
        this.counters = counters;
        rings = new RingPorts(counters);
        this.delays = delays;
    }

    /** From now on its flow ends wait together with others on this thread. */
    void share(SharedWait wait, GroupSocket socket) {
        waiting.share(wait);
        rings.share(socket);
    }

    /** Prepares a socket; {@link #detach} must follow, also when this throws because the kernel lacks something. */
    void attach(int socket, Role role, FlowSettings settings, long tickNs) {
        buffers.reserve(settings.writeBytes(), settings.readBytes(), settings.hugePages());
        boolean maps = settings.zerocopyReceive() && role == Role.DESTINATION;
        mapper = maps ? new PageMapper(socket, settings.readBytes()) : null;
        mapped = false;
        pattern = buffers.pattern();
        received = buffers.received();
        markPending = false;
        waiting.attach(socket, settings.engine(), tickNs);
        flags = waiting.callFlags();
        receiveFlags = 0;
        truncate = settings.truncateReceive();
        boolean ringed = settings.engine() == Engine.IO_URING;
        // Connections go through a ring of their own.
        ring = ringed && LoopKind.of(settings) != LoopKind.CONNECT
                ? rings.attach(socket, settings, tickNs, pattern.bytes(), received)
                : null;
        tls = settings.tls() != null;
        // The kernel's TLS does not know MSG_WAITALL, without which a ring's send may end half-way.
        sendsAhead = !tls
                && LoopKind.of(settings) == LoopKind.REQUEST
                && Math.max(settings.requestBytes(), settings.responseBytes()) <= settings.writeBytes();
        zerocopy = settings.zerocopySend() && !ringed;
        stamped = settings.receiveTimestamps();
        unreaped = 0;
        calls = FlowCalls.ofThisThread();
        fd = socket;
    }

    /** A flow of datagrams, which attaches none of this, uses the usual ones next. */
    private void releaseBuffers() {
        buffers.release();
        pattern = buffers.pattern();
        received = buffers.received();
    }

    /** The socket stays open: it is the caller's. */
    void detach() {
        if (ring != null) {
            ring.detach();
            ring = null;
        }
        waiting.detach();
        if (mapper != null) {
            mapper.close();
            mapper = null;
        }
        releaseBuffers();
        zerocopy = false;
        fd = -1;
    }

    /** A phase of the flow is over: what is still under way in a ring ends, and is counted as far as it came. */
    void endPhase() {
        if (ring != null) {
            counters.sentBytes += ring.cancel();
        }
    }

    /** The traffic is over, and its books are not closed yet: what is to be known of its sends goes there. */
    void endTraffic() {
        settleSends();
        if (ring != null) {
            ring.awaitNotes();
        }
    }

    /** From now on nobody looks at what is received: the kernel need not copy it, if that was asked for. */
    void windowOpened() {
        receiveFlags = truncate ? FlowSocket.MSG_TRUNC : 0;
    }

    /** The next byte sent is the mark, not the pattern's. */
    void markNextByte() {
        markPending = true;
    }

    /** Sends up to {@code limit} bytes of the pattern from where the stream stands. */
    long send(long limit) {
        int start = Pattern.start(counters.sentBytes, limit);
        if (markPending) {
            return sendMark(start, limit, flags, true);
        }
        int how = zerocopy ? flags | FlowSocket.MSG_ZEROCOPY : flags;
        long n = trySend(pattern.bytes(), start, limit, how);
        if (n == NOT_NOW && await(Epoll.OUT)) {
            n = trySend(pattern.bytes(), start, limit, how);
        }
        return n;
    }

    private boolean await(int event) {
        settleSends();
        // Mapping never waits, so that somebody has to wait before it, whatever the engine.
        return mapper == null ? waiting.await(event) : waiting.awaitBefore(event);
    }

    /** As {@link #send}, but never waits. */
    long sendNow(long limit) {
        int start = Pattern.start(counters.sentBytes, limit);
        if (!markPending) {
            int how = zerocopy ? FlowSocket.MSG_DONTWAIT | FlowSocket.MSG_ZEROCOPY : FlowSocket.MSG_DONTWAIT;
            return trySend(pattern.bytes(), start, limit, how);
        }
        return sendMark(start, limit, FlowSocket.MSG_DONTWAIT, false);
    }

    /**
     * The mark stands in the pattern for the length of the call only. Sends that are under way without a copy would
     * show it, so with them the mark goes alone, from a place of its own; the same goes for a ring's.
     */
    private long sendMark(int start, long limit, int how, boolean wait) {
        long n;
        if (zerocopy || ring != null) {
            n = trySend(mark, 0, 1, how);
        } else {
            pattern.mark(start);
            n = trySend(pattern.bytes(), start, limit, how);
            if (n == NOT_NOW && wait && waiting.await(Epoll.OUT)) {
                n = trySend(pattern.bytes(), start, limit, how);
            }
            pattern.unmark(start);
        }
        markPending = n <= 0;
        return n;
    }

    private long trySend(MemorySegment from, int start, long limit, int how) {
        counters.sendCalls++;
        RingPort through = ring;
        long n;
        if (through == null) {
            n = calls.send(fd, from, start, limit, how);
        } else if (sendsAhead && !markPending) {
            n = through.sendAhead(from, start, limit, how);
        } else {
            n = through.send(from, start, limit, how);
        }
        if (n > 0) {
            counters.sentBytes += n;
            if ((how & FlowSocket.MSG_ZEROCOPY) != 0 && ++unreaped >= SENDS_PER_REAP) {
                reap();
            }
            return n;
        }
        if (n == NOT_NOW) {
            waiting.noRoom();
        } else if (n == -Errno.ENOBUFS && zerocopy) {
            // Notes of completions take room, too, and there is none left (net.core.optmem_max).
            return reap() > 0 ? NOT_NOW : n;
        }
        return n == -Errno.EINTR ? NOT_NOW : n;
    }

    /** Takes what the kernel says of completed sends; returns how many there were. */
    private long reap() {
        unreaped = 0;
        long all = 0;
        for (long n = calls.zerocopyCompletions(fd); n != 0; n = calls.zerocopyCompletions(fd)) {
            long sends = n & FlowCalls.COMPLETED_MASK;
            all += sends;
            counters.zerocopyCompletions += sends;
            if ((n & FlowCalls.COPIED) != 0) {
                counters.zerocopyCopies += sends;
            }
        }
        return all;
    }

    /** Before a wait, which would end at once for every note that lies there. */
    private void settleSends() {
        if (zerocopy) {
            reap();
        }
    }

    /** Receives up to {@code limit} bytes into {@link #received}; the caller counts them, by what they are. */
    long receive(long limit) {
        long n = tryReceive(limit, flags);
        if (n == NOT_NOW && await(Epoll.IN)) {
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
        if (ring != null) {
            // A receive that is under way there has what the socket had: only the ring knows.
            return receiveWithin(ring, waitNs, orUntilRoom, limit);
        }
        if (waitNs > 0) {
            settleSends();
            int events = orUntilRoom ? FlowSocket.POLLIN | FlowSocket.POLLOUT : FlowSocket.POLLIN;
            if (!waiting.awaitFor(events, waitNs)) {
                return NOT_NOW;
            }
        }
        return tryReceive(limit, FlowSocket.MSG_DONTWAIT);
    }

    private long receiveWithin(RingPort through, long waitNs, boolean orUntilRoom, long limit) {
        counters.receiveCalls++;
        long longestNs = Math.clamp(waitNs, 0, waiting.longestWaitNs());
        long n = orUntilRoom && longestNs > 0
                ? through.receiveOrRoom(received, limit, receiveFlags, longestNs)
                : through.receive(received, limit, receiveFlags, longestNs);
        return n == -Errno.EINTR ? NOT_NOW : n;
    }

    /** Waits until there is room to send, at most a tick and no longer than told. */
    void awaitRoom(long waitNs) {
        if (waitNs > 0) {
            settleSends();
            waiting.awaitFor(FlowSocket.POLLOUT, waitNs);
        }
    }

    /** Lets time pass, at most a tick. */
    void pause(long waitNs) {
        if (waitNs > 0) {
            settleSends();
            waiting.awaitFor(0, waitNs);
        }
    }

    /** How the flow's engine waits, for loops that have sockets of their own. */
    Waiting waiting() {
        return waiting;
    }

    private long tryReceive(long limit, int how) {
        if (!waiting.worthReceiving()) {
            return NOT_NOW;
        }
        PageMapper pages = mapper;
        if (pages != null) {
            return tryMap(pages, limit);
        }
        counters.receiveCalls++;
        RingPort through = ring;
        long n;
        if (through == null) {
            n = stamped
                    ? receiveStamped(limit, how | receiveFlags)
                    : calls.recv(fd, received, 0, limit, how | receiveFlags);
        } else {
            n = through.receive(received, limit, how | receiveFlags);
            if (n < 0 && n != NOT_NOW) {
                counters.sentBytes -= through.takeUnsent();
            }
        }
        if (n == limit || (tls && n > 0)) {
            waiting.maybeMore();
        }
        return n == -Errno.EINTR ? NOT_NOW : n;
    }

    private long receiveStamped(long limit, int how) {
        long n = calls.receiveStamped(fd, stampedMessage, received, 0, limit, how);
        if (n > 0) {
            delays.book(stampedMessage.stampNs());
        }
        return n;
    }

    /** Whole pages, if they are at the head of the queue, else a copy of what is before the next ones. */
    private long tryMap(PageMapper pages, long limit) {
        counters.receiveCalls++;
        long n = pages.map(fd);
        mapped = n > 0;
        if (n != 0) {
            return n == PageMapper.END_OF_FILE ? 0 : n;
        }
        int skip = pages.skip();
        if (skip == 0) {
            return NOT_NOW;
        }
        counters.receiveCalls++;
        long copied = calls.recv(fd, received, 0, Math.min(skip, limit), FlowSocket.MSG_DONTWAIT);
        return copied == -Errno.EINTR ? NOT_NOW : copied;
    }

    /** Whether what the last receive brought was mapped, not copied. */
    boolean mapped() {
        return mapped;
    }

    /** Bytes of this flow's, or the last one's, buffers that lie in huge pages. */
    long hugePageBytes() {
        return buffers.hugeBytes();
    }

    /** What a person should know of a failed call, as the end of a sentence; often empty. */
    String explain(int errno) {
        return tls ? TlsSetup.explain(fd, errno) : "";
    }

    /** What the last receive brought. */
    MemorySegment received() {
        MemorySegment chunk = ring == null ? null : ring.chunk();
        if (chunk != null) {
            return chunk;
        }
        PageMapper pages = mapper;
        return mapped && pages != null ? pages.range() : received;
    }

    Pattern pattern() {
        return pattern;
    }

    @Override
    public void close() {
        rings.close();
        waiting.close();
    }
}
