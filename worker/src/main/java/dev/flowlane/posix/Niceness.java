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
     * Changes a thread's niceness. Up is allowed to everyone, down again needs CAP_SYS_NICE.
     *
     * @param threadId kernel thread id, of any process of the same user; 0 is the caller
     * @param nice -20 to 19, the higher the less
     * @throws PosixException ESRCH when there is no such thread, EACCES for a way down, EPERM for others' threads
     */
    public static void set(int threadId, int nice) {
        int result = ThreadCalls.setpriority(threadId, nice);
        if (result < 0) {
            throw new PosixException("setpriority", -result, "nice " + nice + " of thread " + threadId);
        }
    }
}
