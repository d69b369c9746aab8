package dev.flowlane.worker;

import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether the JVM still compiles. What it has finished it tells itself; what it is at shows in the state of its
 * compiler threads, which sleep when their queues are empty. On a busy machine a large loop is compiled for longer than
 * several rounds of a warm-up take.
 */
final class Compilers {
    private static final Path TASKS = Path.of("/proc/self/task");

    private final CompilationMXBean finished = ManagementFactory.getCompilationMXBean();
    private long finishedMs = finished.getTotalCompilationTime();

    /** Whether nothing was compiled since the last call, or the beginning, and nothing is being compiled. */
    boolean quiet() {
        boolean atWork = atWork();
        long nowMs = finished.getTotalCompilationTime();
        boolean same = nowMs == finishedMs;
        finishedMs = nowMs;
        return same && !atWork;
    }

    private static boolean atWork() {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                if (compilesNow(task)) {
                    return true;
                }
            }
        } catch (IOException _) {
            // Then what is finished has to do.
        }
        return false;
    }

    /** By its name, of which the kernel keeps 15 characters, and the state behind it (proc_pid_stat(5)). */
    private static boolean compilesNow(Path task) {
        try {
            String stat = Files.readString(task.resolve("stat"));
            int name = stat.indexOf('(') + 1;
            boolean compiler = stat.startsWith("C1 Compiler", name) || stat.startsWith("C2 Compiler", name);
            return compiler && !stat.startsWith(") S", stat.lastIndexOf(')'));
        } catch (IOException _) {
            // It has ended meanwhile.
            return false;
        }
    }
}
