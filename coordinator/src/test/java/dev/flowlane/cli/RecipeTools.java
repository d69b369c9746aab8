package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flowlane.coordinator.TestFolders;
import org.awaitility.core.ConditionTimeoutException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The tools that the README's recipes are for, in processes of their own, on the Java that they support. Maven fetches
 * them when they are run first, into its repository.
 */
final class RecipeTools {
    private static final int TOOL_SECONDS = 180;
    private static final int FETCH_SECONDS = 900;
    /** What Flink and Spark reach into by reflection, as their own start scripts open it. */
    private static final List<String> OPEN = List.of(
            "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.text",
            "java.time", "java.util", "java.util.concurrent", "java.util.concurrent.atomic",
            "java.util.concurrent.locks", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar");

    private final Path folder;

    /** @param folder for what the tools write */
    RecipeTools(Path folder) {
        this.folder = folder;
    }

    /** What a tool came to. */
    record Printed(int exitCode, String text) {
        Printed expectSuccess() {
            assertThat(exitCode).as(text).isZero();
            return this;
        }

        List<Matcher> rows(String pattern) {
            Pattern row = Pattern.compile(pattern);
            return text.lines().map(row::matcher).filter(Matcher::find).toList();
        }
    }

    static Path recipes() {
        return Path.of("src/test/recipes").toAbsolutePath();
    }

    /** Runs a program of one source file with a tool's jars, on a Java that the tool supports. */
    Printed java(String tool, Path program, String... arguments) throws Exception {
        Path jdk = supported();
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString(), "-Xmx1g"));
        OPEN.forEach(name -> command.add("--add-opens=java.base/" + name + "=ALL-UNNAMED"));
        command.addAll(List.of("-cp", jars(tool), program.toString()));
        command.addAll(List.of(arguments));
        return process(TOOL_SECONDS, command);
    }

    /** Flink 2.1 and Spark 4.0 are for Java 17 and 21. */
    static Path supported() throws IOException {
        try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
            Path found = homes.filter(home -> Files.isExecutable(home.resolve("bin/javac")) && isSupported(home))
                    .findFirst()
                    .orElse(null);
            assumeTrue(found != null, "skipped: no JDK 17 or 21 under /usr/lib/jvm; apt-get install openjdk-17-jdk");
            return Objects.requireNonNull(found);
        }
    }

    private static boolean isSupported(Path home) {
        try {
            return Pattern.compile("^JAVA_VERSION=\"(17|21)[.\"]", Pattern.MULTILINE)
                    .matcher(Files.readString(home.resolve("release")))
                    .find();
        } catch (IOException e) {
            return false;
        }
    }

    /** The tool's class path, as Maven resolves it; fetched once into Maven's repository. */
    String jars(String tool) throws Exception {
        Path file = folder.resolve(tool + ".classpath");
        process(FETCH_SECONDS, List.of(
                        "mvn", "-B", "-q", "-f", recipes().resolve(tool).resolve("pom.xml").toString(),
                        "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath",
                        "-Dmdep.outputFile=" + file))
                .expectSuccess();
        return Files.readString(file).strip();
    }

    Printed process(String... command) throws Exception {
        return process(TOOL_SECONDS, List.of(command));
    }

    /** Runs in the folder of the checkout, where the README's paths begin. */
    Printed process(int seconds, List<String> command) throws Exception {
        Path out = Files.createTempFile(folder, "tool", ".txt");
        Process process = started(command, out);
        try {
            assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
                    .as("%s ends within %s s: %s", command.getFirst(), seconds, text(out))
                    .isTrue();
            return new Printed(process.exitValue(), text(out));
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process started(List<String> command, Path out) throws IOException {
        Process process = new ProcessBuilder(TestFolders.endingWithTheTest(command))
                .directory(Recipe.ROOT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        process.getOutputStream().close();
        return process;
    }

    /** Runs a tool that ends only when it is told to, until something has come of it. */
    void until(Callable<Boolean> came, String... command) throws Exception {
        Path out = Files.createTempFile(folder, "tool", ".txt");
        Process process = started(List.of(command), out);
        try {
            await(command[0]).atMost(Duration.ofSeconds(TOOL_SECONDS)).until(() -> {
                boolean done = came.call();
                assertThat(done || process.isAlive()).as(() -> text(out)).isTrue();
                return done;
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(text(out), e);
        } finally {
            process.destroy();
            process.onExit().get(TOOL_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
