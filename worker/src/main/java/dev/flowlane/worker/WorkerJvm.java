package dev.flowlane.worker;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line of a worker process: the one place that knows its JVM flags. */
public final class WorkerJvm {
    private static final List<String> FLAGS = List.of(
            // The flow loop allocates nothing and the rest next to nothing: the collector with the fewest threads.
            "-XX:+UseSerialGC",
            // Live data is about 7 MB, most of it the histograms of 16 interval slots; a flow with a pace needs them
            // twice, each flow that shares its worker with others needs 1.2 MB, and only then the heap grows.
            "-Xms16m",
            "-Xmx384m",
            // A young generation just large enough that an hour of reports is a few short collections.
            "-Xmn4m",
            // What cannot be allocated will not get better: the daemon notices at once and says WORKER_LOST.
            "-XX:+ExitOnOutOfMemoryError",
            // No mapped file in /tmp that a slow disk could stall us on.
            "-XX:-UsePerfData",
            // Code is some 2 MB. The default reserves 240 MB and spreads what it uses over three heaps.
            "-XX:ReservedCodeCacheSize=16m",
            // By default a full collection looks for code to throw away whenever 15 % more has been made: 22 ms in the
            // midst of 256 flows, for code that is needed. That there is less than 10 % left remains a reason.
            "-XX:SweeperThreshold=100",
            // What several flows take turns in is compiled as such in the warm-up. Otherwise it is compiled once more
            // as part of each loop around it, which takes the compiler's seconds in the first of the traffic.
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=dontinline,dev.flowlane.worker.Multiplexer::pass",
            // Few threads, shallow stacks.
            "-Xss512k",
            // The posix package calls into the C library.
            "--enable-native-access=ALL-UNNAMED",
            // Only what a person should read, and never on standard output.
            "-Xlog:disable",
            "-Xlog:all=warning:stderr");

    /**
     * What else a worker's process is to find in its environment, whole. The C library registers every thread for
     * restartable sequences (rseq(2), glibc 2.35 and later), which nobody here uses; then the kernel writes to that
     * thread's memory on its way back from every switch between threads: 4 to 7 % of a round trip on one CPU.
     */
    public static final Map<String, String> ENVIRONMENT = Map.of("GLIBC_TUNABLES", "glibc.pthread.rseq=0");

    private WorkerJvm() {}

    /**
     * The command that starts a worker. Start it from a thread that lives as long as the daemon does: the worker asks
     * for PR_SET_PDEATHSIG, and the kernel takes the death of the thread that forked it for the death of its parent.
     * That thread's CPU mask becomes the mask of all threads of the worker.
     *
     * @param javaHome of a JDK 25
     * @param classPath the worker's jar and HdrHistogram's, separated by a colon
     * @param aotCache made by {@link #train} with the same JDK and class path; null to go without
     * @param socket the daemon's listening AF_UNIX SOCK_SEQPACKET socket
     * @param processorCount what the JVM shall believe in (it sizes its compiler threads by it), at least 1
     */
    public static List<String> command(
            Path javaHome, String classPath, @Nullable Path aotCache, Path socket, int processorCount) {
        List<String> command = start(javaHome, classPath, processorCount);
        if (aotCache != null) {
            command.add("-XX:AOTCache=" + aotCache);
        }
        command.add(WorkerMain.class.getName());
        command.add(socket.toString());
        return List.copyOf(command);
    }

    /**
     * The command that makes an AOT cache: classes linked and methods profiled by a whole warm-up. It exits with 0 and
     * takes some seconds. The class path must consist of jars.
     */
    public static List<String> train(Path javaHome, String classPath, Path aotCache, int processorCount) {
        List<String> command = start(javaHome, classPath, processorCount);
        command.add("-XX:AOTCacheOutput=" + aotCache);
        command.add(WorkerMain.class.getName());
        command.add(WorkerMain.TRAIN);
        return List.copyOf(command);
    }

    private static List<String> start(Path javaHome, String classPath, int processorCount) {
        if (processorCount < 1) {
            throw new IllegalArgumentException("processorCount is " + processorCount + ", at least 1 is needed");
        }
        List<String> command = new ArrayList<>();
        command.add(javaHome.resolve("bin/java").toString());
        command.addAll(FLAGS);
        // Otherwise the JVM counts the CPUs of the spawning thread's mask.
        command.add("-XX:ActiveProcessorCount=" + processorCount);
        command.add("-cp");
        command.add(classPath);
        return command;
    }
}
