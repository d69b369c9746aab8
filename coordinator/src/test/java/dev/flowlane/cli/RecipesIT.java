package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The README's recipes, taken from it and run as they stand by the tools they are for, against a live fleet: what they
 * print is what the run measured. Flink and Spark are fetched by Maven when this runs, into its repository (Flink 155
 * MB, Spark 285 MB), and run in processes of their own, on the Java that they support.
 */
final class RecipesIT {
    private static final int TOOL_SECONDS = 180;
    private static final int FETCH_SECONDS = 900;
    private static final String RUN = "recipe-1";
    private static final int INTERVALS = 4;

    /** What both reach into by reflection, as their own start scripts open it. */
    private static final List<String> OPEN = List.of(
            "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.text",
            "java.time", "java.util", "java.util.concurrent", "java.util.concurrent.atomic",
            "java.util.concurrent.locks", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar");

    @TempDir
    static Path state = Path.of(".");

    private static String bootstrap = "";
    private static String coordinator = "";
    private static @Nullable JsonNode measured;

    private record Printed(int exitCode, String text) {
        Printed expectSuccess() {
            assertThat(exitCode).as(text).isZero();
            return this;
        }

        List<Matcher> rows(String pattern) {
            Pattern row = Pattern.compile(pattern);
            return text.lines().map(row::matcher).filter(Matcher::find).toList();
        }
    }

    @BeforeAll
    static void measure() {
        FlowlaneProcess.run(state, "up").expect(0);
        for (JsonNode process : status().path("processes")) {
            if (process.path("name").textValue().equals("coordinator")) {
                coordinator = process.path("http_address").textValue();
            }
        }
        bootstrap = status().path("bootstrap").textValue();
        measured = FlowlaneProcess.run(
                        state, "run", "--run-id", RUN, "--request-size", "64", "--duration", "400ms", "--warmup",
                        "100ms", "--interval", "100ms", "-o", "json")
                .expect(0)
                .json();
    }

    @AfterAll
    static void down() {
        FlowlaneProcess.run(state, "down").expect(0);
    }

    @Test
    void flinkJoinsRoundTripsWithPlacementThroughTheCoordinatorsRegistry() throws Exception {
        Path script = Files.writeString(
                state.resolve("flink.sql"),
                Recipe.of("sql", "-- Flink SQL")
                        .with(Map.of("kafka1:9092", bootstrap, "COORDINATOR", coordinator, "'RUN'", "'" + RUN + "'")));

        Printed printed = java("flink", recipes().resolve("flink/RunSql.java"), script.toString()).expectSuccess();

        List<Matcher> rows = printed.rows(
                "^row flow_id=(\\S+) seq=(\\d+) samples=(\\d+) .* application_cpu=(\\d+) receive_cpu=(\\d+)");
        // The warm-up is interval 0; an interval without a round trip has no record.
        assertThat(rows).as(printed.text())
                .isNotEmpty()
                .extracting(row -> Integer.parseInt(row.group(2)))
                .isSubsetOf(IntStream.rangeClosed(1, INTERVALS).boxed().toList())
                .doesNotHaveDuplicates();
        assertThat(rows.stream().mapToLong(row -> Long.parseLong(row.group(3))).sum())
                .isEqualTo(run().path("transactions").longValue());
        JsonNode flow = run().path("flows").path(0);
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.group(1)).isEqualTo(flow.path("flow_id").textValue());
            assertThat(row.group(4)).isEqualTo(flow.path("source_application_cpu").asText());
        });
    }

    @Test
    void sparkReadsRoundTripsWithTheCommittedSchema() throws Exception {
        String recipe = Recipe.of("java", "// Spark")
                .with(Map.of("kafka1:9092", bootstrap, "'RUN'", "'" + RUN + "'"));
        Path program = Files.writeString(
                Files.createDirectories(state.resolve("spark")).resolve("RunSpark.java"),
                Files.readString(recipes().resolve("spark/RunSpark.java")).replace("// RECIPE\n", recipe));

        Printed printed = java("spark", program).expectSuccess();

        assertThat(printed.rows("^\\|(\\S+) *\\|(\\d+) *\\|(\\d+) *\\|$")).as(printed.text())
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.group(1)).isEqualTo(run().path("flows").path(0).path("flow_id").textValue());
                    assertThat(row.group(2)).isEqualTo(run().path("transactions").asText());
                    assertThat(row.group(3)).isEqualTo(run().path("round_trip_max_ns").asText());
                });
    }

    @Test
    void pythonReadsEveryRecordOfATopic() throws Exception {
        Path python = Path.of("/usr/bin/python3");
        assumeTrue(
                Files.isExecutable(python)
                        && process(python.toString(), "-c", "import confluent_kafka, avro.io").exitCode() == 0,
                "skipped: /usr/bin/python3 lacks confluent_kafka or avro;"
                        + " apt-get install python3-confluent-kafka python3-avro");
        String recipe = Recipe.of("python", "# Python").with(Map.of("kafka1:9092", bootstrap));

        Printed printed = process(python.toString(), "-c", recipe).expectSuccess();

        // Both ends, with the interval of the warm-up.
        assertThat(printed.rows("^\\{'run_id': '" + RUN + "'")).as(printed.text()).hasSize(2 * (INTERVALS + 1));
    }

    @Test
    void duckDbReadsAnExport() throws Exception {
        Path out = state.resolve("out");
        FlowlaneProcess.run(state, "export", RUN, "-o", "parquet", "--directory", out.toString()).expect(0);
        String query = Recipe.of("sql", "-- DuckDB").with(Map.of("'out/", "'" + out + "/"));

        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo(run().path("flows").path(0).path("flow_id").textValue());
            assertThat(rows.getDouble(2)).isPositive();
            assertThat(rows.next()).isFalse();
        }
    }

    @Test
    void whatIsNotRunHereSaysSo() throws IOException {
        assertThat(Recipe.of("sql", "-- ksqlDB").with(Map.of())).startsWith("-- ksqlDB (untested here)");
        assertThat(Recipe.of("properties", "# Kafka Connect").with(Map.of()))
                .startsWith("# Kafka Connect (untested here)");
    }

    private static JsonNode run() {
        if (measured == null) {
            throw new AssertionError("nothing was measured");
        }
        return measured;
    }

    private static JsonNode status() {
        return FlowlaneProcess.run(state, "status", "-o", "json").expect(0).json();
    }

    private static Path recipes() {
        return Path.of("src/test/recipes").toAbsolutePath();
    }

    /** Runs a program of one source file with a tool's jars, on a Java that the tool supports. */
    private static Printed java(String tool, Path program, String... arguments) throws Exception {
        Path jdk = supported();
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString(), "-Xmx1g"));
        OPEN.forEach(name -> command.add("--add-opens=java.base/" + name + "=ALL-UNNAMED"));
        command.addAll(List.of("-cp", jars(tool), program.toString()));
        command.addAll(List.of(arguments));
        return process(TOOL_SECONDS, command);
    }

    /** Flink 2.1 and Spark 4.0 are for Java 17 and 21. */
    private static Path supported() throws IOException {
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
    private static String jars(String tool) throws Exception {
        Path file = state.resolve(tool + ".classpath");
        process(FETCH_SECONDS, List.of(
                        "mvn", "-B", "-q", "-f", recipes().resolve(tool).resolve("pom.xml").toString(),
                        "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath",
                        "-Dmdep.outputFile=" + file))
                .expectSuccess();
        return Files.readString(file).strip();
    }

    private static Printed process(String... command) throws Exception {
        return process(TOOL_SECONDS, List.of(command));
    }

    /** Runs in the folder of the checkout, where the README's paths begin. */
    private static Printed process(int seconds, List<String> command) throws Exception {
        Path out = Files.createTempFile(state, "tool", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(Recipe.ROOT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        process.getOutputStream().close();
        try {
            assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
                    .as("%s ends within %s s: %s", command.getFirst(), seconds, text(out))
                    .isTrue();
            return new Printed(process.exitValue(), text(out));
        } finally {
            process.destroyForcibly();
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
