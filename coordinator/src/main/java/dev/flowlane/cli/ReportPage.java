package dev.flowlane.cli;

import dev.flowlane.avro.CpuUse;
import dev.flowlane.avro.Environment;
import dev.flowlane.avro.EnvironmentFact;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.Latency;
import dev.flowlane.avro.RunHost;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.ThresholdVerdict;
import dev.flowlane.avro.TrialSummary;
import dev.flowlane.cli.HtmlTable.Cell;
import dev.flowlane.coordinator.wire.RunSpecAvro;
import dev.flowlane.core.spec.SpecResult;
import dev.flowlane.core.spec.SpecText;
import dev.flowlane.report.Html;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The report of one run: one HTML file that asks for nothing else. Everything that came over the bus is escaped, and
 * the page's own policy forbids scripts and requests.
 */
final class ReportPage {
    /** Rows of the tables behind the charts; what is more is in an export. */
    private static final int ROWS_MAX = 2_000;

    private static final char NO_BREAK_SPACE = '\u00a0';

    private final RunResult result;
    private final ReportSeries series;
    private final List<ReportSeries.Trips> trips;
    private final List<CpuUse> cpuUse;

    private ReportPage(RunResult result, ReportSeries series, List<CpuUse> cpuUse) {
        this.result = result;
        this.series = series;
        this.cpuUse = cpuUse;
        this.trips = series.trips("actual");
    }

    /** The page. */
    static String of(RunResult result, List<FlowStats> stats, List<Latency> latency, List<CpuUse> cpuUse) {
        return new ReportPage(result, new ReportSeries(result.getRunId(), stats, latency), cpuUse).render();
    }

