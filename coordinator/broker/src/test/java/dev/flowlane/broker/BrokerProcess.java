package dev.flowlane.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A broker in a process of its own, from the jars as they are shipped. */
final class BrokerProcess implements AutoCloseable {
    private static final Logger CLIENTS = Logger.getLogger("org.apache.kafka");
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

    static {
        // Held in a field: the logging library forgets levels of loggers that nobody holds.
        CLIENTS.setLevel(Level.SEVERE);
    }

    private final Process process;
    private final Path dataDir;
    private final Path portFile;
    private final Path output;
    private final Path errors;

    private BrokerProcess(Path dataDir, List<String> more) {
        this.dataDir = dataDir;
        this.portFile = dataDir.resolveSibling(dataDir.getFileName() + ".port");
        this.output = dataDir.resolveSibling(dataDir.getFileName() + ".stdout");
        this.errors = dataDir.resolveSibling(dataDir.getFileName() + ".stderr");
        Path target = Path.of(System.getProperty("basedir", "."), "target").toAbsolutePath();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                target.resolve("flowlane-broker.jar") + ":" + target.resolve("lib") + "/*",
                "dev.flowlane.broker.BrokerMain",
                "--data-dir",
                dataDir.toString(),
                "--port-file",
                portFile.toString(),
                // It ends with the test, even with one that is killed: the kernel closes the other end of the pipe.
                "--exit-with-stdin"));
        command.addAll(more);
        try {
            this.process = new ProcessBuilder(command)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Spawns a broker without waiting for it. */
    static BrokerProcess spawn(Path dataDir, String... more) {
        return new BrokerProcess(dataDir, List.of(more));
    }

    /** Spawns a broker and waits until it serves. */
    static BrokerProcess start(Path dataDir, String... more) throws IOException, InterruptedException {
        BrokerProcess broker = spawn(dataDir, more);
        long deadlineNs = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!Files.exists(broker.portFile)) {
            if (broker.process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > deadlineNs) {
                broker.kill();
                throw new AssertionError("no broker: " + broker.errors());
            }
        }
        return broker;
    }

    int port() throws IOException {
        return Integer.parseInt(Files.readString(portFile).strip());
    }

    String bootstrap() throws IOException {
        return "127.0.0.1:" + port();
    }

    /** As {@code kill -9}. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** As {@code kill}; its standard input stays open. */
    void terminate() {
        process.toHandle().destroy();
    }

    void endStdin() throws IOException {
        process.getOutputStream().close();
    }

    /** Exit code; fails when the process is still there after {@code timeout}. */
    int exitCode(Duration timeout) throws InterruptedException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
            throw new AssertionError("still running after " + timeout.toMillis() + " ms: " + errors());
        }
        return process.exitValue();
    }

    String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    Path portFile() {
        return portFile;
    }

    Path dataDir() {
        return dataDir;
    }

    @Override
    public void close() {
        kill();
    }
}
