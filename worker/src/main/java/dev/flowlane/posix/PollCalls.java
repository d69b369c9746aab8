package dev.flowlane.posix;


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

    private static final MethodHandle PPOLL = Libc.capturing("ppoll");
    private static final MethodHandle EPOLL_CREATE1 = Libc.capturing("epoll_create1");
    private static final MethodHandle EPOLL_CTL = Libc.capturing("epoll_ctl");
    private static final MethodHandle EPOLL_WAIT = Libc.capturing("epoll_wait");
    private static final MethodHandle SYSCALL = Libc.capturing("syscall");

    private PollCalls() {}

    static int ppoll(long fds, int count, long timeoutNs) {
        CallState state = CallState.current();
        long startNs = timeoutNs > 0 ? System.nanoTime() : 0;
        int ready = (int) Libc.call(PPOLL, state, fds, count, state.timespec(timeoutNs), 0L);
        while (ready == -1 && state.interrupted()) {
            long timespec = state.timespec(left(timeoutNs, startNs));
            ready = (int) Libc.call(PPOLL, state, fds, count, timespec, 0L);
        }
        return state.outcome(ready);
    }

    static int epollCreate() {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(EPOLL_CREATE1, state, EPOLL_CLOEXEC));
    }

    static int epollCtl(int epollFd, int operation, int fd, long event) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(EPOLL_CTL, state, epollFd, operation, fd, event));
    }

    /** To the nanosecond; ENOSYS before Linux 5.11, EPERM in a sandbox that does not know the call. */
    static int epollPwait2(int epollFd, long events, int maxEvents, long timeoutNs) {
        CallState state = CallState.current();
        long startNs = timeoutNs > 0 ? System.nanoTime() : 0;
        long ready = epollPwait2Once(state, epollFd, events, maxEvents, timeoutNs);
        while (ready == -1 && state.interrupted()) {
            ready = epollPwait2Once(state, epollFd, events, maxEvents, left(timeoutNs, startNs));
        }
        return (int) state.outcome(ready);
    }

    private static long epollPwait2Once(CallState state, int epollFd, long events, int maxEvents, long timeoutNs) {
        long timespec = state.timespec(timeoutNs);
        return Libc.call(SYSCALL, state, SYS_EPOLL_PWAIT2, epollFd, events, maxEvents, timespec);
    }

    /** To the millisecond, rounded up: waiting a little long is late once, waiting a little short spins. */
    static int epollWait(int epollFd, long events, int maxEvents, long timeoutNs) {
        CallState state = CallState.current();
        long startNs = timeoutNs > 0 ? System.nanoTime() : 0;
        int ready =
                (int) Libc.call(EPOLL_WAIT, state, epollFd, events, maxEvents, millis(timeoutNs));
        while (ready == -1 && state.interrupted()) {
            int leftMs = millis(left(timeoutNs, startNs));
            ready = (int) Libc.call(EPOLL_WAIT, state, epollFd, events, maxEvents, leftMs);
        }
        return state.outcome(ready);
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
