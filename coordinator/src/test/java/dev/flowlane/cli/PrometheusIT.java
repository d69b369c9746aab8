package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.grafana.GrafanaFiles;
import dev.flowlane.grafana.Tool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real Prometheus scrapes a live local fleet: what it shows of a run is what the run's result says, and every panel
 * of every dashboard has data while a run goes on. Skipped where Prometheus is not installed.
 */
final class PrometheusIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** Less than the run that is looked at goes on. */
    private static final Duration PATIENCE = Duration.ofSeconds(150);

    /**
     * An HdrHistogram's value stands for a range of 0.1 %: percentiles tell its end, and where a bound is in it, it is
     * counted below.
     */
    private static final double HISTOGRAM_PRECISION = 1.001;

    private static final Pattern ADDRESS = Pattern.compile("http=\"?([0-9.]+:[0-9]+)");
    private static final List<String> SERVICES = List.of("coordinator", "host-a", "host-b");

    private static final List<String> SERIES_OF_RUN = List.of(
            "flow_sent_bytes_total", "flow_received_bytes_total", "flow_transactions_total", "flow_errors_total",
            "flow_round_trip_seconds_bucket", "tcp_retransmitted_segments_total", "tcp_smoothed_rtt_seconds",
            "tcp_congestion_window_bytes", "tcp_delivery_rate_bytes_per_second", "lane_cpu_seconds_total",
            "lane_drift_total", "run_info", "run_state", "run_start_time_seconds", "run_end_time_seconds");
    private static final List<String> SERIES = List.of(
            "runs_total", "claims", "placement_candidates_total", "placement_seconds_bucket",
            "host_last_heartbeat_time_seconds", "host_clock_offset_seconds", "commands_total", "dead_letters_total",
            "consumer_lag_records", "coordinator_epoch", "build_info", "series_dropped_total");

    @TempDir
    static Path state = Path.of(".");

    private static final List<String> targets = new ArrayList<>();
    private static PrometheusProcess prometheus;
    private static PrometheusProcess withNative;

    @BeforeAll
    static void up() throws IOException {
        Tool.require("prometheus");
        Tool.require("promtool");
        FlowlaneProcess.run(state, "up").expect(0);
        for (String service : SERVICES) {
            targets.add(address(service));
        }
        prometheus = PrometheusProcess.start(state.resolve("prometheus"), targets);
        withNative = PrometheusProcess.start(
                state.resolve("native"), targets, "--enable-feature=native-histograms");
        await().atMost(SOON).until(() -> prometheus.isReady() && withNative.isReady());
        await().atMost(SOON).until(() -> prometheus.value("sum(up)") == 3 && withNative.value("sum(up)") == 3);
    }

    @AfterAll
    static void down() {
        if (targets.isEmpty()) {
            return;
        }
        withNative.close();
        prometheus.close();
        FlowlaneProcess.run(state, "down").expect(0);
    }

    @Test
    void bytesAreThoseOfTheResult() {
        JsonNode run = measure("--run-id", "bytes", "--duration", "2s", "--warmup", "500ms", "--interval", "250ms");

        assertThat(run.path("received_bytes").longValue()).isPositive();
        awaitValue("sum(flowlane_flow_received_bytes_total{run_id='bytes',phase='measured',direction='forward'})",
                run.path("received_bytes").doubleValue());
        awaitValue("sum(flowlane_flow_sent_bytes_total{run_id='bytes',phase='measured',direction='forward'})",
                run.path("sent_bytes").doubleValue());
        assertThat(prometheus.value("sum(flowlane_flow_received_bytes_total{run_id='bytes',phase='warmup'})"))
                .as("warm-up is counted apart")
                .isPositive();
        assertThat(prometheus.value("sum(flowlane_flow_errors_total{run_id='bytes'})")).isZero();
    }

    @Test
    void roundTripsAreThoseOfTheResultWithinABucket() {
        JsonNode run = measure("--run-id", "trips", "--traffic", "request-response", "--duration", "2s", "--warmup",
                "500ms", "--interval", "250ms");
        double transactions = run.path("transactions").doubleValue();
        String histogram = "flowlane_flow_round_trip_seconds";
        String labels = "{run_id='trips',phase='measured'}";

        awaitValue("sum(" + histogram + "_count" + labels + ")", transactions);
        awaitValue("sum(flowlane_flow_transactions_total" + labels + ")", transactions);
        awaitValue("sum(" + histogram + "_bucket{run_id='trips',phase='measured',le='+Inf'})", transactions);
        String nativeCount = "histogram_count(" + histogram + labels + ")";
        await().atMost(SOON).until(() -> withNative.value(nativeCount) == transactions);
        for (Map.Entry<String, Double> quantile : Map.of("p50", 0.5, "p90", 0.9, "p99", 0.99).entrySet()) {
            double exact = run.path("round_trip_" + quantile.getKey() + "_ns").doubleValue() / 1e9;
            double classic = prometheus.value("histogram_quantile(%s, sum by (le) (%s_bucket%s))"
                    .formatted(quantile.getValue(), histogram, labels));
            assertThat(classic)
                    .as("%s in the bucket of %s", quantile.getKey(), exact)
                    .isBetween(bucketBelow(exact / HISTOGRAM_PRECISION), bucketAbove(exact));
            double exponential = withNative.value(
                    "histogram_quantile(%s, %s%s)".formatted(quantile.getValue(), histogram, labels));
            assertThat(exponential / exact)
                    .as("%s within a native bucket of 4.4 %% and the HdrHistogram's 0.1 %%", quantile.getKey())
                    .isBetween(1 / 1.046, 1.046);
        }
    }

    @Test
    void everyPanelHasDataWhileARunGoesOn() {
        // Over UDP, for the panels that are about datagrams; at a pace that does not overrun the receiver.
        measure("--run-id", "before", "--traffic", "datagram-stream", "--rate", "2k/s", "--duration", "1s", "--warmup",
                "100ms", "--interval", "250ms");
        try (FlowlaneProcess run = FlowlaneProcess.start(
                state, Map.of(), "run", "--run-id", "panels", "--traffic", "request-response", "--rate", "2k/s",
                "--duration", "180s", "--warmup", "500ms", "--interval", "250ms")) {
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> prometheus.value("flowlane_run_state{run_id='panels',state='running'}") == 1);
            List<Shown> all = shown();
            await("data in every panel")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(all.stream().filter(Shown::isEmpty)).as("without data").isEmpty());
            assertThat(run.handle().isAlive()).as("the run went on all the while: %s", run.err()).isTrue();
            FlowlaneProcess.run(state, "cancel", "panels").expect(0);
        }
    }

    /** Of a run with round trips, while it is still shown. */
    @Test
    void everySeriesThatDashboardsAndUsersRelyOnIsThere() {
        measure("--run-id", "names", "--traffic", "request-response", "--duration", "1s", "--warmup", "200ms",
                "--interval", "200ms");

        for (String series : SERIES) {
            await(series).atMost(SOON).until(() -> prometheus.value("count(flowlane_" + series + ")") > 0);
        }
        for (String series : SERIES_OF_RUN) {
            await(series).atMost(SOON)
                    .until(() -> prometheus.value("count(flowlane_" + series + "{run_id='names'})") > 0);
        }
        assertThat(prometheus.value("count(flowlane_flow_sent_bytes_total{run_id='names',source_host='host-a',"
                        + "destination_host='host-b',direction=~'forward|reverse'})")).isPositive();
        assertThat(prometheus.value("count(jvm_memory_used_bytes)")).isPositive();
        assertThat(prometheus.value("count(process_cpu_usage)")).isPositive();
    }

    @Test
    void bothSayTheirMetricsAsPrometheusWantsThem() throws Exception {
        for (String target : targets) {
            try (HttpClient client = HttpClient.newHttpClient()) {
                String metrics = client.send(
                                HttpRequest.newBuilder(URI.create("http://" + target + "/metrics")).build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();

                Tool.Outcome outcome = Tool.promtool(metrics, List.of("check", "metrics"));

                assertThat(outcome.output()).as(target).isBlank();
                assertThat(outcome.exitCode()).isZero();
            }
        }
    }

    /** What is drawn together: a panel, an annotation, a variable. */
    private record Shown(String where, List<String> expressions) {
        boolean isEmpty() {
            return expressions.stream().noneMatch(expression -> hasData(prometheus.query(expression)));
        }
    }

    private static List<Shown> shown() {
        Map<String, String> variables = Map.of(
                "__rate_interval", "15s", "__range", "10m", "run", "panels", "compare", "before", "host", "host-a");
        Map<String, List<String>> expressions = new LinkedHashMap<>();
        for (Path file : GrafanaFiles.dashboards()) {
            JsonNode dashboard = GrafanaFiles.json(file);
            List<GrafanaFiles.Query> queries = new ArrayList<>(GrafanaFiles.panelQueries(dashboard));
            queries.addAll(GrafanaFiles.otherQueries(dashboard));
            queries.forEach(query -> expressions
                    .computeIfAbsent(query.where(), _ -> new ArrayList<>())
                    .add(query.substituted(variables)));
        }
        List<Shown> shown = new ArrayList<>();
        expressions.forEach((where, ofPanel) -> shown.add(new Shown(where, ofPanel)));
        return shown;
    }

    /** A series that is not a number has nothing to draw. */
    private static boolean hasData(JsonNode result) {
        for (JsonNode series : result) {
            if (!series.path("value").path(1).asText().equals("NaN")) {
                return true;
            }
        }
        return false;
    }

    private static void awaitValue(String expression, double expected) {
        await(expression + " is " + expected)
                .atMost(SOON)
                .untilAsserted(() -> assertThat(prometheus.value(expression)).isEqualTo(expected));
    }

    private static JsonNode measure(String... arguments) {
        List<String> command = new ArrayList<>(List.of("run", "-o", "json"));
        command.addAll(List.of(arguments));
        JsonNode run = FlowlaneProcess.run(state, command.toArray(String[]::new)).expect(0).json();
        assertThat(run.path("state").textValue()).as("%s", run.path("reasons")).isEqualTo("COMPLETED");
        return run;
    }

    /** Upper bound of the bucket below the one that holds the value. */
    private static double bucketBelow(double seconds) {
        double below = 0;
        for (double bound : bounds()) {
            if (bound >= seconds) {
                return below;
            }
            below = bound;
        }
        return below;
    }

    private static double bucketAbove(double seconds) {
        return bounds().stream().filter(bound -> bound >= seconds).findFirst().orElse(10.0);
    }

    private static List<Double> bounds() {
        List<Double> bounds = new ArrayList<>();
        for (int exponent = -6; exponent <= 0; exponent++) {
            for (int step : new int[] {1, 2, 5}) {
                bounds.add(step * Math.pow(10, exponent));
            }
        }
        bounds.add(10.0);
        return bounds;
    }

    private static String address(String service) throws IOException {
        Path log = state.resolve("log").resolve(service + ".log");
        String address = "";
        for (String line : Files.readAllLines(log)) {
            Matcher found = ADDRESS.matcher(line);
            if (line.contains("ready") && found.find()) {
                address = found.group(1);
            }
        }
        assertThat(address).as("address in %s", log).isNotEmpty();
        return address;
    }
}
