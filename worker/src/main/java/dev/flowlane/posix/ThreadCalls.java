package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * Calls about the caller, its process and the time: the value, or the negative errno. None of them is interruptible.
 */
final class ThreadCalls {
    /** linux/prctl.h. */
    static final int PR_SET_PDEATHSIG = 1;
    static final int PR_SET_TIMERSLACK = 29;
    static final int PR_GET_TIMERSLACK = 30;

    /** linux/sched.h. */
    static final int CLONE_FILES = 0x400;

    /** linux/resource.h. */
    static final int RUSAGE_THREAD = 1;

    /** linux/time.h. */
    static final int CLOCK_REALTIME = 0;

    /** bits/confname.h. */
    static final int SC_CLK_TCK = 2;

    private static final MethodHandle SCHED_SETAFFINITY =
            Libc.capturing("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SCHED_GETAFFINITY =
            Libc.capturing("sched_getaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SCHED_GETCPU = Libc.plain("sched_getcpu", JAVA_INT);
    private static final MethodHandle GETTID = Libc.plain("gettid", JAVA_INT);
    private static final MethodHandle GETPID = Libc.plain("getpid", JAVA_INT);
    private static final MethodHandle GETPPID = Libc.plain("getppid", JAVA_INT);
    private static final MethodHandle PRCTL =
            Libc.variadic("prctl", 1, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GETRUSAGE = Libc.plain("getrusage", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle CLOCK_GETTIME = Libc.plain("clock_gettime", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle SYSCONF = Libc.capturing("sysconf", JAVA_LONG, JAVA_INT);

    private static final MethodHandle UNSHARE = Libc.capturing("unshare", JAVA_INT, JAVA_INT);
    private static final MethodHandle TGKILL = Libc.capturing("tgkill", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SIGNAL = Libc.capturing("signal", JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle SIGINTERRUPT = Libc.capturing("siginterrupt", JAVA_INT, JAVA_INT, JAVA_INT);

    private ThreadCalls() {}

    static int schedSetaffinity(int threadId, long maskBytes, long mask) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) SCHED_SETAFFINITY.invokeExact(state.captured, threadId, maskBytes, mask));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int schedGetaffinity(int threadId, long maskBytes, long mask) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) SCHED_GETAFFINITY.invokeExact(state.captured, threadId, maskBytes, mask));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /** The CPU, or -1. No system call: glibc reads it from the thread's rseq area, older ones ask the vDSO. */
    static int schedGetcpu() {
        try {
            return (int) SCHED_GETCPU.invokeExact();
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int gettid() {
        try {
            return (int) GETTID.invokeExact();
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int getpid() {
        try {
            return (int) GETPID.invokeExact();
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int getppid() {
        try {
            return (int) GETPPID.invokeExact();
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int prctl(int option, long argument) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) PRCTL.invokeExact(state.captured, option, argument, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /** Plain, like {@link #clockGettime}: wrong arguments are all that can make it fail. */
    static int getrusage(int who, long usage) {
        try {
            return (int) GETRUSAGE.invokeExact(who, usage) == -1 ? -Errno.EINVAL : 0;
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int clockGettime(int clock, long timespec) {
        try {
            return (int) CLOCK_GETTIME.invokeExact(clock, timespec) == -1 ? -Errno.EINVAL : 0;
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static long sysconf(int name) {
        CallState state = CallState.current();
        try {
            return state.outcome((long) SYSCONF.invokeExact(state.captured, name));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int unshare(int flags) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) UNSHARE.invokeExact(state.captured, flags));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    static int tgkill(int processId, int threadId, int signal) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) TGKILL.invokeExact(state.captured, processId, threadId, signal));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /** The handler before, or a negative errno; SIG_DFL is 0, SIG_IGN is 1. */
    static long signal(int signal, long handler) {
        CallState state = CallState.current();
        try {
            return state.outcome((long) SIGNAL.invokeExact(state.captured, signal, handler));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }

    /** Whether a system call that the signal interrupts fails with EINTR (1) or is restarted (0). */
    static int siginterrupt(int signal, int interrupt) {
        CallState state = CallState.current();
        try {
            return state.outcome((int) SIGINTERRUPT.invokeExact(state.captured, signal, interrupt));
        } catch (Throwable failure) {
            throw Libc.unexpected(failure);
        }
    }
}
