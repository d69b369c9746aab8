package dev.flowlane.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Which CPUs a thread may run on, and where the caller is. Affinity belongs to a thread, not to a process; threads and
 * processes inherit it from the thread that creates them.
 */
public final class Affinity {
    private Affinity() {}

    /**
     * The mask of a thread, as it is now: cpuset changes by a container manager show here.
     *
     * @param threadId kernel thread id, of any process; 0 is the caller
     * @throws PosixException ESRCH when there is no such thread
     */
    public static CpuSet get(int threadId) {
        for (int bytes = AffinityMask.SMALLEST_BYTES; ; bytes *= 2) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment mask = arena.allocate(bytes, Long.BYTES);
                int result = ThreadCalls.schedGetaffinity(threadId, bytes, mask.address());
                // EINVAL: the kernel knows more CPUs than the mask has bits.
                if (result == -Errno.EINVAL && bytes < AffinityMask.LARGEST_BYTES) {
                    continue;
                }
                if (result < 0) {
                    throw new PosixException("sched_getaffinity", -result, "thread " + threadId);
                }
                return AffinityMask.load(mask);
            }
        }
    }

    /**
     * Binds a thread. CPUs that are offline or outside the cgroup's cpuset are left out by the kernel without a word as
     * long as one remains: {@link #get} tells what became of it.
     *
     * @param threadId kernel thread id, of any process of the same user; 0 is the caller
     * @throws PosixException EINVAL when no CPU of the set can be used, ESRCH when there is no such thread, EPERM
     */
    public static void set(int threadId, CpuSet cpus) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(AffinityMask.bytesFor(cpus), Long.BYTES);
            AffinityMask.store(cpus, mask);
            int result = ThreadCalls.schedSetaffinity(threadId, mask.byteSize(), mask.address());
            if (result < 0) {
                throw new PosixException("sched_setaffinity", -result, "cpus " + cpus + " of thread " + threadId);
            }
        }
    }

    /** The CPU the caller runs on at this instant; -1 when the kernel does not tell. Allocates nothing. */
    public static int currentCpu() {
        return ThreadCalls.schedGetcpu();
    }

    /** Kernel thread id of the caller. Allocates nothing. */
    public static int threadId() {
        return ThreadCalls.gettid();
    }
}
