package dev.flowlane.posix;

/**
 * Ends the wait of another thread inside {@link FlowSocket#send} or {@link FlowSocket#recv}, which then return
 * {@code -EINTR}, or the bytes they have so far. The alternative, a time-out on the socket, makes the kernel arm a
 * timer in every call that waits.
 *
 * <p>An interrupt that arrives just before the call begins is lost: who interrupts does so again until it worked.
 */
public final class ThreadInterrupt {
    /** Nothing else here sends it (it tells of urgent data, to those who asked), and by default it is ignored. */
    private static final int SIGURG = 23;

    private static final int SIG_ERR = -1;

    private ThreadInterrupt() {}

    /**
     * Sets the process up to be interrupted; again does no harm. Any handler will do, since it is the interruption that
     * counts, but it must not be Java: a signal arrives anywhere. So it is a C function that does nothing with its
     * argument.
     *
     * @throws PosixException when the signal's disposition cannot be set
     */
    public static void prepare() {
        long before = ThreadCalls.signal(SIGURG, Libc.functionAddress("abs"));
        if (before <= SIG_ERR) {
            throw new PosixException("signal", (int) -before, "SIGURG");
        }
        PosixException.check("siginterrupt", ThreadCalls.siginterrupt(SIGURG, 1));
    }

    /**
     * Interrupts a thread of this process, wherever it is; {@link #prepare} must have been called.
     *
     * @param threadId kernel thread id
     * @return false when there is no such thread any more
     */
    public static boolean interrupt(int threadId) {
        int result = ThreadCalls.tgkill(ThreadCalls.getpid(), threadId, SIGURG);
        if (result < 0 && result != -Errno.ESRCH) {
            throw new PosixException("tgkill", -result, "thread " + threadId);
        }
        return result >= 0;
    }
}
