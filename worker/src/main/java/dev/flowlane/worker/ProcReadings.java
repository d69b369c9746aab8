package dev.flowlane.worker;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.ProcStat;
import dev.flowlane.posix.ProcStat.CpuTimes;
import dev.flowlane.posix.SchedStat;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What /proc tells of the I/O thread and of the CPUs of lanes; by the control thread, once for all flows whose
 * intervals are due at the same time: to read and take apart two files for each of 256 would be most of the work of
 * their reports.
 */
final class ProcReadings {
    /** Half a tick of /proc/stat. Reports of one flow follow each other, so nothing is counted twice or left out. */
    private static final long MOST_AGE_NS = 5_000_000;

    private final Map<CpuSet, List<CpuTimes>> cpus = new HashMap<>();
    private final Map<Integer, SchedStat> threads = new HashMap<>();
    private long readNs;

    /** What is asked for from now on is read from now on. */
    void renew() {
        cpus.clear();
        threads.clear();
        readNs = System.nanoTime();
    }

    /** As {@link ProcStat#read}. */
    List<CpuTimes> cpus(CpuSet wanted) {
        renewIfOld();
        return cpus.computeIfAbsent(wanted, ProcStat::read);
    }

    /** Time that a thread could have run and waited for a CPU; null where the kernel does not tell. */
    @Nullable Long runDelayNs(int threadId) {
        renewIfOld();
        return threads.computeIfAbsent(threadId, SchedStat::read).runDelayNs();
    }

    private void renewIfOld() {
        if (System.nanoTime() - readNs > MOST_AGE_NS) {
            renew();
        }
    }
}
