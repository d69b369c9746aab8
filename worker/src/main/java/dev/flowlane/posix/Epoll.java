package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * An epoll instance. One thread awaits and looks at the events; any thread may add, modify and remove descriptors
 * meanwhile. Closing a descriptor removes it, unless a copy of it lives on elsewhere: remove it first.
 */
public final class Epoll implements AutoCloseable {
    /** Readable, or a connection to accept (sys/epoll.h, as all of these). */
    public static final int IN = 0x1;
    /** Writable, or connected. */
    public static final int OUT = 0x4;
    /** Failed; always reported. */
    public static final int ERR = 0x8;
    /** Both directions closed; always reported. */
    public static final int HUP = 0x10;
    /** The peer has half-closed. */
    public static final int RDHUP = 0x2000;
    /** Report once, until modified. */
    public static final int ONE_SHOT = 1 << 30;
    /** Report changes only. */
    public static final int EDGE_TRIGGERED = 1 << 31;

    private static final Abi ABI = Abi.current();

    /** Of the process, because it is the kernel or its sandbox that lacks the call. */
    private static volatile boolean pwait2Missing;

    private final int fd;
    private final int maxEvents;
    private final MemorySegment events;
    private int ready;

    private Epoll(int fd, int maxEvents, MemorySegment events) {
        this.fd = fd;
        this.maxEvents = maxEvents;
        this.events = events;
    }

    /**
     * A new instance.
     *
     * @param maxEvents the most that one {@link #await} returns, at least 1
     */
    public static Epoll create(int maxEvents) {
        if (maxEvents < 1) {
            throw new IllegalArgumentException("maxEvents " + maxEvents + " is less than 1");
        }
        // Freed with this object and not by close(): a thread may still be inside epoll_wait then.
        MemorySegment events = Arena.ofAuto().allocate((long) maxEvents * ABI.epollEventBytes, Long.BYTES);
        return new Epoll(PosixException.check("epoll_create1", PollCalls.epollCreate()), maxEvents, events);
    }

    /**
     * Watches a descriptor.
     *
     * @param token comes back with the descriptor's events
     * @throws PosixException EEXIST when it is watched already, EPERM for one that cannot be waited for
     */
    public void add(int fd, int events, long token) {
        control("epoll_ctl(ADD)", PollCalls.EPOLL_CTL_ADD, fd, events, token);
    }

    /**
     * Changes what to watch a descriptor for.
     *
     * @throws PosixException ENOENT when it is not watched
     */
    public void modify(int fd, int events, long token) {
        control("epoll_ctl(MOD)", PollCalls.EPOLL_CTL_MOD, fd, events, token);
    }

    /**
     * Stops watching a descriptor. Events of it that the last {@link #await} returned stay there.
     *
     * @throws PosixException ENOENT when it is not watched
     */
    public void remove(int fd) {
        control("epoll_ctl(DEL)", PollCalls.EPOLL_CTL_DEL, fd, 0, 0);
    }

    /**
     * Waits for events; allocates nothing. Exact to the timer slack with epoll_pwait2, to the millisecond, rounded up,
     * on a kernel before 5.11.
     *
     * @param timeoutNs nanoseconds; 0 looks only, negative waits without end
     * @return how many events there are, 0 when the time is up
     */
    public int await(long timeoutNs) {
        ready = PosixException.check("epoll_wait", awaitEvents(timeoutNs));
        return ready;
    }

    private int awaitEvents(long timeoutNs) {
        int result = -Errno.ENOSYS;
        if (!pwait2Missing) {
            result = PollCalls.epollPwait2(fd, events.address(), maxEvents, timeoutNs);
            pwait2Missing = result == -Errno.ENOSYS || result == -Errno.EPERM;
        }
        if (pwait2Missing) {
            result = PollCalls.epollWait(fd, events.address(), maxEvents, timeoutNs);
        }
        Libc.keep(events);
        return result;
    }

    /**
     * Token of an event of the last {@link #await}.
     *
     * @throws IndexOutOfBoundsException when it returned no more than {@code index} events
     */
    public long token(int index) {
        Objects.checkIndex(index, ready);
        return events.get(JAVA_LONG_UNALIGNED, (long) index * ABI.epollEventBytes + ABI.epollDataOffset);
    }

    /**
     * What happened: a mask of the constants of this class.
     *
     * @throws IndexOutOfBoundsException when the last {@link #await} returned no more than {@code index} events
     */
    public int events(int index) {
        Objects.checkIndex(index, ready);
        return events.get(JAVA_INT_UNALIGNED, (long) index * ABI.epollEventBytes);
    }

    /** Readable itself while there are events. */
    public int fd() {
        return fd;
    }

    /** Closes it; the descriptors it watched stay open. */
    @Override
    public void close() {
        Sockets.close(fd);
    }

    private void control(String call, int operation, int watched, int mask, long token) {
        CallState state = CallState.current();
        state.scratch.set(JAVA_INT_UNALIGNED, CallState.VALUE, mask);
        state.scratch.set(JAVA_LONG_UNALIGNED, CallState.VALUE + ABI.epollDataOffset, token);
        int result = PollCalls.epollCtl(fd, operation, watched, state.address(CallState.VALUE));
        if (result < 0) {
            throw new PosixException(call, -result, "fd " + watched);
        }
    }
}
