package dev.flowlane.posix;

/** Attributes of the calling process and thread. */
public final class Processes {
    /** asm-generic/signal.h. */
    public static final int SIGKILL = 9;
    /** asm-generic/signal.h. */
    public static final int SIGTERM = 15;

    private Processes() {}

    /** Process id of the caller. */
    public static int processId() {
        return ThreadCalls.getpid();
    }

    /** Process id of the caller's parent; 1 or that of a subreaper once the real one has died. */
    public static int parentProcessId() {
        return ThreadCalls.getppid();
    }

    /**
     * Asks for a signal when the parent dies. Two things to know (prctl(2), PR_SET_PDEATHSIG): the parent is the thread
     * that created this process, not its process; and the request is kept by the calling thread, so it has to be one
     * that lives as long as the process. A parent that died before is not noticed: compare {@link #parentProcessId}
     * afterwards.
     *
     * @param signal its number; 0 takes the request back
     * @throws PosixException EINVAL for a number that is no signal
     */
    public static void setParentDeathSignal(int signal) {
        PosixException.check("prctl(PR_SET_PDEATHSIG)", ThreadCalls.prctl(ThreadCalls.PR_SET_PDEATHSIG, signal));
    }

    /**
     * Sets how late timers of the calling thread may fire so that the kernel can bundle them.
     *
     * @param slackNs nanoseconds, 1 for as exactly as possible; 0 restores the default, usually 50 µs
     */
    public static void setTimerSlackNs(long slackNs) {
        PosixException.check("prctl(PR_SET_TIMERSLACK)", ThreadCalls.prctl(ThreadCalls.PR_SET_TIMERSLACK, slackNs));
    }

    /** How late timers of the calling thread may fire, ns; at most two seconds can be told. */
    public static long timerSlackNs() {
        return PosixException.check("prctl(PR_GET_TIMERSLACK)", ThreadCalls.prctl(ThreadCalls.PR_GET_TIMERSLACK, 0));
    }

    /**
     * Gives the calling thread a descriptor table of its own, a copy of the process's as it is now (unshare(2),
     * CLONE_FILES). Descriptors that others open or close from now on do not concern it, nor the other way round; they
     * can still be passed over an AF_UNIX socket. In return the kernel need not count references on every call, since
     * nobody else can close a descriptor under way.
     *
     * @throws PosixException where a sandbox forbids it
     */
    public static void unshareDescriptors() {
        PosixException.check("unshare(CLONE_FILES)", ThreadCalls.unshare(ThreadCalls.CLONE_FILES));
    }

    /**
     * Gives memory that the C library's allocator holds without need back to the kernel (malloc_trim(3)): a JVM that
     * has just compiled a lot holds some megabytes. Nothing happens where the C library is not glibc.
     */
    public static void trimNativeHeap() {
        Libc.trimNativeHeap();
    }
}
