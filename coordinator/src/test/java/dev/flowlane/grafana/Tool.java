package dev.flowlane.grafana;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Prometheus' programs, as Debian's package {@code prometheus} brings them. */
public final class Tool {
    private Tool() {}

    /** What a program said. */
    public record Outcome(int exitCode, String output) {}

    /** Skips the test when the program is not here; says how to get it. */
    public static void require(String name) {
        require(name, "prometheus");
    }

    /** As {@link #require(String)}, for a tool of another package of Debian. */
    public static void require(String name, String debianPackage) {
        boolean found = Pattern.compile(":")
                .splitAsStream(System.getenv().getOrDefault("PATH", "/usr/bin"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
        assumeTrue(found, name + " is not on the PATH (Debian: apt-get install " + debianPackage + ")");
    }

    /** Runs promtool to its end. */
    public static Outcome promtool(String standardInput, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var in = process.getOutputStream()) {
                in.write(standardInput.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
