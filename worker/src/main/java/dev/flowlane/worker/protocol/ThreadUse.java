package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * How the I/O thread fared over some stretch of time.
 *
 * @param longestTurnNs longest time between two looks at the clock inside the flow loop while it had work
 * @param userNs user CPU time (getrusage, RUSAGE_THREAD)
 * @param systemNs system CPU time
 * @param involuntarySwitches involuntary context switches
 * @param runDelayNs time it was runnable without running (/proc/self/task/TID/schedstat); null where the kernel does
 *     not keep it
 */
public record ThreadUse(
        long longestTurnNs,
        long userNs,
        long systemNs,
        long involuntarySwitches,
        @Nullable Long runDelayNs) {
    public static final ThreadUse NONE = new ThreadUse(0, 0, 0, 0, null);
}
