package dev.flowlane.cli;

import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.GivenUpAttempt;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.TrialMetric;
import dev.flowlane.avro.TrialStatistic;
import dev.flowlane.avro.TrialSummary;
import dev.flowlane.core.Counted;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The result of a run for people: what was asked, a line per flow with its lane, totals, round trips, warnings last.
 */
final class ResultTable {
    private final RunResult result;
    private final boolean requestResponse;
    private final boolean toldByTcp;
    private final boolean colour;
    private final int width;

    private ResultTable(RunResult result, boolean colour, int width) {
        this.result = result;
        this.colour = colour;
        this.width = width;
        RunSpec spec = result.getSpec();
        this.requestResponse = spec == null
                ? result.getTransactions() > 0
                : TrafficText.timed(spec.getTrafficKind());
        // Datagrams are not sent again, and of connections that come and go TCP tells nothing.
        this.toldByTcp = result.getDatagrams() == null && !ReportFigures.connections(result);
    }

    static String of(RunResult result, boolean colour) {
        return of(result, colour, Integer.MAX_VALUE);
    }

    /** @param width columns of the terminal that shows it */
    static String of(RunResult result, boolean colour, int width) {
        return new ResultTable(result, colour, width).render();
    }

    private String render() {
        StringBuilder text = new StringBuilder();
        text.append(headline());
        if (!result.getFlows().isEmpty()) {
            text.append('\n').append(flows()).append('\n').append(connections()).append('\n');
        }
        append(text, DatagramTable.of(result));
        if (requestResponse && result.getRoundTripP50Ns() != null) {
            text.append(roundTrips()).append('\n');
        }
        append(text, ReceiveDelayTable.of(result));
        append(text, KindTable.of(result));
        if (!result.getTrials().isEmpty()) {
            text.append(trials()).append('\n');
        }
        if (!result.getStatistics().isEmpty()) {
            text.append(statistics()).append('\n');
        }
        if (!result.getThresholds().isEmpty()) {
            text.append(ThresholdTable.of(result.getThresholds()).render(width, colour)).append('\n');
        }
        String placed = placement();
        if (!placed.isEmpty()) {
            text.append(placed).append('\n');
        }
        for (String warning : warnings(result)) {
            text.append(painted("33", "warning: ")).append(Plain.text(warning)).append('\n');
        }
        return text.toString();
    }

    private void append(StringBuilder text, List<TextTable> tables) {
        tables.forEach(table -> text.append(table.render(width)).append('\n'));
    }

    private String headline() {
        List<String> words = new ArrayList<>();
        words.add("run " + Plain.text(result.getRunId()));
        words.add(painted(colourOf(result.getState()), result.getState().toString()));
        RunSpec spec = result.getSpec();
        if (spec != null) {
            words.add(traffic(spec));
            words.add(Scaled.nanos(spec.getDurationNs()) + " after " + Scaled.nanos(spec.getWarmupNs())
                    + " of warm-up");
        }
        return String.join("  ", words) + "\n";
    }

    /** Kind, sizes, pace and course. */
    static String traffic(RunSpec spec) {
        String pace = pace(spec);
        String course = TrafficText.course(spec);
        if (!TrafficText.timed(spec.getTrafficKind())) {
            return TrafficText.words(spec) + pace + course;
        }
        // At a pace the bound is only there to be had; without one it is the load.
        String outstanding = spec.getOutstanding() > 1 && pace.isEmpty()
                ? ", " + spec.getOutstanding() + " outstanding"
                : "";
        return TrafficText.words(spec) + outstanding + pace + course;
    }

    private static String pace(RunSpec spec) {
        Long messages = spec.getRateMessagesPerSecond();
        Long bits = spec.getRateBitsPerSecond();
        if (messages == null && bits == null) {
            return "";
        }
        String rate = messages != null ? Scaled.perSecond(messages) : Scaled.bitsPerSecond(bits);
        String bursts = spec.getBurst() > 1 ? ", bursts of " + spec.getBurst() : "";
        return " at " + rate + " (" + spec.getArrival().name().toLowerCase(Locale.ROOT) + bursts + ")";
    }

