package dev.flowlane.posix;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How the scheduler has treated one thread of this process since it began; any other thread of it may ask:
 * {@code /proc/self/task/TID/schedstat}. null where the kernel does not tell, which is one without CONFIG_SCHED_INFO.
 *
 * @param runNs time on a CPU
 * @param runDelayNs time it could have run and waited for a CPU
 */
public record SchedStat(@Nullable Long runNs, @Nullable Long runDelayNs) {
    private static final SchedStat UNKNOWN = new SchedStat(null, null);

    /** As it is now; all null when there is no such thread in this process (any more). */
    public static SchedStat read(int threadId) {
        try {
            return parse(Files.readString(Path.of("/proc/self/task", Integer.toString(threadId), "schedstat")));
        } catch (IOException absent) {
            return UNKNOWN;
        }
    }

    /** @param schedstat run time, run delay, number of time slices */
    static SchedStat parse(String schedstat) {
        String[] times = schedstat.strip().split("\\s+", -1);
        if (times.length < 2) {
            return UNKNOWN;
        }
        try {
            return new SchedStat(Long.valueOf(times[0]), Long.valueOf(times[1]));
        } catch (NumberFormatException notNumbers) {
            return UNKNOWN;
        }
    }
}
