package dev.flowlane.posix;

import com.sun.management.ThreadMXBean;

import java.lang.management.ManagementFactory;

/** What the calling thread allocates on the Java heap. */
final class Allocation {
    private static final int CALLS = 100_000;
    private static final long PATIENCE_NS = 60_000_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /**
     * Bytes that a hundred thousand calls allocate once they are warm: the least of some rounds, because those before
     * the last compilation still pay for the interpreter. On a machine with other work that may be long after.
     */
    static long ofWarmCalls(Runnable call) {
        long least = Long.MAX_VALUE;
        long sinceNs = System.nanoTime();
        while (least > 0 && System.nanoTime() - sinceNs < PATIENCE_NS) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