    private String flows() {
        TextTable table = new TextTable().left("FLOW").left("LANE");
        if (requestResponse) {
            table.right("RATE").right("P50").right("P99").right("MAX");
        }
        // What came back is in a table of both directions.
        table.right(result.getBackwardThroughputBitsPerSecond() == null ? "THROUGHPUT" : "FORWARD").right("SENT")
                .right("RECEIVED");
        if (toldByTcp) {
            table.right("RETRANS").right("SRTT");
        }
        table.right("CPU").right("DRIFT");
        for (FlowSummary flow : result.getFlows()) {
            table.row(row(flow));
        }
        if (result.getFlows().size() > 1) {
            table.row(totals());
        }
        return table.render(width);
    }

    private List<String> row(FlowSummary flow) {
        List<String> cells = new ArrayList<>(List.of(shortId(flow), lane(flow)));
        if (requestResponse) {
            cells.add(Scaled.perSecond(flow.getTransactionsPerSecond()));
            cells.add(nanos(flow.getRoundTripP50Ns()));
            cells.add(nanos(flow.getRoundTripP99Ns()));
            cells.add(nanos(flow.getRoundTripMaxNs()));
        }
        cells.add(Scaled.bitsPerSecond(flow.getThroughputBitsPerSecond()));
        cells.add(Scaled.bytes(flow.getSentBytes()));
        cells.add(Scaled.bytes(flow.getReceivedBytes()));
        if (toldByTcp) {
            cells.add(count(flow.getRetransmittedSegments()));
            cells.add(nanos(flow.getSmoothedRttNs()));
        }
        cells.add(busy(flow.getSourceCpuIdleRatio()) + " → " + busy(flow.getDestinationCpuIdleRatio()));
        cells.add(drift(flow.getDriftedIntervals(), flow.getIntervals()));
        return cells;
    }

    private List<String> totals() {
        List<String> cells = new ArrayList<>(List.of("total", result.getFlowsMeasured() + " of "
                + result.getFlowsRequested()
                + " flows measured"));
        if (requestResponse) {
            cells.add(Scaled.perSecond(result.getTransactionsPerSecond()));
            cells.add(nanos(result.getRoundTripP50Ns()));
            cells.add(nanos(result.getRoundTripP99Ns()));
            cells.add(nanos(result.getRoundTripMaxNs()));
        }
        cells.add(Scaled.bitsPerSecond(result.getThroughputBitsPerSecond()));
        cells.add(Scaled.bytes(result.getSentBytes()));
        cells.add(Scaled.bytes(result.getReceivedBytes()));
        if (toldByTcp) {
            cells.add(count(result.getRetransmittedSegments()));
            cells.add("");
        }
        cells.add("");
        cells.add(drift(result.getDriftedIntervals(), result.getIntervals()));
        return cells;
    }

    /** Drifted intervals of all, and the share of the others: {@code 2/20, 90.0 % clean}. */
    static String drift(int drifted, int intervals) {
        return intervals <= 0
                ? "-"
                : String.format(
                        Locale.ROOT,
                        "%d/%d, %.1f %% clean",
                        drifted,
                        intervals,
                        100.0 * (intervals - drifted) / intervals);
    }

    /** The four-tuples: what a firewall, a capture or another tool knows the flows by. */
    private String connections() {
        TextTable table = new TextTable().left("FLOW").left("SOURCE").left("DESTINATION");
        for (FlowSummary flow : result.getFlows()) {
            table.row(
                    shortId(flow),
                    RunTable.address(flow.getSourceAddress(), flow.getSourcePort()),
                    RunTable.address(flow.getDestinationAddress(), flow.getDestinationPort()));
        }
        return table.render(width);
    }

