package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * Calls that wait: the value, or the negative errno. A wait interrupted by a signal goes on for what is left of its
 * time-out; a negative time-out has no end.
 */
final class PollCalls {
    /** sys/epoll.h. */
    static final int EPOLL_CLOEXEC = 0x80000;
    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLL_CTL_DEL = 2;
    static final int EPOLL_CTL_MOD = 3;

    /**
     * asm-generic/unistd.h and, by luck of its late birth (5.11), also x86-64's: glibc has a wrapper only since 2.35.
     */
    private static final long SYS_EPOLL_PWAIT2 = 441;

    private static final MethodHandle PPOLL =
            Libc.capturing("ppoll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle EPOLL_CREATE1 = Libc.capturing("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_CTL =
            Libc.capturing("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle EPOLL_WAIT =
            Libc.capturing("epoll_wait", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle SYSCALL = Libc.variadic(
            "syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private PollCalls() {}

    static int ppoll(long fds, int count, long timeoutNs) {
        CallState state = CallState.current();
        long startNs = timeoutNs > 0 ? System.nanoTime() : 0;
        try {
            int ready = (int) PPOLL.invokeExact(state.captured, fds, (long) count, state.timespec(timeoutNs), 0L);
            while (ready == -1 && state.interrupted()) {
                long timespec = state.timespec(left(timeoutNs, startNs));
                ready = (int) PPOLL.invokeExact(state.captured, fds, (long) count, timespec, 0L);
            }
            return state.outcome(ready);
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int epollCreate() {
        CallState state = CallState.current();
        try {
            return state.outcome((int) EPOLL_CREATE1.invokeExact(state.captured, EPOLL_CLOEXEC));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int epollCtl(int epollFd, int operation, int fd, long event) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) EPOLL_CTL.invokeExact(state.captured, epollFd, operation, fd, event));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /** To the nanosecond; ENOSYS before Linux 5.11, EPERM in a sandbox that does not know the call. */
    static int epollPwait2(int epollFd, long events, int maxEvents, long timeoutNs) {
        CallState state = CallState.current();
        long startNs = timeoutNs > 0 ? System.nanoTime() : 0;
        try {
            long ready = epollPwait2Once(state, epollFd, events, maxEvents, timeoutNs);
            while (ready == -1 && state.interrupted()) {
                ready = epollPwait2Once(state, epollFd, events, maxEvents, left(timeoutNs, startNs));
            }
            return (int) state.outcome(ready);
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    private static long epollPwait2Once(CallState state, int epollFd, long events, int maxEvents, long timeoutNs)
            throws Throwable {
        return (long) SYSCALL.invokeExact(
                state.captured,
                SYS_EPOLL_PWAIT2,
                (long) epollFd,
                events,
                (long) maxEvents,
                state.timespec(timeoutNs),
                0L,
                0L);
    }

    /** To the millisecond, rounded up: waiting a little long is late once, waiting a little short spins. */
    static int epollWait(int epollFd, long events, int maxEvents, long timeoutNs) {
        CallState state = CallState.current();
        long startNs = timeoutNs > 0 ? System.nanoTime() : 0;
        try {
            int ready =
                    (int) EPOLL_WAIT.invokeExact(state.captured, epollFd, events, maxEvents, millis(timeoutNs));
            while (ready == -1 && state.interrupted()) {
                int leftMs = millis(left(timeoutNs, startNs));
                ready = (int) EPOLL_WAIT.invokeExact(state.captured, epollFd, events, maxEvents, leftMs);
            }
            return state.outcome(ready);
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    private static long left(long timeoutNs, long startNs) {
        return timeoutNs <= 0 ? timeoutNs : Math.max(0, timeoutNs - (System.nanoTime() - startNs));
    }

    static int millis(long timeoutNs) {
        if (timeoutNs < 0) {
            return -1;
        }
        return (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(timeoutNs, 1_000_000L));
    }
}
