package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

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

    private static final MethodHandle READ = Libc.capturing("read", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle WRITE = Libc.capturing("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle WRITE_PLAIN = Libc.plain("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle CLOSE = Libc.capturing("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle FCNTL = Libc.variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle IOCTL = Libc.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle EVENTFD = Libc.capturing("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);

    private FileCalls() {}

    static long read(int fd, long buffer, long length) {
        CallState state = CallState.current();
        try {
            long count;
            do {
                count = (long) READ.invokeExact(state.captured, fd, buffer, length);
            } while (count == -1 && state.interrupted());
            return state.outcome(count);
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static long write(int fd, long buffer, long length) {
        CallState state = CallState.current();
        try {
            long count;
            do {
                count = (long) WRITE.invokeExact(state.captured, fd, buffer, length);
            } while (count == -1 && state.interrupted());
            return state.outcome(count);
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /** A write that is expected to succeed and then allocates nothing; made a second time when it failed. */
    static long writeSurely(int fd, long buffer, long length) {
        try {
            long count = (long) WRITE_PLAIN.invokeExact(fd, buffer, length);
            return count == -1 ? write(fd, buffer, length) : count;
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /**
     * Not made again after EINTR: Linux has released the descriptor, and it may be somebody else's by now (close(2)).
     */
    static int close(int fd) {
        CallState state = CallState.current();
        try {
            int result = state.outcome((int) CLOSE.invokeExact(state.captured, fd));
            return result == -Errno.EINTR ? 0 : result;
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int fcntl(int fd, int command, long argument) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) FCNTL.invokeExact(state.captured, fd, command, argument));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int ioctl(int fd, long request, long argument) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) IOCTL.invokeExact(state.captured, fd, request, argument));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int eventfd(int initial, int flags) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) EVENTFD.invokeExact(state.captured, initial, flags));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }
}
