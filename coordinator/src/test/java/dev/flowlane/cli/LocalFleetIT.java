package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.coordinator.Checked;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * The whole line, end to end: the launcher, a real broker, coordinator, two daemons and their workers, as {@code
 * flowlane up} starts them. What is measured has to keep the result contract; what is wrong has to be told once, with
 * its mend.
 */
final class LocalFleetIT {
    /** The names that the result contract promises at least. */
    private static final List<String> RUN_NAMES = List.of(
            "run_id", "state", "reasons", "flows_requested", "flows_measured", "sent_bytes", "received_bytes",
            "throughput_bits_per_second", "transactions", "transactions_per_second", "round_trip_p50_ns",
                    "round_trip_p90_ns",
            "round_trip_p99_ns", "round_trip_p999_ns", "round_trip_max_ns", "placement_candidates",
                    "submit_to_traffic_ns",
            "submitted_time", "started_time", "ended_time", "flows");

    private static final List<String> FLOW_NAMES = List.of(
            "flow_id", "source_host_id", "destination_host_id", "source_address", "source_port", "destination_address",
            "destination_port", "source_receive_cpu", "source_application_cpu", "destination_receive_cpu",
            "destination_application_cpu", "sent_bytes", "received_bytes", "duration_ns", "throughput_bits_per_second",
            "transactions", "transactions_per_second", "round_trip_p25_ns", "round_trip_p50_ns", "round_trip_p75_ns",
            "round_trip_p90_ns", "round_trip_p99_ns", "round_trip_p999_ns", "round_trip_p9999_ns",
                    "retransmitted_segments",
            "reordering_seen", "smoothed_rtt_ns", "rtt_variance_ns", "delivered_ce", "send_window_bytes",
            "congestion_window_segments", "source_cpu_user_ratio", "source_cpu_system_ratio", "source_cpu_irq_ratio",
            "source_cpu_softirq_ratio", "source_cpu_steal_ratio", "source_cpu_idle_ratio", "destination_cpu_user_ratio",
            "destination_cpu_system_ratio", "destination_cpu_irq_ratio", "destination_cpu_softirq_ratio",
            "destination_cpu_steal_ratio", "destination_cpu_idle_ratio", "intervals", "drifted_intervals",
                    "payload_errors");

    /** One CPU per flow end at the least: on a machine with fewer, flows share. */
    private static final int CPUS = Runtime.getRuntime().availableProcessors();

