package dev.flowlane.daemon;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.Niceness;
import dev.flowlane.posix.PosixException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Keeps the daemon itself out of the way of what is measured. */
final class OwnThreads {
    private static final Logger LOG = LoggerFactory.getLogger(OwnThreads.class);
    private static final Path TASKS = Path.of("/proc/self/task");

    private OwnThreads() {}

    /** Keeps the daemon's threads, and with them whatever it starts, away from the CPUs of lanes. */
    static void moveTo(CpuSet cpus) {
        int moved = 0;
        for (int threadId : threadIds()) {
            try {
                Affinity.set(threadId, cpus);
                moved++;
            } catch (PosixException e) {
                // The thread has ended, or the cpuset has just shrunk: nothing that a measurement depends on.
                LOG.atDebug().addKeyValue("thread", threadId).log("not moved: {}", e.getMessage());
            }
        }
        LOG.atDebug().addKeyValue("cpus", cpus).addKeyValue("threads", moved).log("moved to housekeeping CPUs");
    }

    /**
     * Puts the daemon behind its workers wherever both want a CPU: where no CPU is left for housekeeping it would
     * otherwise take turns with what is being measured.
     *
     * @param spawnerThreadId its children inherit its niceness, so it stays as it is
     */
    static void yieldTo(int spawnerThreadId) {
        for (int threadId : threadIds()) {
            if (threadId != spawnerThreadId) {
                try {
                    Niceness.set(threadId, Niceness.BEHIND_MEASUREMENTS);
                } catch (PosixException e) {
                    // Ended meanwhile, or an administrator had it nicer already.
                    LOG.atDebug().addKeyValue("thread", threadId).log("keeps its niceness: {}", e.getMessage());
                }
            }
        }
    }

    private static List<Integer> threadIds() {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.map(task -> Integer.valueOf(String.valueOf(task.getFileName()))).toList();
        } catch (IOException | NumberFormatException e) {
            return List.of();
        }
    }
}
