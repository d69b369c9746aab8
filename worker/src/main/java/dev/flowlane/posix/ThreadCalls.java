package dev.flowlane.posix;


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

    /** linux/resource.h: with a thread id, that thread alone. */
    private static final int PRIO_PROCESS = 0;

    /** linux/time.h. */
    static final int CLOCK_REALTIME = 0;

    /** bits/confname.h. */
    static final int SC_CLK_TCK = 2;

    private static final MethodHandle SCHED_SETAFFINITY = Libc.capturing("sched_setaffinity");
    private static final MethodHandle SCHED_GETAFFINITY = Libc.capturing("sched_getaffinity");
    private static final MethodHandle SETPRIORITY = Libc.capturing("setpriority");
    private static final MethodHandle SCHED_GETCPU = Libc.plain("sched_getcpu");
    private static final MethodHandle GETTID = Libc.plain("gettid");
    private static final MethodHandle GETPID = Libc.plain("getpid");
    private static final MethodHandle GETPPID = Libc.plain("getppid");
    private static final MethodHandle PRCTL = Libc.capturing("prctl");
    private static final MethodHandle GETRUSAGE = Libc.plain("getrusage");
    private static final MethodHandle CLOCK_GETTIME = Libc.plain("clock_gettime");
    private static final MethodHandle SYSCONF = Libc.capturing("sysconf");

    private static final MethodHandle UNSHARE = Libc.capturing("unshare");
    private static final MethodHandle TGKILL = Libc.capturing("tgkill");
    private static final MethodHandle SIGNAL = Libc.capturing("signal");
    private static final MethodHandle SIGINTERRUPT = Libc.capturing("siginterrupt");

    private ThreadCalls() {}

    static int schedSetaffinity(int threadId, long maskBytes, long mask) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(SCHED_SETAFFINITY, state, threadId, maskBytes, mask));
    }

    static int schedGetaffinity(int threadId, long maskBytes, long mask) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(SCHED_GETAFFINITY, state, threadId, maskBytes, mask));
    }

    static int setpriority(int threadId, int nice) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(SETPRIORITY, state, PRIO_PROCESS, threadId, nice));
    }

    /** The CPU, or -1. No system call: glibc reads it from the thread's rseq area, older ones ask the vDSO. */
    static int schedGetcpu() {
        return (int) Libc.callPlain(SCHED_GETCPU);
    }

    static int gettid() {
        return (int) Libc.callPlain(GETTID);
    }

    static int getpid() {
        return (int) Libc.callPlain(GETPID);
    }

    static int getppid() {
        return (int) Libc.callPlain(GETPPID);
    }

    static int prctl(int option, long argument) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(PRCTL, state, option, argument, 0L, 0L, 0L));
    }

    /** Plain, like {@link #clockGettime}: wrong arguments are all that can make it fail. */
    static int getrusage(int who, long usage) {
        return (int) Libc.callPlain(GETRUSAGE, who, usage) == -1 ? -Errno.EINVAL : 0;
    }

    static int clockGettime(int clock, long timespec) {
        return (int) Libc.callPlain(CLOCK_GETTIME, clock, timespec) == -1 ? -Errno.EINVAL : 0;
    }

    static long sysconf(int name) {
        CallState state = CallState.current();
        return state.outcome(Libc.call(SYSCONF, state, name));
    }

    static int unshare(int flags) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(UNSHARE, state, flags));
    }

    static int tgkill(int processId, int threadId, int signal) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(TGKILL, state, processId, threadId, signal));
    }

    /** The handler before, or a negative errno; SIG_DFL is 0, SIG_IGN is 1. */
    static long signal(int signal, long handler) {
        CallState state = CallState.current();
        return state.outcome(Libc.call(SIGNAL, state, signal, handler));
    }

    /** Whether a system call that the signal interrupts fails with EINTR (1) or is restarted (0). */
    static int siginterrupt(int signal, int interrupt) {
        CallState state = CallState.current();
        return state.outcome((int) Libc.call(SIGINTERRUPT, state, signal, interrupt));
    }
}