    /** A run on a machine that builds something else at the same time takes long to begin. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    static Path state = Path.of(".");

    private static String bootstrap = "";

    @BeforeAll
    static void up() {
        FlowlaneProcess.run(state, "up").expect(0);
        bootstrap = status().path("bootstrap").textValue();
    }

    @AfterAll
    static void down() {
        Checked.invariantsHold(new Bus(BusSettings.of(bootstrap, "flowlane")));
        FlowlaneProcess.run(state, "down").expect(0);
        FlowlaneProcess.run(state, "status").expect(1);
    }

    @Test
    void aStreamArrivesToTheByte() {
        JsonNode run = measure("--duration", "1s", "--warmup", "200ms", "--interval", "200ms");

        assertThat(names(run)).containsAll(RUN_NAMES);
        assertThat(run.path("state").textValue()).as("%s", run.path("reasons")).isEqualTo("COMPLETED");
        assertThat(run.path("reasons")).isEmpty();
        assertThat(run.path("flows_requested").intValue()).isEqualTo(1);
        assertThat(run.path("flows_measured").intValue()).isEqualTo(1);
        assertThat(run.path("sent_bytes").longValue()).isPositive().isEqualTo(run.path("received_bytes").longValue());
        assertThat(run.path("throughput_bits_per_second").doubleValue()).isPositive();
        assertThat(run.path("submit_to_traffic_ns").longValue()).isPositive();
        assertThat(run.path("submitted_time").textValue())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");

        JsonNode flow = run.path("flows").path(0);
        assertThat(names(flow)).containsAll(FLOW_NAMES);
        assertThat(flow.path("flow_id").textValue()).isEqualTo(run.path("run_id").textValue() + ".0");
        assertThat(flow.path("source_host_id").textValue()).isEqualTo("host-a");
        assertThat(flow.path("destination_host_id").textValue()).isEqualTo("host-b");
        assertThat(flow.path("received_bytes").longValue()).isEqualTo(flow.path("sent_bytes").longValue());
        assertThat(flow.path("duration_ns").longValue()).isBetween(800_000_000L, 10_000_000_000L);
        assertThat(flow.path("intervals").intValue()).isEqualTo(10);
        assertThat(flow.path("drifted_intervals").intValue()).isZero();
        assertThat(flow.path("payload_errors").longValue()).isZero();
        assertThat(flow.path("smoothed_rtt_ns").longValue()).isPositive();
        assertThat(flow.path("source_application_cpu").intValue())
                .isNotEqualTo(flow.path("destination_application_cpu").intValue());
    }

    @Test
    void roundTripsAreRecordedOneByOne() {
        JsonNode run = measure("--request-size", "64", "--response-size", "1KiB", "--duration", "500ms", "--warmup",
                "100ms");

        assertThat(run.path("state").textValue()).as("%s", run.path("reasons")).isEqualTo("COMPLETED");
        JsonNode flow = run.path("flows").path(0);
        long transactions = flow.path("transactions").longValue();
        assertThat(transactions).isPositive().isEqualTo(run.path("transactions").longValue());
        assertThat(flow.path("transactions_per_second").doubleValue()).isPositive();
        assertThat(flow.path("sent_bytes").longValue()).isEqualTo(transactions * 64);
        assertThat(flow.path("received_bytes").longValue()).isEqualTo(transactions * 64);
        List<Long> percentiles = List.of("p25", "p50", "p75", "p90", "p99", "p999", "p9999", "max").stream()
                .map(name -> flow.path("round_trip_" + name + "_ns").longValue())
                .toList();
        assertThat(percentiles).isSorted().allMatch(ns -> ns > 0);
        assertThat(flow.path("round_trip_histogram").textValue()).isBase64();
    }

    @Test
    void ipVersion6() {
        JsonNode flow = measure("--ipv6", "--duration", "200ms", "--warmup", "0").path("flows").path(0);

        assertThat(flow.path("source_address").textValue()).contains(":");
        assertThat(flow.path("destination_address").textValue()).contains(":");
        assertThat(flow.path("received_bytes").longValue()).isPositive();
    }

    @Test
    void severalFlowsMayShareCpusWhenAsked() {
        JsonNode run = measure("--flows", "3", "--exclusive", "none", "--duration", "300ms", "--warmup", "0");

        assertThat(run.path("state").textValue()).as("%s", run.path("reasons")).isEqualTo("COMPLETED");
        assertThat(run.path("flows")).hasSize(3);
        assertThat(sum(run, "received_bytes")).isEqualTo(run.path("received_bytes").longValue());
        assertThat(sum(run, "sent_bytes")).isEqualTo(run.path("sent_bytes").longValue());
    }

    @Test
    void moreFlowsThanLanesAreRefusedWithTheReason() {
        FlowlaneProcess.Outcome outcome = run("run", "--flows", Integer.toString(CPUS + 1), "--duration", "200ms")
                .expect(5);

        assertThat(outcome.out() + outcome.err()).contains("REJECTED", "CPU");
    }

    @Test
    void aPlanTellsWithoutARunWhetherItFits() {
        JsonNode plan = run("plan", "-o", "json").expect(0).json();
        assertThat(plan.path("outcome").textValue()).isEqualTo("FITS");
        assertThat(plan.path("pairs").path(0).path("source").path("allowed_cpus").textValue()).isNotEmpty();
        assertThat(run("plan", "--flows", Integer.toString(CPUS + 1)).expect(5).out())
                .startsWith("it would be rejected: not enough CPUs for " + (CPUS + 1) + " flows");
    }

    @Test
    void anUnknownHostIsNamed() {
        FlowlaneProcess.Outcome outcome = run("run", "--source", "host-x", "--destination", "host-b").expect(5);

        assertThat(outcome.out() + outcome.err()).contains("host-x");
    }

    @Test
    void anUnknownKeyIsAnErrorThatNamesItsNeighbour() {
        run("run", "--set", "placement.exclusiv=none").expectError(2, "placement.exclusiv", "placement.exclusive");
    }

    @Test
    void zeroDurationIsAnErrorWithTheRange() {
        run("run", "--duration", "0s").expectError(2, "duration", "10ms");
    }

    @Test
    void theSameRunTwiceIsTheSameRun() {
        String[] command = {"run", "--run-id", "twice-1", "--duration", "200ms", "--warmup", "0", "-o", "json"};
        JsonNode first = run(command).expect(0).json();
        FlowlaneProcess.Outcome second = run(command).expect(0);

        assertThat(second.json()).isEqualTo(first);
        assertThat(second.err()).contains("submitted before");
    }

    @Test
    void theSameIdWithAnotherSpecIsAConflict() {
        run("run", "--run-id", "conflict-1", "--duration", "200ms", "--warmup", "0").expect(0);

        run("run", "--run-id", "conflict-1", "--duration", "300ms", "--warmup", "0")
                .expectError(5, "conflict", "flowlane get conflict-1");
    }

    @Test
    void submitReturnsAndWaitListAndGetShowWhatComesOfIt() {
        String runId = run("submit", "--duration", "300ms", "--warmup", "0").expect(0).out().strip();

        JsonNode waited = run("wait", runId, "-o", "json").expect(0).json();
        assertThat(waited.path("run_id").textValue()).isEqualTo(runId);
        assertThat(run("get", runId, "-o", "json").expect(0).json()).isEqualTo(waited);
        assertThat(run("list").expect(0).out()).contains(runId, "COMPLETED", "host-a → host-b");
        assertThat(run("list", "-o", "jsonl").expect(0).jsonLines())
                .anyMatch(run -> run.path("run_id").textValue().equals(runId));
        assertThat(run("get", runId).expect(0).out()).contains("host-a rx ", " → host-b rx ");
    }

    @Test
    void aSpecThatWasRunCanBeRunAgain() throws Exception {
        String runId = run("submit", "--duration", "400ms", "--warmup", "0", "--interval", "200ms").expect(0).out()
                .strip();
        run("wait", runId, "-q").expect(0);

        Path spec = Files.writeString(state.resolve("again.yaml"), run("get", runId, "--spec").expect(0).out());
        JsonNode again = run("run", spec.toString(), "-o", "json").expect(0).json();
        assertThat(again.path("run_id").textValue()).isNotEqualTo(runId);
        assertThat(again.path("spec").path("report_interval_ns").longValue()).isEqualTo(200_000_000);
    }

    @Test
    void watchFollowsSomebodysRun() {
        String runId = run("submit", "--duration", "1s", "--warmup", "0", "--interval", "250ms").expect(0).out()
                .strip();

        FlowlaneProcess.Outcome outcome = run("watch", runId).expect(0);
        assertThat(outcome.out()).contains(runId, "COMPLETED");
    }

    @Test
    void aRunThatIsCancelledKeepsWhatWasMeasured() {
        String runId = run("submit", "--duration", "1h", "--warmup", "0", "--interval", "100ms").expect(0).out()
                .strip();
        awaitState(runId, "RUNNING");

        run("cancel", runId).expect(0);
        JsonNode result = run("wait", runId, "-o", "json").expect(130).json();
        assertThat(result.path("state").textValue()).isEqualTo("CANCELLED");
        run("cancel", runId).expect(0);
    }

    @Test
    void whatDoesNotExistIsSaid() {
        run("get", "no-such-run").expectError(5, "no run no-such-run", "flowlane list");
        run("wait", "no-such-run").expectError(5, "no run no-such-run");
        run("cancel", "no-such-run").expectError(5, "no run no-such-run");
        run("hosts", "describe", "host-x").expectError(5, "no host host-x", "host-a");
    }

    @Test
    void interruptCancelsTheRunAndPrintsItsResult() throws Exception {
        try (FlowlaneProcess command = FlowlaneProcess.start(
                state, Map.of(), "run", "--duration", "1h", "--warmup", "0", "--interval", "100ms", "-o", "json")) {
            await().atMost(PATIENCE).until(() -> command.err().contains("bit/s"));
            command.signal("INT");

            FlowlaneProcess.Outcome outcome = command.await().expect(130);
            assertThat(outcome.json().path("state").textValue()).isEqualTo("CANCELLED");
            assertThat(outcome.err()).contains("cancelling");
        }
    }

    @Test
    void aTimeOutCancelsTheRun() {
        FlowlaneProcess.Outcome outcome = run("run", "--duration", "1h", "--timeout", "1s", "-o", "json").expect(124);

        assertThat(outcome.json().path("state").textValue()).isEqualTo("CANCELLED");
        // Waiting for somebody's run is another matter: it goes on.
        String runId = run("submit", "--duration", "1h").expect(0).out().strip();
        run("wait", runId, "--timeout", "100ms").expect(124);
        run("cancel", runId).expect(0);
        run("wait", runId).expect(130);
    }

    @Test
    void jsonLinesStreamTheIntervalsAndEndWithTheResult() {
        List<JsonNode> lines = run("run", "--duration", "800ms", "--warmup", "400ms", "--interval", "200ms", "-o",
                "jsonl")
                .expect(0)
                .jsonLines();

        JsonNode result = lines.getLast();
        assertThat(names(result)).containsAll(RUN_NAMES);
        List<JsonNode> intervals = lines.subList(0, lines.size() - 1);
        // Both ends, warm-up and measured.
        assertThat(intervals).hasSize(2 * (2 + 4));
        long received = intervals.stream()
                .filter(interval -> !interval.path("warmup").booleanValue())
                .mapToLong(interval -> interval.path("received_bytes").longValue())
                .sum();
        assertThat(received).isEqualTo(result.path("received_bytes").longValue());
    }

    @Test
    void csvAndYaml() throws Exception {
        String csv = run("run", "--duration", "200ms", "--warmup", "0", "-o", "csv").expect(0).out();
        assertThat(csv).hasLineCount(2).startsWith("run_id,state,flow_id,");

        JsonNode yaml = new YAMLMapper()
                .readTree(run("run", "--duration", "200ms", "--warmup", "0", "-o", "yaml").expect(0).out());
        assertThat(names(yaml)).containsAll(RUN_NAMES);
    }

    @Test
    void hosts() {
        assertThat(run("hosts", "list").expect(0).out()).contains("host-a  online", "host-b  online", "127.0.0.1:");
        assertThat(run("hosts", "describe", "host-a").expect(0).out())
                .contains("allowed CPUs", "follows the sender", "KERNEL CANNOT", "psp ");
        JsonNode host = run("hosts", "describe", "host-b", "-o", "json").expect(0).json();
        assertThat(host.path("host_id").textValue()).isEqualTo("host-b");
        assertThat(host.path("cpus")).isNotEmpty();
    }

    /** No device of any machine is used for PSP yet, so this is so everywhere. */
    @Test
    void aRunThatNeedsADeviceThatIsNotThereIsRejectedByName() {
        run("run", "--duration", "200ms", "--psp", "true")
                .expectError(5, "socket.psp: host host-a has no psp: ", "host host-b has no psp: ");
        assertThat(run("hosts", "describe", "host-b", "-o", "json").expect(0).json().path("kernel_features"))
                .isNotEmpty();
    }

