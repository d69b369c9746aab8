package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What can be done with results: thresholds, exports, comparisons, reports; and what hosts say of themselves. */
final class ResultsIT {
    @TempDir
    static Path state = Path.of(".");

    /** Of request-response traffic at a pace, with warm-up and thresholds. */
    private static JsonNode paced = com.fasterxml.jackson.databind.node.MissingNode.getInstance();

    private static String pacedId = "";

    @BeforeAll
    static void measure() {
        FlowlaneProcess.run(state, "up").expect(0);
        paced = run("run", "--request-size", "64", "--rate", "2000/s", "--duration", "800ms", "--warmup", "200ms",
                "--interval", "200ms", "--threshold", "p99 < 10s", "--threshold", "drifted-intervals <= 1000000", "-o",
                "json").expect(0).json();
        pacedId = paced.path("run_id").textValue();
    }

    @AfterAll
    static void down() {
        FlowlaneProcess.run(state, "down").expect(0);
    }

    @Test
    void theResultHasTheEnvironmentThatItsHostsAnnounced() {
        assertThat(paced.path("hosts")).hasSize(2);
        for (JsonNode host : paced.path("hosts")) {
            JsonNode announced = run("hosts", "describe", host.path("host_id").textValue(), "-o", "json").expect(0)
                    .json().path("environment");
            String fingerprint = host.path("environment_fingerprint").textValue();
            assertThat(fingerprint).matches("[0-9a-f]{64}").isEqualTo(announced.path("fingerprint").textValue());
            assertThat(StreamSupport.stream(paced.path("environments").spliterator(), false))
                    .filteredOn(environment -> environment.path("fingerprint").textValue().equals(fingerprint))
                    .singleElement()
                    .satisfies(environment -> assertThat(environment.path("facts")).isEqualTo(announced.path("facts")));
        }
    }

    @Test
    void thresholdsAreJudgedAndDecideTheExitCode() {
        assertThat(paced.path("thresholds")).hasSize(2).allMatch(verdict -> verdict.path("met").booleanValue());
        assertThat(paced.path("thresholds").path(0).path("measured").doubleValue())
                .isEqualTo(paced.path("round_trip_p99_ns").doubleValue());

        FlowlaneProcess.Outcome missed = run("run", "--duration", "200ms", "--warmup", "0", "--threshold",
                "throughput >= 900Tbit/s").expect(99);
        assertThat(missed.out()).containsPattern("throughput >= 900Tbit/s +[0-9.]+ [MGT]bit/s +MISSED");
        Matcher id = Pattern.compile("^run (\\S+)", Pattern.MULTILINE).matcher(missed.err());
        assertThat(id.find()).isTrue();
        run("get", id.group(1), "-o", "json").expect(99);
        run("wait", id.group(1), "-o", "json").expect(99);
        run("run", "--threshold", "p99 < 200us").expectError(2, "stream traffic has no p99");
    }

