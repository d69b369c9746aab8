package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.cli.RecipeTools.Printed;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.stream.IntStream;

/**
 * The README's recipes, taken from it and run as they stand by the tools they are for, against a live fleet: what they
 * print is what the run measured. Flink and Spark are fetched by Maven when this runs, into its repository (Flink 155
 * MB, Spark 285 MB), and run in processes of their own, on the Java that they support. Those that need a registry of
 * another make are in {@link RegistryIT}.
 */
final class RecipesIT {
    private static final String RUN = "recipe-1";
    private static final int INTERVALS = 4;

    @TempDir
    static Path state = Path.of(".");

    private static RecipeTools tools = new RecipeTools(state);

    private static String bootstrap = "";
    private static String coordinator = "";
    private static @Nullable JsonNode measured;

    @BeforeAll
    static void measure() {
        tools = new RecipeTools(state);
        FlowlaneProcess.run(state, "up").expect(0);
        for (JsonNode process : status().path("processes")) {
            if (process.path("name").textValue().equals("coordinator")) {
                coordinator = process.path("http_address").textValue();
            }
        }
        bootstrap = status().path("bootstrap").textValue();
        measured = FlowlaneProcess.run(
                        state, "run", "--run-id", RUN, "--request-size", "64", "--duration", "800ms", "--warmup",
                        "200ms", "--interval", "200ms", "-o", "json")
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

        Printed printed = tools.java(
                        "flink", RecipeTools.recipes().resolve("flink/RunSql.java"), script.toString())
                .expectSuccess();

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
                Files.readString(RecipeTools.recipes().resolve("spark/RunSpark.java")).replace("// RECIPE\n", recipe));

        Printed printed = tools.java("spark", program).expectSuccess();

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
                        && tools.process(python.toString(), "-c", "import confluent_kafka, avro.io").exitCode() == 0,
                "skipped: /usr/bin/python3 lacks confluent_kafka or avro;"
                        + " apt-get install python3-confluent-kafka python3-avro");
        String recipe = Recipe.of("python", "# Python").with(Map.of("kafka1:9092", bootstrap));

        Printed printed = tools.process(python.toString(), "-c", recipe).expectSuccess();

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
}