    @Test
    void topicsAreAsTheyShouldBe() {
        run("topics", "verify").expect(0);
        assertThat(run("topics", "create").expect(0).err()).contains("there already");
        run("topics", "verify", "--topic-prefix", "elsewhere").expect(3);
    }

    @Test
    void statusSaysWhereServicesAnswerHttp() throws Exception {
        for (JsonNode process : status().path("processes")) {
            JsonNode address = process.path("http_address");
            if (process.path("name").textValue().equals("broker")) {
                assertThat(address.isNull()).as("%s", process).isTrue();
                continue;
            }
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpRequest livez = HttpRequest.newBuilder(URI.create("http://" + address.textValue() + "/livez"))
                        .build();
                assertThat(client.send(livez, HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(200);
            }
            assertThat(run("status").expect(0).out()).contains("http://" + address.textValue());
        }
    }

    @Test
    void anIdleFleetStaysBelow900Megabytes() {
        // Workers of earlier runs go by and by, and the first daemons ever train a cache for them.
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode status = status();
            long residentBytes = StreamSupport.stream(status.path("processes").spliterator(), false)
                    .mapToLong(process -> process.path("resident_bytes").longValue())
                    .sum();
            assertThat(residentBytes).as("%s", status).isBetween(1L, 900_000_000L);
        });
    }

    @Test
    void aSecondUpFindsTheFirst() {
        assertThat(run("up").expect(0).err()).contains("was up already");
    }

    @Test
    void garbageOnTheCommandTopicHoldsNothingUp() {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (byte[] garbage : List.of(new byte[0], new byte[] {1, 2, 3},
                    new byte[] {0, 0, 0, 0, 1, -1, -1, -1, -1, -1})) {
                var _ = producer.send(new ProducerRecord<>(
                        "flowlane.commands", "garbage".getBytes(StandardCharsets.UTF_8), garbage));
            }
            producer.flush();
        }

        measure("--duration", "200ms", "--warmup", "0");
    }

    private static JsonNode status() {
        return FlowlaneProcess.run(state, "status", "-o", "json").expect(0).json();
    }

    private static FlowlaneProcess.Outcome run(String... arguments) {
        return FlowlaneProcess.run(state, arguments);
    }

    private static JsonNode measure(String... arguments) {
        String[] command = new String[arguments.length + 3];
        command[0] = "run";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        command[arguments.length + 1] = "-o";
        command[arguments.length + 2] = "json";
        return run(command).expect(0).json();
    }

    private static void awaitState(String runId, String wanted) {
        await().atMost(PATIENCE)
                .until(() -> run("list", "-o", "jsonl").jsonLines().stream()
                        .anyMatch(run -> run.path("run_id").textValue().equals(runId)
                                && run.path("state").textValue().equals(wanted)));
    }

    private static long sum(JsonNode run, String name) {
        return StreamSupport.stream(run.path("flows").spliterator(), false)
                .mapToLong(flow -> flow.path(name).longValue())
                .sum();
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }
}
