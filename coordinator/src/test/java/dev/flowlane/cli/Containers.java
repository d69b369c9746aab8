package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.testcontainers.DockerClientFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The engine and the images of this build. {@code .ci/lab/docker up} makes an engine where there is none. */
final class Containers {
    static final String COORDINATOR = "flowlane/coordinator:0.1.0";
    static final String HOST_DAEMON = "flowlane/host-daemon:0.1.0";
    static final String KAFKA = "apache/kafka:4.3.1";

    private static final long PATIENCE_SECONDS = 600;

    private Containers() {}

    /** Why there can be no containers here; empty: there can. */
    static String impediment() {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return "no Docker engine answers here (as root, .ci/lab/docker up makes one)";
        }
        return "";
    }

    /** The top level of the repository. */
    static Path root() {
        return LauncherTest.launcher().resolveSibling("").toAbsolutePath();
    }

    /** Builds both images of what Maven has just packaged. */
    static void buildImages() {
        docker("build", "-q", "-f", "coordinator/Dockerfile", "-t", COORDINATOR, ".");
        docker("build", "-q", "-f", "host-daemon/Dockerfile", "-t", HOST_DAEMON, ".");
    }

    static String docker(String... arguments) {
        return command("docker", arguments);
    }

    /**
     * Runs a command at the top level to its end, which has to be a good one.
     *
     * @return what it wrote, errors included
     */
    static String command(String program, String... arguments) {
        List<String> words = new ArrayList<>(List.of(program));
        words.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile("flowlane-containers", ".txt");
            try {
                ProcessBuilder builder = new ProcessBuilder(words)
                        .directory(root().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile());
                // Engines of distributions come without buildx.
                builder.environment().put("DOCKER_BUILDKIT", "0");
                builder.environment().put("COMPOSE_DOCKER_CLI_BUILD", "0");
                // An engine that builds on a slow machine takes longer to answer than the minute of docker-compose.
                builder.environment().put("COMPOSE_HTTP_TIMEOUT", Long.toString(PATIENCE_SECONDS));
                Process process = builder.start();
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("still running after " + PATIENCE_SECONDS + " s: " + words);
                }
                String text = Files.readString(out, StandardCharsets.UTF_8);
                assertThat(process.exitValue()).as("%s%n%s", words, text).isZero();
                return text;
            } finally {
                Files.delete(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
