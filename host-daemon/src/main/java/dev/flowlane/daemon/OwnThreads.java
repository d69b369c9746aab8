package dev.flowlane.daemon;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.PosixException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Keeps the daemon itself away from the CPUs of lanes: its threads, and with them whatever it starts. */
final class OwnThreads {
    private static final Logger LOG = LoggerFactory.getLogger(OwnThreads.class);
    private static final Path TASKS = Path.of("/proc/self/task");

    private OwnThreads() {}

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

    private static List<Integer> threadIds() {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.map(task -> Integer.valueOf(String.valueOf(task.getFileName()))).toList();
        } catch (IOException | NumberFormatException e) {
            return List.of();
        }
    }
}
