package dev.flowlane.posix;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How the scheduler has treated one thread of this process since it began; any other thread of it may ask. null where
 * the kernel does not tell: {@code /proc/self/task/TID/status} and {@code schedstat}, of which the second needs
 * CONFIG_SCHED_INFO.
 *
 * @param voluntarySwitches times it gave up its CPU, to wait for something
 * @param involuntarySwitches times the scheduler took its CPU away
 * @param runNs time on a CPU
 * @param runDelayNs time it could have run and waited for a CPU
 */
public record ThreadStatus(
        @Nullable Long voluntarySwitches,
        @Nullable Long involuntarySwitches,
        @Nullable Long runNs,
        @Nullable Long runDelayNs) {

    /** As it is now; all null when there is no such thread in this process (any more). */
    public static ThreadStatus read(int threadId) {
        Path task = Path.of("/proc/self/task", Integer.toString(threadId));
        return parse(lines(task.resolve("status")), lines(task.resolve("schedstat")));
    }

    static ThreadStatus parse(List<String> status, List<String> schedstat) {
        // Run time, run delay, number of time slices.
        String[] times = schedstat.isEmpty() ? new String[0] : schedstat.getFirst().strip().split("\\s+");
        return new ThreadStatus(
                field(status, "voluntary_ctxt_switches:"),
                field(status, "nonvoluntary_ctxt_switches:"),
                times.length < 2 ? null : number(times[0]),
                times.length < 2 ? null : number(times[1]));
    }

    private static @Nullable Long field(List<String> status, String name) {
        for (String line : status) {
            if (line.startsWith(name)) {
                return number(line.substring(name.length()).strip());
            }
        }
        return null;
    }

    private static @Nullable Long number(String digits) {
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException notANumber) {
            return null;
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException absent) {
            return List.of();
        }
    }
}
