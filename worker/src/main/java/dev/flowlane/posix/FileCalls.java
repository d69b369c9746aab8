package dev.flowlane.posix;


import java.lang.invoke.MethodHandle;

/** Calls on any descriptor: the value, or the negative errno. EINTR is retried, except by {@link #close}. */
final class FileCalls {
    /** asm-generic/fcntl.h. */
    static final int F_GETFL = 3;
    static final int F_SETFL = 4;
    static final int O_NONBLOCK = 0x800;

    /** asm-generic/ioctls.h; linux/sockios.h calls TIOCOUTQ SIOCOUTQ. */
    static final long SIOCOUTQ = 0x5411;

    /** sys/eventfd.h. */
    static final int EFD_CLOEXEC = 0x80000;
    static final int EFD_NONBLOCK = 0x800;

    private static final MethodHandle READ = Libc.capturing("read");
    private static final MethodHandle WRITE = Libc.capturing("write");
    private static final MethodHandle WRITE_PLAIN = Libc.plain("write");
    private static final MethodHandle CLOSE = Libc.capturing("close");
    private static final MethodHandle FCNTL = Libc.capturing("fcntl");
    private static final MethodHandle IOCTL = Libc.capturing("ioctl");
    private static final MethodHandle EVENTFD = Libc.capturing("eventfd");

    private FileCalls() {}

    static long read(int fd, long buffer, long length) {
        CallState state = CallState.current();
        long count;
        do {
            count = Libc.call(READ, state, fd, buffer, length);
        } while (count == -1 && state.interrupted());
        return state.outcome(count);
    }

    static long write(int fd, long buffer, long length) {
        CallState state = CallState.current();
        long count;
        do {
            count = Libc.call(WRITE, state, fd, buffer, length);
        } while (count == -1 && state.interrupted());
        return state.outcome(count);
    }

    /** A write that is expected to succeed and then allocates nothing; made a second time when it failed. */
    static long writeSurely(int fd, long buffer, long length) {
        long count = Libc.callPlain(WRITE_PLAIN, fd, buffer, length);
        return count == -1 ? write(fd, buffer, length) : count;
    }

    /**
     * Not made again after EINTR: Linux has released the descriptor, and it may be somebody else's by now (close(2)).
     */
    static int close(int fd) {
        CallState state = CallState.current();
        int result = state.outcome((int) Libc.call(CLOSE, state, fd));
        return result == -Errno.EINTR ? 0 : result;
    }

    static int fcntl(int fd, int command, long argument) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(FCNTL, state, fd, command, argument));
    }

    static int ioctl(int fd, long request, long argument) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(IOCTL, state, fd, request, argument));
    }

    static int eventfd(int initial, int flags) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(EVENTFD, state, initial, flags));
    }
}