    private String trials() {
        TextTable table = new TextTable().right("TRIAL").left("STATE");
        if (requestResponse) {
            table.right("RATE").right("P50").right("P99");
        }
        table.right("THROUGHPUT").right("DRIFT");
        for (TrialSummary trial : result.getTrials()) {
            List<String> cells =
                    new ArrayList<>(List.of(Integer.toString(trial.getTrial()), trial.getState().toString()));
            if (requestResponse) {
                cells.add(Scaled.perSecond(trial.getTransactionsPerSecond()));
                cells.add(nanos(trial.getRoundTripP50Ns()));
                cells.add(nanos(trial.getRoundTripP99Ns()));
            }
            cells.add(Scaled.bitsPerSecond(trial.getThroughputBitsPerSecond()));
            cells.add(drift(trial.getDriftedIntervals(), trial.getIntervals()));
            table.row(cells);
        }
        return table.render(width);
    }

    private String statistics() {
        TextTable table = new TextTable().left("OVER TRIALS").left("FLOW").right("N").right("MEDIAN").right("MIN")
                .right("MAX").right("SPREAD").right("CV");
        for (TrialStatistic statistic : result.getStatistics()) {
            Integer flow = statistic.getFlowNumber();
            Double ratio = statistic.getVariationRatio();
            table.row(
                    name(statistic.getMetric()),
                    flow == null ? "total" : flow.toString(),
                    Integer.toString(statistic.getTrials()),
                    scaled(statistic.getMetric(), statistic.getMedian()),
                    scaled(statistic.getMetric(), statistic.getMinimum()),
                    scaled(statistic.getMetric(), statistic.getMaximum()),
                    scaled(statistic.getMetric(), statistic.getSpread()),
                    ratio == null ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * ratio));
        }
        return table.render(width);
    }

    private static String name(TrialMetric metric) {
        return switch (metric) {
            case THROUGHPUT_BITS_PER_SECOND -> "throughput";
            case TRANSACTIONS_PER_SECOND -> "rate";
            case ROUND_TRIP_P50_NS -> "round trip p50";
            case ROUND_TRIP_P99_NS -> "round trip p99";
            case UNKNOWN -> "?";
        };
    }

    private static String scaled(TrialMetric metric, double value) {
        return switch (metric) {
            case THROUGHPUT_BITS_PER_SECOND -> Scaled.bitsPerSecond(value);
            case TRANSACTIONS_PER_SECOND -> Scaled.perSecond(value);
            case ROUND_TRIP_P50_NS, ROUND_TRIP_P99_NS -> Scaled.nanos(value);
            case UNKNOWN -> Double.toString(value);
        };
    }

    /** A measurement that was given up, and why. */
    static String givenUp(GivenUpAttempt given) {
        return "attempt " + given.getAttempt() + ": " + given.getReason();
    }

    /** The flow's number in the run: its id without the run's. */
    private String shortId(FlowSummary flow) {
        return shortId(result, flow);
    }

    static String shortId(RunResult result, FlowSummary flow) {
        String prefix = result.getRunId() + ".";
        return flow.getFlowId().startsWith(prefix) ? flow.getFlowId().substring(prefix.length()) : flow.getFlowId();
    }

    /** {@code host-a rx 1 app 1 → host-b rx 0 app 0}. */
    static String lane(FlowSummary flow) {
        return flow.getSourceHostId() + " rx " + cpu(flow.getSourceReceiveCpu()) + " app "
                + cpu(flow.getSourceApplicationCpu()) + " → " + flow.getDestinationHostId() + " rx "
                + cpu(flow.getDestinationReceiveCpu()) + " app " + cpu(flow.getDestinationApplicationCpu());
    }

    private static String cpu(int cpu) {
        return cpu < 0 ? "?" : Integer.toString(cpu);
    }

    private String roundTrips() {
        TextTable table = new TextTable().left("ROUND TRIP").right("P25").right("P50").right("P75").right("P90")
                .right("P99")
                .right("P99.9").right("P99.99").right("MAX").right("MEAN");
        boolean paced = result.getIntendedRoundTripP50Ns() != null;
        table.row(paced ? "all flows, from the actual send time" : "all flows",
                nanos(result.getRoundTripP25Ns()),
                nanos(result.getRoundTripP50Ns()),
                nanos(result.getRoundTripP75Ns()),
                nanos(result.getRoundTripP90Ns()),
                nanos(result.getRoundTripP99Ns()),
                nanos(result.getRoundTripP999Ns()),
                nanos(result.getRoundTripP9999Ns()),
                nanos(result.getRoundTripMaxNs()),
                mean(result.getRoundTripMeanNs()));
        if (paced) {
            table.row("all flows, from the intended send time",
                    nanos(result.getIntendedRoundTripP25Ns()),
                    nanos(result.getIntendedRoundTripP50Ns()),
                    nanos(result.getIntendedRoundTripP75Ns()),
                    nanos(result.getIntendedRoundTripP90Ns()),
                    nanos(result.getIntendedRoundTripP99Ns()),
                    nanos(result.getIntendedRoundTripP999Ns()),
                    nanos(result.getIntendedRoundTripP9999Ns()),
                    nanos(result.getIntendedRoundTripMaxNs()),
                    mean(result.getIntendedRoundTripMeanNs()));
        }
        return table.render(width);
    }

    private String placement() {
        if (result.getPlacementCandidates() == 0) {
            return "";
        }
        String text = "placed from " + Counted.of(result.getPlacementCandidates(), "candidate connection");
        Long toTraffic = result.getSubmitToTrafficNs();
        return toTraffic == null ? text : text + "; " + Scaled.nanos(toTraffic) + " from submit to traffic";
    }

    /** What a reader should know before trusting the figures. */
    static List<String> warnings(RunResult result) {
        List<String> warnings = new ArrayList<>(result.getReasons());
        warnings.addAll(result.getNotes());
        result.getThresholds().stream().filter(verdict -> !verdict.getMet()).forEach(verdict ->
                warnings.add("threshold " + verdict.getThreshold() + (verdict.getMeasured() == null
                        ? " was not measured"
                        : " was not kept: " + ThresholdTable.measured(verdict))));
        result.getGivenUpAttempts().forEach(given -> warnings.add("given up and measured again, " + givenUp(given)));
        for (FlowSummary flow : result.getFlows()) {
            Long retransmitted = flow.getRetransmittedSegments();
            if (retransmitted != null && retransmitted > 0) {
                warnings.add("flow " + shortId(result, flow) + ": " + Counted.of(retransmitted, "segment was",
                        "segments were")
                        + " retransmitted");
            }
            warnings.addAll(DatagramTable.warnings(shortId(result, flow), flow.getDatagrams()));
            Long notSent = flow.getMessagesDueNotSent();
            if (notSent != null && notSent > 0) {
                warnings.add("flow " + shortId(result, flow) + ": " + Counted.of(notSent,
                        "message was", "messages were")
                        + " due and not sent when the time was up; it cannot keep this rate");
            }
            warnings.addAll(KindTable.warnings(result, flow));
        }
        return warnings;
    }

    private static String nanos(@Nullable Long ns) {
        return ns == null ? "-" : Scaled.nanos(ns);
    }

    private static String mean(@Nullable Double ns) {
        return ns == null ? "-" : Scaled.nanos(ns);
    }

    private static String count(@Nullable Long count) {
        return count == null ? "-" : Scaled.count(count);
    }

    static String busy(@Nullable Double idleRatio) {
        return idleRatio == null ? "-" : Scaled.percent(1 - idleRatio);
    }

    static String colourOf(RunStateName state) {
        return switch (state) {
            case COMPLETED -> "32";
            case DISTURBED, PARTIAL, CANCELLED -> "33";
            case FAILED, REJECTED, EXPIRED -> "31";
            case UNKNOWN, QUEUED, CONNECTING, PLACED, RUNNING, FINISHING -> "36";
        };
    }

    private String painted(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
