package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flowlane.coordinator.LastWill;
import dev.flowlane.coordinator.TestFolders;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A call of the real launcher: what a user types, and what comes of it. */
public final class FlowlaneProcess implements AutoCloseable {
    /** Room for the very first call, which trains the ahead-of-time caches. */
    private static final long PATIENCE_SECONDS = 600;

    /** Shared by all tests of a build, and gone with {@code mvn clean}. */
    private static final Path CACHES = Path.of("target", "aot").toAbsolutePath();

    /** By state directory in which a fleet in the background may be up. */
    private static final Map<Path, LastWill> BACKGROUND = new ConcurrentHashMap<>();

    /** What a {@code down} in time leaves nothing for. */
    private static final String DOWN = "[ ! -e \"$1/fleet.json\" ] || exec \"$2\" down";

    private final Process process;
    private final Path out;
    private final Path err;

    private FlowlaneProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** What came of it. */
    public record Outcome(int exitCode, String out, String err) {
        /** Standard output, which must be one JSON object. */
        public JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (IOException e) {
                throw new UncheckedIOException("not JSON: " + out + "\n" + err, e);
            }
        }

        /** Standard output, a JSON object per line. */
        public List<JsonNode> jsonLines() {
            return out.lines()
                    .map(line -> new Outcome(exitCode, line, err).json())
                    .toList();
        }

        /** Fails the test with everything the command said. */
        public Outcome expect(int code) {
            assertThat(exitCode).as("standard output: %s%nstandard error: %s", out, err).isEqualTo(code);
            assertThat(err).doesNotContain("\tat ");
            return this;
        }

        /** Fails the test unless the command ended with one error message that holds all these words. */
        public Outcome expectError(int code, String... words) {
            expect(code);
            assertThat(err.lines().filter(line -> line.startsWith("error: "))).as(err).hasSize(1);
            assertThat(err).contains(words);
            return this;
        }
    }

    /**
     * Starts a command.
     *
     * @param state state directory of the local fleet
     * @param environment variables on top
     */
    public static FlowlaneProcess start(Path state, Map<String, String> environment, String... arguments) {
        return startBy(List.of(), state, environment, arguments);
    }

    /**
     * Starts a command by another one that becomes it. It ends with the test, even with one that is killed, and so does
     * the fleet that an {@code up} leaves in the background.
     *
     * @param prefix such as {@code ip netns exec NAME}
     */
    public static FlowlaneProcess startBy(
            List<String> prefix, Path state, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        List<String> flowlane = new ArrayList<>(List.of(LauncherTest.launcher().toString()));
        flowlane.addAll(List.of(arguments));
        command.addAll(TestFolders.endingWithTheTest(flowlane));
        try {
            Files.createDirectories(state);
            Path out = Files.createTempFile(state, "out", ".txt");
            Path err = Files.createTempFile(state, "err", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(Path.of("/").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("FLOWLANE_"));
            builder.environment().put("FLOWLANE_STATE_DIR", state.toString());
            // The jars are what Maven has just packaged.
            builder.environment().put("FLOWLANE_BUILD", "never");
            builder.environment().put("FLOWLANE_CONFIG", "none");
            builder.environment().put("FLOWLANE_AOT_DIR", CACHES.toString());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().putAll(environment);
            if (arguments.length > 0 && arguments[0].equals("up")) {
                BACKGROUND.computeIfAbsent(state, _ -> LastWill.of(builder.environment(), "sh", "-c", DOWN, "down",
                        state.toString(), LauncherTest.launcher().toString()));
            }
            return new FlowlaneProcess(builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command to its end. */
    static Outcome run(Path state, String... arguments) {
        return start(state, Map.of(), arguments).await();
    }

    /** What it has written to standard error so far. */
    public String err() {
        return text(err);
    }

    /** What it has written to standard output so far. */
    public String out() {
        return text(out);
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** Sends a signal by name, such as INT. */
    public void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start().waitFor())
                .isZero();
    }

    /** Kills it with SIGKILL if it still runs. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    public Outcome await() {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after " + PATIENCE_SECONDS + " s: " + err());
            }
            return new Outcome(process.exitValue(), text(out), text(err));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
