package dev.flowlane.cli;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.core.Counted;
import dev.flowlane.export.PercentileText;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.report.LaneMap;
import dev.flowlane.report.LineChart;
import dev.flowlane.report.LineChart.Axis;
import dev.flowlane.report.LineChart.Point;
import dev.flowlane.report.LineChart.Series;
import dev.flowlane.report.Scale;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/** The charts of a report. */
final class ReportCharts {
    /** More flows than this are drawn as their sum alone. */
    private static final int LINES_MAX = LineChart.STYLES - 1;

    private static final int STEPS_X = 8;
    private static final int STEPS_Y = 5;
    private static final double NINES = 5;
    private static final int TICKS_PER_HALF_DISTANCE = 5;

    private ReportCharts() {}

    /** Received bits per second over time, of both directions where both carry payload. */
    static String throughput(ReportSeries series, @Nullable RunSpec spec) {
        boolean both = spec != null && spec.getTrafficKind() == TrafficKind.BIDIRECTIONAL;
        List<Way> ways = both ? bothWays(series, " forward", " backward") : receiving(series, spec);
        return overTime("throughput", "Received", "bit/s", series, ways, ReportSeries.Span::bitsPerSecond,
                Scaled::bitsPerSecond);
    }

    /** Transactions per second over time, as the ends count them that ask. */
    static String rate(ReportSeries series, @Nullable RunSpec spec) {
        FlowRole asking = spec != null && spec.getReverse() ? FlowRole.DESTINATION : FlowRole.SOURCE;
        return overTime("rate", "Transactions", "per second", series, List.of(new Way("", series.flows(asking))),
                ReportSeries.Span::transactionsPerSecond, Scaled::perSecond);
    }

    /** Datagrams that became known to be lost over time, by the end that did not get them. */
    static String lost(ReportSeries series, RunSpec spec) {
        boolean answered = TrafficText.timed(spec.getTrafficKind());
        List<Way> ways =
                answered ? bothWays(series, " to the destination", " to the source") : receiving(series, spec);
        return overTime("lost", "Datagrams lost", "per second", series, ways, ReportSeries.Span::lostPerSecond,
                Scaled::perSecond);
    }

    /** What the ends of one side did; {@code name} is empty where there is only this one. */
    private record Way(String name, Map<Integer, List<ReportSeries.Span>> flows) {}

    private static List<Way> bothWays(ReportSeries series, String atDestination, String atSource) {
        return List.of(
                new Way(atDestination, series.flows(FlowRole.DESTINATION)),
                new Way(atSource, series.flows(FlowRole.SOURCE)));
    }

    private static List<Way> receiving(ReportSeries series, @Nullable RunSpec spec) {
        FlowRole receiver = spec != null && spec.getReverse() ? FlowRole.SOURCE : FlowRole.DESTINATION;
        return List.of(new Way("", series.flows(receiver)));
    }

