package dev.flowlane.worker;

import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.MalformedMessageException;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A real worker process and the daemon's end of its connection. */
final class WorkerProcess implements AutoCloseable {
    static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final DaemonEnd daemon;
    private final Duration spawnToWarm;
    private final FromWorker.Warm warm;

    private WorkerProcess(Process process, DaemonEnd daemon, long spawnedNs)
            throws TimeoutException, MalformedMessageException {
        this.process = process;
        this.daemon = daemon;
        this.warm = daemon.receive(FromWorker.Warm.class);
        this.spawnToWarm = Duration.ofNanos(System.nanoTime() - spawnedNs);
    }

    /** Starts a worker and waits until it is warm. */
    static WorkerProcess spawn(Path folder, String classPath, @Nullable Path aotCache)
            throws IOException, TimeoutException, MalformedMessageException {
        return spawn(folder, classPath, aotCache, List.of());
    }

    /** As {@link #spawn(Path, String, Path)}, with more options for its JVM; they win over the usual ones. */
    static WorkerProcess spawn(Path folder, String classPath, @Nullable Path aotCache, List<String> jvmOptions)
            throws IOException, TimeoutException, MalformedMessageException {
        Path socket = Files.createTempDirectory(folder, "w").resolve("daemon.sock");
        int listener = UnixSeqpacket.listen(socket);
        try {
            List<String> command = new ArrayList<>(WorkerJvm.command(
                    JAVA_HOME, classPath, aotCache, socket, Runtime.getRuntime().availableProcessors()));
            command.addAll(command.indexOf("-cp"), jvmOptions);
            long spawnedNs = System.nanoTime();
            ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
            builder.environment().putAll(WorkerJvm.ENVIRONMENT);
            Process process = builder.start();
            DaemonEnd.awaitReadable(listener, PATIENCE);
            return new WorkerProcess(process, new DaemonEnd(accept(listener)), spawnedNs);
        } finally {
            Sockets.close(listener);
            // Connected or not, nobody comes any more: whatever becomes of this process, nothing is left behind.
            Files.deleteIfExists(socket);
            Files.delete(socket.getParent());
        }
    }

    /** Accepts blocking: a message of a daemon in tests always goes through. */
    static int accept(int listener) {
        int fd = UnixSeqpacket.accept(listener);
        Sockets.setBlocking(fd, true);
        return fd;
    }

    /** The class path that this JVM's tests run with. */
    static String testClassPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    Process process() {
        return process;
    }

    DaemonEnd daemon() {
        return daemon;
    }

    Duration spawnToWarm() {
        return spawnToWarm;
    }

    FromWorker.Warm warm() {
        return warm;
    }

    /** Resident memory now, by /proc/PID/status. */
    long residentBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
            throw new IllegalStateException("no VmRSS");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        daemon.close();
        try {
            process.onExit().orTimeout(5, TimeUnit.SECONDS).join();
        } catch (CompletionException _) {
            process.destroyForcibly().onExit().join();
        }
    }
}
