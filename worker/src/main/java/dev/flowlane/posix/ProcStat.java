package dev.flowlane.posix;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What CPUs have done since boot: the per-CPU lines of {@code /proc/stat} (proc_stat(5)). */
public final class ProcStat {
    private static final Path FILE = Path.of("/proc/stat");

    /** Up to steal, which every kernel since 2.6.11 has (proc_stat(5)). */
    private static final int COLUMNS = 9;

    private ProcStat() {}

    /**
     * One CPU's time by mode, ns, in whole ticks of the kernel (10 ms as a rule).
     *
     * @param cpu its number
     * @param userNs user mode, niced processes and guests included
     * @param systemNs kernel mode, on behalf of processes
     * @param irqNs interrupt handlers
     * @param softirqNs soft interrupts: where packets are received
     * @param iowaitNs idle while something waits for a disk
     * @param stealNs taken by the hypervisor
     * @param idleNs idle
     */
    public record CpuTimes(
            int cpu,
            long userNs,
            long systemNs,
            long irqNs,
            long softirqNs,
            long iowaitNs,
            long stealNs,
            long idleNs) {

        /**
         * What happened since {@code earlier}, a reading of the same CPU. Never negative: the kernel's idle and iowait
         * may go back a little.
         */
        public CpuTimes minus(CpuTimes earlier) {
            if (cpu != earlier.cpu) {
                throw new IllegalArgumentException("CPU " + cpu + " minus CPU " + earlier.cpu);
            }
            return new CpuTimes(
                    cpu,
                    Math.max(0, userNs - earlier.userNs),
                    Math.max(0, systemNs - earlier.systemNs),
                    Math.max(0, irqNs - earlier.irqNs),
                    Math.max(0, softirqNs - earlier.softirqNs),
                    Math.max(0, iowaitNs - earlier.iowaitNs),
                    Math.max(0, stealNs - earlier.stealNs),
                    Math.max(0, idleNs - earlier.idleNs));
        }
    }

    /**
     * The times of the given CPUs, in their order; a CPU that is offline is missing.
     *
     * @throws UncheckedIOException when the file cannot be read
     */
    public static List<CpuTimes> read(CpuSet cpus) {
        try (BufferedReader reader = Files.newBufferedReader(FILE)) {
            return parse(reader, cpus, Ticks.NANOS);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * Stops behind the last CPU: a long line of interrupt counters follows. A line that does not have a number in each
     * column tells nothing of its CPU.
     */
    static List<CpuTimes> parse(BufferedReader stat, CpuSet cpus, long tickNs) throws IOException {
        List<CpuTimes> times = new ArrayList<>();
        for (String line = stat.readLine(); line != null && line.startsWith("cpu"); line = stat.readLine()) {
            String[] words = line.split("\\s+");
            // The line of all CPUs together has no number.
            if (words.length >= COLUMNS && words[0].length() > 3) {
                try {
                    CpuTimes cpu = of(words, tickNs);
                    if (cpus.contains(cpu.cpu())) {
                        times.add(cpu);
                    }
                } catch (NumberFormatException e) {
                    // See above.
                }
            }
        }
        times.sort(Comparator.comparingInt(CpuTimes::cpu));
        return times;
    }

    /** Columns: name, user, nice, system, idle, iowait, irq, softirq, steal, guest (also in user), guest_nice. */
    private static CpuTimes of(String[] words, long tickNs) {
        int cpu = Integer.parseInt(words[0].substring(3));
        long user = Long.parseLong(words[1]) + Long.parseLong(words[2]);
        return new CpuTimes(
                cpu,
                user * tickNs,
                Long.parseLong(words[3]) * tickNs,
                Long.parseLong(words[6]) * tickNs,
                Long.parseLong(words[7]) * tickNs,
                Long.parseLong(words[5]) * tickNs,
                Long.parseLong(words[8]) * tickNs,
                Long.parseLong(words[4]) * tickNs);
    }

    /** Apart, so that parsing needs no system call. */
    private static final class Ticks {
        static final long NANOS = 1_000_000_000L / ThreadCalls.sysconf(ThreadCalls.SC_CLK_TCK);
    }
}
