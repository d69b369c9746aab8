package dev.flowlane.posix;

/**
 * How much of a contested CPU a thread gets. On Linux niceness belongs to a thread, not to a process (setpriority(2),
 * "C library/kernel differences"); threads and processes inherit it from the thread that creates them.
 */
public final class Niceness {
    /** The kernel's weight of a nice 0 thread is 9.3 times that of this one (sched_prio_to_weight, 1024 and 110). */
    public static final int BEHIND_MEASUREMENTS = 10;

    private Niceness() {}

    /**
     * Makes a thread nicer; one that is as nice already stays as it is. Allowed to everyone.
     *
     * @param threadId kernel thread id, of any process of the same user; 0 is the caller
     * @param nice -20 to 19, the higher the less of a CPU
     * @throws PosixException ESRCH when there is no such thread, EPERM for others' threads, and whatever a container's
     *     system call filter says
     */
    public static void atLeast(int threadId, int nice) {
        // -1 is a niceness as well as a failure; a thread that is not there fails once more below.
        if (ThreadCalls.getpriority(threadId) >= nice) {
            return;
        }
        int result = ThreadCalls.setpriority(threadId, nice);
        if (result < 0) {
            throw new PosixException("setpriority", -result, "nice " + nice + " of thread " + threadId);
        }
    }
}
