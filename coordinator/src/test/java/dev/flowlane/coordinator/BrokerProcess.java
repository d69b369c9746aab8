package dev.flowlane.coordinator;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The embedded broker in its own process, with data of its own. */
final class BrokerProcess implements AutoCloseable {
    private JavaProcess process;
    private final Path directory;
    private final String bootstrap;

    private BrokerProcess(JavaProcess process, Path directory, String bootstrap) {
        this.process = process;
        this.directory = directory;
        this.bootstrap = bootstrap;
    }

    /** Starts a broker and waits until it serves. */
    static BrokerProcess start(int port) throws IOException {
        Path directory = TestFolders.create(_ -> {});
        JavaProcess process = start(directory, port);
        return new BrokerProcess(process, directory, "127.0.0.1:" + Files.readString(portFile(directory)).strip());
    }

    private static JavaProcess start(Path directory, int port) throws IOException {
        Path module = Path.of("broker", "target").toAbsolutePath();
        Path portFile = portFile(directory);
        Files.deleteIfExists(portFile);
        JavaProcess process = JavaProcess.start(List.of(
                "-Xms128m",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                module.resolve("flowlane-broker.jar") + ":" + module.resolve("lib") + "/*",
                "dev.flowlane.broker.BrokerMain",
                "--data-dir",
                directory.resolve("data").toString(),
                "--port",
                Integer.toString(port),
                "--port-file",
                portFile.toString(),
                "--exit-with-stdin"));
        await("the broker").atMost(Duration.ofSeconds(90)).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("the broker ended: " + process.output());
            }
            return Files.exists(portFile);
        });
        return process;
    }

    private static Path portFile(Path directory) {
        return directory.resolve("port");
    }

    /** Ends it without a word and starts it again at the same address with the same data. */
    void killAndRestart() throws IOException {
        process.close();
        process = start(directory, Integer.parseInt(bootstrap.substring(bootstrap.indexOf(':') + 1)));
    }

    String bootstrap() {
        return bootstrap;
    }

    /** Holds it, as a network that swallows everything would. */
    void pause() throws IOException, InterruptedException {
        process.signal("STOP");
    }

    void resume() throws IOException, InterruptedException {
        process.signal("CONT");
    }

    @Override
    public void close() throws IOException {
        process.close();
        TestFolders.delete(directory);
    }
}
