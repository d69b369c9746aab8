package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Every result topic is read by programs that nobody here wrote: Debian's Kafka client and Avro library for Python,
 * with the committed schemas as their only knowledge.
 */
final class StockConsumerIT {
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    @TempDir
    Path state = Path.of(".");

    /** Kafka's client has its say on standard error, when a connection is slow, for one. */
    private record Printed(int exitCode, String text, String errors) {}

    @Test
    void aStockConsumerDecodesEveryResultTopic() throws Exception {
        assumeTrue(
                Files.isExecutable(PYTHON) && python("-c", "import confluent_kafka, avro.io").exitCode() == 0,
                "skipped: /usr/bin/python3 lacks confluent_kafka or avro;"
                        + " apt-get install python3-confluent-kafka python3-avro");
        FlowlaneProcess.run(state, "up").expect(0);
        try {
            JsonNode stream = run("--duration", "800ms", "--warmup", "200ms", "--interval", "200ms");
            JsonNode trips = run("--request-size", "1", "--duration", "800ms", "--warmup", "200ms", "--interval",
                    "200ms");
            String bootstrap = FlowlaneProcess.run(state, "status", "-o", "json").json().path("bootstrap").textValue();

            Printed printed = python(script(), "--bootstrap", bootstrap, "--schemas", schemas());
            assertThat(printed.exitCode()).as(printed.errors()).isZero();
            JsonNode topics = new ObjectMapper().readTree(printed.text());
            // Two ends with one warm-up interval and four measured ones each.
            for (String topic : List.of("flow-stats", "tcp-stats", "cpu-placement")) {
                assertThat(records(topics, topic, stream)).as(topic).isEqualTo(10);
                assertThat(records(topics, topic, trips)).as(topic).isEqualTo(10);
            }
            // An interval without a round trip has no record: as many as we read ourselves, of five.
            int latency = FlowlaneProcess.run(state, "export", trips.path("run_id").textValue(), "-o", "jsonl",
                            "--topic", "latency")
                    .expect(0)
                    .jsonLines()
                    .size();
            assertThat(records(topics, "latency", trips)).isEqualTo(latency).isBetween(1, 5);
            assertThat(records(topics, "cpu-use", stream)).isGreaterThanOrEqualTo(10);
            assertThat(records(topics, "run-events", stream)).isPositive();
            assertThat(records(topics, "flow-results", stream)).isEqualTo(1);
            assertThat(records(topics, "run-results", stream)).isEqualTo(1);

            // And it reads the same numbers as we do.
            Printed result = python(script(), "--bootstrap", bootstrap, "--schemas", schemas(), "--print",
                    "run-results",
                    "--run", stream.path("run_id").textValue());
            assertThat(result.exitCode()).as(result.errors()).isZero();
            JsonNode record = new ObjectMapper().readTree(result.text());
            assertThat(record.path("received_bytes")).isEqualTo(stream.path("received_bytes"));
            assertThat(record.path("flows").path(0).path("source_port"))
                    .isEqualTo(stream.path("flows").path(0).path("source_port"));
            assertThat(record.path("spec").path("duration_ns").longValue()).isEqualTo(800_000_000);
        } finally {
            FlowlaneProcess.run(state, "down").expect(0);
        }
    }

    private JsonNode run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("run", "-o", "json"));
        command.addAll(List.of(arguments));
        return FlowlaneProcess.run(state, command.toArray(String[]::new)).expect(0).json();
    }

    private static int records(JsonNode topics, String topic, JsonNode run) {
        return topics.path(topic).path("runs").path(run.path("run_id").textValue()).intValue();
    }

    private static String script() {
        return Path.of("src/test/python/read_topics.py").toAbsolutePath().toString();
    }

    private static String schemas() {
        return Path.of("../schemas").toAbsolutePath().normalize().toString();
    }

    private Printed python(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PYTHON.toString()));
        command.addAll(List.of(arguments));
        Path errors = state.resolve("python.txt");
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Printed(process.waitFor(), text, Files.readString(errors));
    }
}
