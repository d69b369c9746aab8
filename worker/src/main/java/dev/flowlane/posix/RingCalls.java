package dev.flowlane.posix;


import java.lang.invoke.MethodHandle;

/**
 * The calls of io_uring, which the C library does not wrap, and of memory and its maps: the value, or the negative
 * errno. None is made again after EINTR.
 */
final class RingCalls {
    /** asm-generic/unistd.h; the same on x86-64. */
    private static final long SYS_IO_URING_SETUP = 425;

    private static final long SYS_IO_URING_ENTER = 426;
    private static final long SYS_IO_URING_REGISTER = 427;

    /** asm-generic/mman-common.h, bits/mman-linux.h. */
    private static final int PROT_READ_WRITE = 0x1 | 0x2;

    private static final int MAP_SHARED_POPULATE = 0x1 | 0x8000;

    private static final MethodHandle SYSCALL = Libc.capturing("syscall");
    private static final MethodHandle MMAP = Libc.capturing("mmap");
    private static final MethodHandle MUNMAP = Libc.capturing("munmap");

    private static final MethodHandle SYSCONF = Libc.plain("sysconf");

    private RingCalls() {}

    static int setup(int entries, long params) {
        return (int) syscall(CallState.current(), SYS_IO_URING_SETUP, entries, params, 0, 0, 0, 0);
    }

    static long enter(CallState state, int ring, int submit, int want, int flags, long argument, int argumentBytes) {
        return syscall(state, SYS_IO_URING_ENTER, ring, submit, want, flags, argument, argumentBytes);
    }

    static int register(int ring, int operation, long argument, int count) {
        return (int) syscall(CallState.current(), SYS_IO_URING_REGISTER, ring, operation, argument, count, 0, 0);
    }

    /** Readable and writable, shared, there at once. */
    static long map(int fd, long length, long offset) {
        return map(fd, length, offset, PROT_READ_WRITE, MAP_SHARED_POPULATE);
    }

    static long map(int fd, long length, long offset, int protection, int flags) {
        CallState state = CallState.current();
        return state.outcome(Libc.call(MMAP, state, 0L, length, protection, flags, fd, offset));
    }

    static long sysconf(int name) {
        return Libc.callPlain(SYSCONF, name);
    }

    static int unmap(long address, long length) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(MUNMAP, state, address, length));
    }

    private static long syscall(CallState state, long number, long a, long b, long c, long d, long e, long f) {
        return state.outcome(Libc.call(SYSCALL, state, number, a, b, c, d, e, f));
    }
}