    private String render() {
        StringBuilder html = new StringBuilder(
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
                + " 'unsafe-inline'\">\n");
        html.append("<title>").append(Html.text("Run " + result.getRunId() + " " + result.getState()))
                .append("</title>\n<style>\n").append(style()).append("</style>\n</head>\n<body>\n<main>\n");
        html.append(head()).append(warnings()).append(ReportFigures.of(result)).append(thresholds());
        if (!series.isEmpty()) {
            html.append("<h2>Over time</h2>\n").append(ReportCharts.throughput(series, result.getSpec()));
            if (result.getTransactions() > 0) {
                html.append(ReportCharts.rate(series, result.getSpec()));
            }
            html.append(trips.isEmpty() ? "" : ReportCharts.latency(series));
            RunSpec spec = result.getSpec();
            if (spec != null && result.getDatagrams() != null) {
                html.append(ReportCharts.lost(series, spec));
            }
            html.append(intervals());
        }
        String percentiles = ReportCharts.percentiles(result);
        if (!percentiles.isEmpty()) {
            html.append("<h2>Round trips</h2>\n").append(percentiles).append(roundTrips());
        }
        html.append(tables("Datagrams", DatagramTable.of(result)))
                .append(tables("Time in the kernels of the receiving ends", ReceiveDelayTable.of(result)))
                .append(tables("More about this traffic", KindTable.of(result)));
        if (!result.getFlows().isEmpty()) {
            html.append("<h2>Lanes</h2>\n<p class=\"quiet\">rx is the CPU that served the flow's receive queue, app the"
                    + " one its worker was pinned to; the number is the flow's.</p>\n")
                    .append(ReportCharts.lanes(result)).append(flows());
        }
        html.append(ReportCpus.of(series, cpuUse));
        html.append(trials()).append(environment()).append(again());
        html.append("<footer>Made by flowlane from the records of the run; every figure here is one of the topics"
                + " run-results, flow-stats, latency and cpu-use. More: ")
                .append(Html.element("code", "flowlane export " + result.getRunId() + " -o parquet --directory DIR"))
                .append("</footer>\n");
        return html.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String style() {
        try (@Nullable InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
            return new String(Objects.requireNonNull(in, "report.css").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String head() {
        RunSpec spec = result.getSpec();
        StringBuilder html = new StringBuilder(
                "<header>\n<h1>Run " + Html.text(result.getRunId()) + " <span class=\"state "
                + result.getState() + "\">" + result.getState() + "</span></h1>\n<p class=\"quiet\">");
        if (spec != null) {
            String sender = TrafficText.timed(spec.getTrafficKind()) ? "asks" : "sends";
            html.append(Html.text(ResultTable.traffic(spec)
                    + (spec.getReverse() ? " (the destination " + sender + ")" : "") + ", "
                    + Scaled.nanos(spec.getDurationNs()) + " after " + Scaled.nanos(spec.getWarmupNs())
                    + " of warm-up, " + ListVerb.hosts(spec) + "; "));
        }
        return html.append(Html.text("ended " + ListVerb.seconds(result.getEventTime()) + ", asked for by "
                + result.getRequestedBy())).append("</p>\n</header>\n").toString();
    }

    private String warnings() {
        List<String> warnings = ResultTable.warnings(result);
        if (warnings.isEmpty()) {
            return "";
        }
        return "<section class=\"warnings\"><strong>Before you trust these figures</strong>\n<ul>\n"
                + warnings.stream().map(warning -> Html.element("li", warning)).collect(Collectors.joining("\n"))
                + "\n</ul></section>\n";
    }

    private String thresholds() {
        if (result.getThresholds().isEmpty()) {
            return "";
        }
        HtmlTable table = new HtmlTable("").word("Threshold").number("Measured").word("Verdict");
        for (ThresholdVerdict verdict : result.getThresholds()) {
            String word = ThresholdTable.word(verdict);
            table.row(Cell.of(verdict.getThreshold()), Cell.of(ThresholdTable.measured(verdict)),
                    Cell.marked(word, word.toLowerCase(Locale.ROOT).replace("not measured", "unmeasured")));
        }
        return "<h2>Thresholds</h2>\n" + table.render();
    }

    /** The numbers behind the charts, as they are on the topics. */
    private String intervals() {
        HtmlTable table = new HtmlTable("What both ends of each flow did in each interval, as the topic has it")
                .word("Flow").word("End").number("Interval").word("Part").number("Ends at (s)")
                .number("received_bytes").number("sent_bytes").number("transactions").number("interval_ns");
        for (FlowRole role : List.of(FlowRole.SOURCE, FlowRole.DESTINATION)) {
            series.flows(role).forEach((flow, spans) -> spans.forEach(span -> table.row(
                    span.flowId(), role.name().toLowerCase(Locale.ROOT), Integer.toString(span.firstSeq()),
                    span.warmup() ? "warm-up" : "measured", String.format(Locale.ROOT, "%.3f", span.endS()),
                    Long.toString(span.receivedBytes()), Long.toString(span.sentBytes()),
                    Long.toString(span.transactions()), Long.toString(span.ns()))));
        }
        return details("Table: what was sent, received and transacted in each interval", table);
    }

    private String roundTrips() {
        HtmlTable table = new HtmlTable("Round trips of all flows in each interval, from the actual send times")
                .word("Attempt").number("Interval").word("Part").number("samples").number("p50").number("p99")
                .number("max");
        for (ReportSeries.Trips each : trips) {
            Histogram histogram = each.histogram();
            table.row(Cell.of(each.attempt()), Cell.of(Integer.toString(each.firstSeq())),
                    Cell.of(each.warmup() ? "warm-up" : "measured"),
                    Cell.of(Long.toString(histogram.getTotalCount())),
                    Cell.nanos(histogram.getValueAtPercentile(50)), Cell.nanos(histogram.getValueAtPercentile(99)),
                    Cell.nanos(histogram.getMaxValue()));
        }
        return percentiles().render() + details("Table: round trips in each interval", table);
    }

    /** For reading, and to the nanosecond beside it. */
    private HtmlTable percentiles() {
        boolean paced = result.getIntendedRoundTripP50Ns() != null;
        HtmlTable table = new HtmlTable(paced
                ? "Round trips of the measured window, all flows, from the actual and from the intended send time"
                : "Round trips of the measured window, all flows").word("Percentile")
                .number(paced ? "Actual send" : "Round trip").number("ns");
        if (paced) {
            table.number("Intended send").number("ns");
        }
        percentile(table, "p25", paced, result.getRoundTripP25Ns(), result.getIntendedRoundTripP25Ns());
        percentile(table, "p50", paced, result.getRoundTripP50Ns(), result.getIntendedRoundTripP50Ns());
        percentile(table, "p75", paced, result.getRoundTripP75Ns(), result.getIntendedRoundTripP75Ns());
        percentile(table, "p90", paced, result.getRoundTripP90Ns(), result.getIntendedRoundTripP90Ns());
        percentile(table, "p99", paced, result.getRoundTripP99Ns(), result.getIntendedRoundTripP99Ns());
        percentile(table, "p99.9", paced, result.getRoundTripP999Ns(), result.getIntendedRoundTripP999Ns());
        percentile(table, "p99.99", paced, result.getRoundTripP9999Ns(), result.getIntendedRoundTripP9999Ns());
        percentile(table, "max", paced, result.getRoundTripMaxNs(), result.getIntendedRoundTripMaxNs());
        return table;
    }

    private static void percentile(
            HtmlTable table, String name, boolean paced, @Nullable Long actualNs, @Nullable Long intendedNs) {
        List<Cell> cells = new ArrayList<>(List.of(Cell.of(name), Cell.nanos(actualNs), Cell.of(raw(actualNs))));
        if (paced) {
            cells.addAll(List.of(Cell.nanos(intendedNs), Cell.of(raw(intendedNs))));
        }
        table.row(cells);
    }

    private static String tables(String heading, List<TextTable> tables) {
        return tables.isEmpty()
                ? ""
                : Html.element("h2", heading) + "\n" + tables.stream()
                        .map(table -> HtmlTable.of("", table).render())
                        .collect(Collectors.joining());
    }

    private String flows() {
        boolean timed = result.getTransactions() > 0;
        boolean bothWays = result.getBackwardThroughputBitsPerSecond() != null;
        // Datagrams are not sent again.
        boolean resent = result.getDatagrams() == null && !ReportFigures.connections(result);
        HtmlTable table = new HtmlTable("Flows").cards().word("Flow").word("Lane");
        if (timed) {
            table.foldsOnPaper().number("Transactions").number("p50").number("p99").number("max");
        }
        table.number(bothWays ? "Forward" : "Throughput");
        if (bothWays) {
            table.number("Backward");
        } else {
            table.number("Received").number("Sent");
        }
        if (resent) {
            table.number("Retransmitted");
        }
        table.word("CPU busy").word("Drift");
        HtmlTable addresses = new HtmlTable("Addresses").word("Flow").word("Source").word("Destination");
        for (FlowSummary flow : result.getFlows()) {
            String number = ResultTable.shortId(result, flow);
            List<Cell> cells = new ArrayList<>(List.of(Cell.of(number), Cell.of(lane(flow))));
            if (timed) {
                cells.addAll(List.of(Cell.perSecond(flow.getTransactionsPerSecond()),
                        Cell.nanos(flow.getRoundTripP50Ns()), Cell.nanos(flow.getRoundTripP99Ns()),
                        Cell.nanos(flow.getRoundTripMaxNs())));
            }
            Long retransmitted = flow.getRetransmittedSegments();
            cells.add(Cell.bitsPerSecond(flow.getThroughputBitsPerSecond()));
            if (bothWays) {
                Double backward = flow.getBackwardThroughputBitsPerSecond();
                cells.add(backward == null ? Cell.of("-") : Cell.bitsPerSecond(backward));
            } else {
                cells.addAll(List.of(Cell.bytes(flow.getReceivedBytes()), Cell.bytes(flow.getSentBytes())));
            }
            if (resent) {
                cells.add(Cell.of(retransmitted == null ? "-" : retransmitted.toString()));
            }
            cells.addAll(List.of(
                    Cell.of(ResultTable.busy(flow.getSourceCpuIdleRatio()) + " → "
                            + ResultTable.busy(flow.getDestinationCpuIdleRatio())),
                    Cell.of(ResultTable.drift(flow.getDriftedIntervals(), flow.getIntervals()))));
            table.row(cells);
            addresses.row(number, RunTable.address(flow.getSourceAddress(), flow.getSourcePort()),
                    RunTable.address(flow.getDestinationAddress(), flow.getDestinationPort()));
        }
        return table.render() + addresses.render();
    }

    /** Its two ends stay together each when it takes two lines. */
    private static String lane(FlowSummary flow) {
        return ResultTable.lane(flow).replace(' ', NO_BREAK_SPACE).replace("→" + NO_BREAK_SPACE, "→ ");
    }

    private String trials() {
        if (result.getTrials().isEmpty()) {
            return "";
        }
        boolean timed = result.getTransactions() > 0;
        HtmlTable table = new HtmlTable("Each measurement on the same lanes").number("Trial").word("State")
                .number("Throughput");
        if (timed) {
            table.number("Transactions").number("p50").number("p99");
        }
        for (TrialSummary trial : result.getTrials()) {
            List<Cell> cells = new ArrayList<>(List.of(Cell.of(Integer.toString(trial.getTrial())),
                    Cell.of(trial.getState().toString()), Cell.bitsPerSecond(trial.getThroughputBitsPerSecond())));
            if (timed) {
                cells.addAll(List.of(Cell.perSecond(trial.getTransactionsPerSecond()),
                        Cell.nanos(trial.getRoundTripP50Ns()), Cell.nanos(trial.getRoundTripP99Ns())));
            }
            table.row(cells);
        }
        return "<h2>Trials</h2>\n" + table.render();
    }

    private String environment() {
        StringBuilder html = new StringBuilder("<h2>Environment</h2>\n");
        List<String> unknown = new ArrayList<>();
        for (Environment environment : result.getEnvironments()) {
            List<String> hosts = result.getHosts().stream()
                    .filter(host -> host.getEnvironmentFingerprint().equals(environment.getFingerprint()))
                    .map(RunHost::getHostId)
                    .toList();
            html.append("<h3>").append(Html.text(String.join(", ", hosts))).append(" <code class=\"quiet\">")
                    .append(Html.text(environment.getFingerprint().substring(
                            0, Math.min(16, environment.getFingerprint().length()))))
                    .append("</code></h3>\n").append(facts(environment));
        }
        for (RunHost host : result.getHosts()) {
            if (result.getEnvironments().stream().noneMatch(
                    known -> known.getFingerprint().equals(host.getEnvironmentFingerprint()))) {
                unknown.add(host.getHostId());
            }
        }
        if (!unknown.isEmpty()) {
            html.append(Html.element("p", "Not known of: " + String.join(", ", unknown)));
        }
        return html.toString();
    }

    /** What one looks for first is in sight, the rest can be unfolded. */
    private static String facts(Environment environment) {
        HtmlTable first = new HtmlTable("").word("Fact").longWord("Content");
        HtmlTable rest = new HtmlTable("").word("Fact").longWord("Content");
        for (EnvironmentFact fact : environment.getFacts()) {
            boolean inSight = fact.getName().matches("kernel\\.release|distribution|cpu\\.(model|governor|smt|isolated)"
                    + "|clock\\.source|machine\\.model|container|cgroup\\.cpu_quota"
                    + "|nic\\.[^.]+\\.(driver|firmware|speed|mtu)");
            (inSight ? first : rest).row(fact.getName(), fact.getContent());
        }
        return first.render() + details("All other facts", rest);
    }

    private String again() {
        RunSpec spec = result.getSpec();
        if (spec == null || !(RunSpecAvro.fromAvro(spec) instanceof SpecResult.Parsed parsed)) {
            return "";
        }
        String yaml = SpecText.yaml(null, parsed.spec());
        return "<h2>Once more</h2>\n<p>On the same fleet: " + Html.element("code",
                        "flowlane get " + result.getRunId() + " --spec | flowlane run --like "
                                + result.getRunId() + " -")
                + ", or anywhere:</p>\n" + Html.element("pre", "flowlane run - <<'SPEC'\n" + yaml + "SPEC") + "\n";
    }

    private static String details(String summary, HtmlTable table) {
        String rendered = table.render(ROWS_MAX);
        return "<details><summary>" + Html.text(summary) + "</summary>\n" + rendered + "</details>\n";
    }

    private static String raw(@Nullable Long number) {
        return number == null ? "-" : number.toString();
    }
}