    private static String overTime(
            String id,
            String title,
            String unit,
            ReportSeries series,
            List<Way> ways,
            ToDoubleFunction<ReportSeries.Span> figure,
            DoubleFunction<String> format) {
        List<Series> lines = new ArrayList<>();
        int flows = ways.stream().mapToInt(way -> way.flows().size()).max().orElse(0);
        if (flows != 1) {
            ways.forEach(way -> lines.add(
                    new Series("all " + Counted.of(flows, "flow") + way.name(), lines.size(), total(way.flows(),
                            figure))));
        }
        if (ways.size() * flows <= LINES_MAX) {
            ways.forEach(way -> way.flows().forEach((flow, spans) -> lines.add(
                    new Series("flow " + flow + way.name(), lines.size(), points(spans, figure)))));
        }
        double largest = lines.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::value)
                .filter(value -> !Double.isNaN(value)).max().orElse(1);
        LineChart chart = new LineChart(id, title + " over time",
                title + " of each flow and interval; the numbers are in the table of intervals.",
                seconds(series),
                new Axis(unit, Scale.fromZero(largest, STEPS_Y), format));
        lines.forEach(chart::add);
        shade(chart, ways.getFirst().flows());
        return chart.render();
    }

    /** From the first interval's begin to the last one's end, for every chart over time alike. */
    private static Axis seconds(ReportSeries series) {
        return new Axis("seconds since the first interval began", Scale.until(series.endS(), STEPS_X),
                ReportCharts::plain);
    }

    private static void shade(LineChart chart, Map<Integer, List<ReportSeries.Span>> flows) {
        flows.values().stream().limit(1).flatMap(List::stream).filter(ReportSeries.Span::warmup)
                .forEach(span -> chart.shade(span.beginS(), span.endS(), "warm-up"));
    }

    private static List<Point> points(List<ReportSeries.Span> spans, ToDoubleFunction<ReportSeries.Span> figure) {
        List<Point> points = new ArrayList<>();
        String flowId = "";
        for (ReportSeries.Span span : spans) {
            if (!flowId.isEmpty() && !flowId.equals(span.flowId())) {
                points.add(new Point(span.beginS(), Double.NaN));
            }
            flowId = span.flowId();
            points.add(new Point((span.beginS() + span.endS()) / 2, figure.applyAsDouble(span)));
        }
        return points;
    }

    /** Flows of one attempt have intervals of the same numbers, begun within a few milliseconds. */
    private static List<Point> total(
            Map<Integer, List<ReportSeries.Span>> flows, ToDoubleFunction<ReportSeries.Span> figure) {
        Map<Double, Point> byBegin = new TreeMap<>();
        Map<String, Double> begins = new HashMap<>();
        flows.values().stream().flatMap(List::stream).forEach(span -> {
            int tilde = span.flowId().lastIndexOf('~');
            String key = (tilde < 0 ? "" : span.flowId().substring(tilde)) + ":" + span.firstSeq() + span.warmup();
            double begin = begins.computeIfAbsent(key, _ -> span.beginS());
            byBegin.merge(begin, new Point((span.beginS() + span.endS()) / 2, figure.applyAsDouble(span)),
                    (one, other) -> new Point(one.at(), one.value() + other.value()));
        });
        return List.copyOf(byBegin.values());
    }

    /** Percentiles of each interval over time, of all flows together. */
    static String latency(ReportSeries series) {
        List<Series> lines = new ArrayList<>();
        addTrips(lines, series.trips("actual"), "", 0);
        addTrips(lines, series.trips("intended"), " from the intended send time", 3);
        List<Point> all = lines.stream().flatMap(line -> line.points().stream())
                .filter(point -> !Double.isNaN(point.value())).toList();
        LineChart chart = new LineChart("latency", "Round trips over time",
                "Median, 99th percentile and maximum of the round trips of all flows in each interval.",
                seconds(series),
                new Axis("round trip (logarithmic)", nanos(all), Scaled::nanos));
        lines.forEach(chart::add);
        shade(chart, series.flows(FlowRole.SOURCE));
        return chart.render();
    }

    private static void addTrips(List<Series> lines, List<ReportSeries.Trips> trips, String what, int style) {
        if (!trips.isEmpty()) {
            lines.add(new Series("p50" + what, style, percentiles(trips, 50)));
            lines.add(new Series("p99" + what, style + 1, percentiles(trips, 99)));
            lines.add(new Series("max" + what, style + 2, percentiles(trips, 100)));
        }
    }

    private static List<Point> percentiles(List<ReportSeries.Trips> trips, double percentile) {
        List<Point> points = new ArrayList<>();
        String attempt = "";
        for (ReportSeries.Trips each : trips) {
            if (!attempt.isEmpty() && !attempt.equals(each.attempt())) {
                points.add(new Point(each.beginS(), Double.NaN));
            }
            attempt = each.attempt();
            double middleS = (each.beginS() + each.endS()) / 2;
            points.add(new Point(middleS, (double) each.histogram().getValueAtPercentile(percentile)));
        }
        return points;
    }

    private static Scale nanos(List<Point> points) {
        double least = points.stream().mapToDouble(Point::value).min().orElse(1);
        double most = points.stream().mapToDouble(Point::value).max().orElse(10);
        return Scale.logarithmic(Math.max(1, least), Math.max(1, most));
    }

    /** HdrHistogram's plot: both axes logarithmic, each nine of the percentile takes the same room. */
    static String percentiles(RunResult result) {
        List<Series> lines = new ArrayList<>();
        addPercentiles(lines, "actual send time", 0, result.getRoundTripHistogram());
        addPercentiles(lines, "intended send time", 1, result.getIntendedRoundTripHistogram());
        if (lines.isEmpty()) {
            return "";
        }
        List<Point> all = lines.stream().flatMap(line -> line.points().stream()).toList();
        LineChart chart = new LineChart("percentiles", "Round trips by percentile",
                "The round trip below which each share of all round trips of the measured window lies.",
                new Axis("percentile", new Scale.Percentile(NINES), ReportCharts::percent),
                new Axis("round trip (logarithmic)", nanos(all), Scaled::nanos));
        lines.forEach(chart::add);
        return chart.render();
    }

    private static void addPercentiles(List<Series> lines, String name, int style, @Nullable ByteBuffer encoded) {
        Histogram histogram = PercentileText.decode(encoded);
        if (histogram == null || histogram.getTotalCount() == 0) {
            return;
        }
        List<Point> points = new ArrayList<>();
        for (HistogramIterationValue value : histogram.percentiles(TICKS_PER_HALF_DISTANCE)) {
            points.add(new Point(value.getPercentileLevelIteratedTo(), (double) value.getValueIteratedTo()));
        }
        lines.add(new Series(name, style, points));
    }

    /** The CPUs of all hosts and what they were to the flows. */
    static String lanes(RunResult result) {
        LaneMap map = new LaneMap();
        result.getHosts().forEach(host -> map.host(host.getHostId(), cpus(result, host.getEnvironmentFingerprint())));
        int number = 0;
        for (FlowSummary flow : result.getFlows()) {
            map.use(flow.getSourceHostId(), flow.getSourceReceiveCpu(), number, "rx")
                    .use(flow.getSourceHostId(), flow.getSourceApplicationCpu(), number, "app")
                    .use(flow.getDestinationHostId(), flow.getDestinationReceiveCpu(), number, "rx")
                    .use(flow.getDestinationHostId(), flow.getDestinationApplicationCpu(), number, "app");
            number++;
        }
        return map.render();
    }

    private static int[] cpus(RunResult result, String fingerprint) {
        return result.getEnvironments().stream()
                .filter(environment -> environment.getFingerprint().equals(fingerprint))
                .flatMap(environment -> environment.getFacts().stream())
                .filter(fact -> fact.getName().equals("cpu.online"))
                .findFirst()
                .map(fact -> CpuSet.parse(fact.getContent()).toArray())
                .orElse(new int[0]);
    }

    private static String plain(double value) {
        return value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.4g", value).replaceAll("0+$", "").replaceAll("\\.$", "");
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.6f", value).replaceAll("0+$", "").replaceAll("\\.$", "") + " %";
    }
}