    @Test
    void duckDbReadsWhatWasExported() throws SQLException, IOException {
        Path out = state.resolve("parquet");
        run("export", pacedId, "-o", "parquet", "--directory", out.toString()).expect(0);

        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(
                    "run-results.parquet", "flow-results.parquet", "flow-stats.parquet", "latency.parquet",
                    "tcp-stats.parquet", "cpu-placement.parquet", "cpu-use.parquet");
        }
        // Source and destination, one interval of warm-up and four measured ones.
        assertThat(query("SELECT count(*), count(*) FILTER (NOT warmup) FROM '" + out + "/flow-stats.parquet'"))
                .isEqualTo("10|8");
        assertThat(query("SELECT sum(received_bytes) FROM '" + out
                + "/flow-stats.parquet' WHERE NOT warmup AND flow_role = 'DESTINATION'"))
                .isEqualTo(paced.path("received_bytes").asText());
        assertThat(query("SELECT r.round_trip_p99_ns, json_extract(r.spec, '$.request_bytes'),"
                        + " r.started_time < r.ended_time"
                + " FROM '" + out + "/run-results.parquet' r"))
                .isEqualTo(paced.path("round_trip_p99_ns").asText() + "|64|true");
        assertThat(query("SELECT sum(samples) FROM '" + out
                + "/latency.parquet' WHERE NOT warmup AND send_time_basis = 'actual'"))
                .isEqualTo(paced.path("transactions").asText());
        run("export", pacedId, "-o", "parquet", "--directory", out.toString())
                .expectError(2, "is there already", "--force");
        run("export", pacedId, "-o", "parquet").expectError(2, "--directory");
    }

    @Test
    void linesAndPercentilesGoToStandardOutput() {
        List<JsonNode> lines = run("export", pacedId, "-o", "jsonl").expect(0).jsonLines();
        assertThat(lines.getFirst().path("topic").textValue()).isEqualTo("run-results");
        assertThat(lines).filteredOn(line -> line.path("topic").textValue().equals("flow-stats")).hasSize(10);

        String csv = run("export", pacedId, "-o", "csv", "--topic", "flow-stats").expect(0).out();
        assertThat(csv).hasLineCount(11).startsWith("run_id,flow_id,host_id,");

        String percentiles = run("export", pacedId, "-o", "hgrm").expect(0).out();
        Matcher total = Pattern.compile("Total count *= *([0-9]+)").matcher(percentiles);
        assertThat(total.find()).as(percentiles).isTrue();
        assertThat(total.group(1)).isEqualTo(paced.path("transactions").asText());
        run("export", "no-such-run", "-o", "csv").expectError(5, "no run no-such-run");
        run("export", pacedId, "-o", "xml").expectError(2, "csv, jsonl, parquet, hgrm");
    }

    @Test
    void repeatedRunsAreComparedWithEachOtherAndWithBaselines() {
        String before = repeated();
        String after = repeated();

        JsonNode comparison = run("compare", before, after, "-o", "json").expect(0).json();
        assertThat(comparison.path("changes")).hasSize(1);
        JsonNode throughput = comparison.path("changes").path(0);
        assertThat(throughput.path("trials_before").intValue()).isEqualTo(4);
        assertThat(throughput.path("trials_after").intValue()).isEqualTo(4);
        assertThat(throughput.path("p_value").doubleValue()).isBetween(0.0, 1.0);
        assertThat(throughput.path("interval_low").doubleValue())
                .isLessThanOrEqualTo(throughput.path("relative_change").doubleValue());
        assertThat(run("compare", before, after, "-o", "json").expect(0).json())
                .as("the same seed").isEqualTo(comparison);
        assertThat(comparison.path("environment_differences")).isEmpty();

        run("baselines", "set", "release-1", before).expect(0);
        assertThat(run("baselines", "list").expect(0).out()).contains("release-1", before);
        JsonNode against = run("compare", "--baseline", "release-1", after, "-o", "json").expect(0).json();
        assertThat(against.path("changes")).isEqualTo(comparison.path("changes"));
        assertThat(run("compare", "--baseline", "release-1", pacedId).expect(0).out())
                .contains("The specs differ:", "traffic_kind", "~ (too few trials)");
        run("baselines", "remove", "release-1").expect(0);
        run("compare", "--baseline", "release-1", after).expectError(5, "no baseline release-1");
        run("compare", before).expectError(2, "two runs are compared");

        String slow = repeated("--rate", "20Mbit/s");
        assertThat(run("compare", before, slow, "--fail-if-worse").expect(99).err())
                .contains("significantly worse: throughput");
        assertThat(run("compare", slow, before, "--fail-if-worse").expect(0).out()).contains("rate_bits_per_second");
    }

    private static String repeated(String... options) {
        List<String> command = new ArrayList<>(List.of(
                "run", "--repeat", "4", "--duration", "200ms", "--warmup", "0", "--interval", "200ms", "-o", "json"));
        command.addAll(List.of(options));
        return run(command.toArray(String[]::new)).expect(0).json().path("run_id").textValue();
    }

    @Test
    void theReportHasTheFiguresOfTheTopicsAndAsksForNothing() throws IOException {
        Path file = state.resolve("report.html");
        run("report", pacedId, "--file", file.toString()).expect(0);
        String page = Files.readString(file);

        assertThat(page).startsWith("<!DOCTYPE html>").endsWith("</html>\n");
        assertThat(page).doesNotContain("<script", "http://", "https://", "@import", "url(");
        assertThat(page).contains("default-src &#39;none&#39;".replace("&#39;", "'"));
        assertThat(page)
                .contains("<dd>" + Scaled.nanos(paced.path("round_trip_p99_ns").longValue()) + "</dd>")
                .contains("<dd>" + Scaled.bitsPerSecond(
                        paced.path("throughput_bits_per_second").doubleValue()) + "</dd>")
                .contains(nanosCell(paced.path("round_trip_p9999_ns").longValue())
                        + "<td>" + paced.path("round_trip_p9999_ns").asText() + "</td>")
                .contains("p99 &lt; 10s");
        for (JsonNode line : run("export", pacedId, "-o", "jsonl", "--topic", "flow-stats").expect(0).jsonLines()) {
            assertThat(page).containsPattern("<td class=\"word\">"
                    + line.path("flow_role").textValue().toLowerCase(Locale.ROOT) + "</td><td>"
                    + line.path("seq").asText() + "</td><td class=\"word\">"
                    + (line.path("warmup").booleanValue() ? "warm-up" : "measured") + "</td><td>[0-9.]+</td><td>"
                    + line.path("received_bytes").asText() + "</td><td>" + line.path("sent_bytes").asText()
                    + "</td><td>" + line.path("transactions").asText() + "</td><td>"
                    + line.path("interval_ns").asText() + "</td>");
        }
        for (JsonNode line : run("export", pacedId, "-o", "jsonl", "--topic", "latency").expect(0).jsonLines()) {
            if (line.path("send_time_basis").textValue().equals("actual")) {
                assertThat(page).contains("<td>" + line.path("samples").asText() + "</td>"
                        + nanosCell(line.path("round_trip_p50_ns").longValue())
                        + nanosCell(line.path("round_trip_p99_ns").longValue())
                        + nanosCell(line.path("round_trip_max_ns").longValue()));
            }
        }
        assertThat(page).contains("kernel.release", "Once more", "request-size: 64");
        run("report", pacedId, "--file", file.toString()).expectError(2, "is there already");
    }

    /** For reading, and exact for whoever rests a pointer on it. */
    private static String nanosCell(long ns) {
        return "<td title=\"" + ns + " ns\">" + Scaled.nanos(ns) + "</td>";
    }

    @Test
    void theDoctorLooksAtThisHostAndAtThoseOfTheFleet() {
        FlowlaneProcess.Outcome here = run("doctor", "-o", "json");
        assertThat(here.exitCode()).as(here.err()).isIn(0, 3);
        assertThat(checks(here)).contains("cpuset", "governor", "smt", "irqbalance", "quota", "open-files", "clock",
                "net.core.rmem_max", "nic.lo.mtu").doesNotContain("kafka");

        String bootstrap = run("status", "-o", "json").expect(0).json().path("bootstrap").textValue();
        FlowlaneProcess.Outcome both = run("doctor", "--bootstrap", bootstrap, "-o", "json");
        assertThat(both.exitCode()).as(both.err()).isIn(0, 3);
        assertThat(checks(both)).contains("kafka", "topics", "daemon", "clock-offset", "cpuset");

        FlowlaneProcess.Outcome there = run("doctor", "--host", "host-a", "-o", "json");
        assertThat(there.exitCode()).as(there.err()).isIn(0, 3);
        assertThat(checks(there)).contains("kafka", "topics", "daemon", "clock-offset", "cpuset", "nic.lo.mtu");
        FlowlaneProcess.Outcome unreachable = run("doctor", "--bootstrap", "127.0.0.1:1", "-o", "json").expect(3);
        assertThat(unreachable.json().path(0).path("found").textValue()).contains("no Kafka broker answers");
        run("doctor", "--host", "host-x").expectError(5, "no host host-x");
    }

    private static List<String> checks(FlowlaneProcess.Outcome outcome) {
        return StreamSupport.stream(outcome.json().spliterator(), false)
                .map(check -> check.path("check").textValue())
                .toList();
    }

    private static FlowlaneProcess.Outcome run(String... arguments) {
        return FlowlaneProcess.run(state, arguments);
    }

    /** One row. */
    private static String query(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            List<String> cells = new ArrayList<>();
            for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
                cells.add(String.valueOf(result.getObject(column)));
            }
            return String.join("|", cells);
        }
    }
}
