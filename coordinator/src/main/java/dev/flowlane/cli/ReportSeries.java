package dev.flowlane.cli;

import dev.flowlane.avro.Datagrams;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Latency;
import dev.flowlane.export.PercentileText;
import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The intervals of a run as the report draws them. Intervals are merged where there are more than can be seen: their
 * bytes, times and histograms are added, percentiles are taken afterwards.
 */
final class ReportSeries {
    /** Of one line; a screen has about as many pixels. */
    static final int POINTS_MAX = 500;

    private static final double NS_PER_SECOND = 1e9;

    private final String runId;
    private final List<FlowStats> stats;
    private final List<Latency> latency;
    private final long originNs;

    /** Records of one run, in any order. */
    ReportSeries(String runId, List<FlowStats> stats, List<Latency> latency) {
        this.runId = runId;
        this.stats = stats.stream()
                .sorted(Comparator.comparingLong(FlowStats::getIntervalStartedNs))
                .toList();
        this.latency = latency.stream()
                .sorted(Comparator.comparingLong(Latency::getIntervalStartedNs))
                .toList();
        this.originNs = this.stats.isEmpty() ? 0 : this.stats.getFirst().getIntervalStartedNs();
    }

    /**
     * What a flow end did in one interval or several.
     *
     * @param endS seconds from the first interval's begin to the end of this one
     */
    record Span(String flowId, int firstSeq, boolean warmup, double beginS, double endS, long receivedBytes,
            long sentBytes, long transactions, long lostMessages, long ns) {
        private Span plus(Span next) {
            return new Span(flowId, firstSeq, warmup, beginS, next.endS, receivedBytes + next.receivedBytes,
                    sentBytes + next.sentBytes, transactions + next.transactions, lostMessages + next.lostMessages,
                    ns + next.ns);
        }

        /** Received. */
        double bitsPerSecond() {
            return receivedBytes * 8.0 * NS_PER_SECOND / ns;
        }

        double transactionsPerSecond() {
            return transactions * NS_PER_SECOND / ns;
        }

        /** Datagrams to this end that became known to be lost; 0 over TCP. */
        double lostPerSecond() {
            return lostMessages * NS_PER_SECOND / ns;
        }
    }

    /** Round trips of all flows in one interval or several; seconds from the first interval's begin. */
    record Trips(String attempt, int firstSeq, boolean warmup, double beginS, double endS, Histogram histogram) {}

    /** When the last interval of any flow end ended, in seconds from the first interval's begin; 0 without one. */
    double endS() {
        return stats.stream()
                .mapToDouble(record -> seconds(record.getIntervalStartedNs() + record.getIntervalNs()))
                .max()
                .orElse(0);
    }

    /** Whether there is no interval of any flow end. */
    boolean isEmpty() {
        return stats.isEmpty();
    }

    /** What the ends of one role did, by flow number. */
    Map<Integer, List<Span>> flows(FlowRole role) {
        Map<Integer, List<FlowStats>> byFlow = new TreeMap<>();
        stats.stream()
                .filter(record -> record.getFlowRole() == role && record.getIntervalNs() > 0)
                .forEach(record -> byFlow
                        .computeIfAbsent(number(record.getFlowId()), _ -> new ArrayList<>()).add(record));
        Map<Integer, List<Span>> spans = new TreeMap<>();
        byFlow.forEach((flow, records) -> spans.put(flow, merged(records)));
        return spans;
    }

    private List<Span> merged(List<FlowStats> records) {
        int factor = Math.ceilDiv(records.size(), POINTS_MAX);
        List<Span> spans = new ArrayList<>();
        for (FlowStats record : records) {
            Span span = span(record);
            Span last = spans.isEmpty() ? null : spans.getLast();
            if (last != null && last.flowId().equals(span.flowId()) && last.warmup() == span.warmup()
                    && span.firstSeq() - last.firstSeq() < factor) {
                spans.set(spans.size() - 1, last.plus(span));
            } else {
                spans.add(span);
            }
        }
        return spans;
    }

    private Span span(FlowStats record) {
        Datagrams datagrams = record.getDatagrams();
        return new Span(
                record.getFlowId(),
                record.getSeq(),
                record.getWarmup(),
                seconds(record.getIntervalStartedNs()),
                seconds(record.getIntervalStartedNs() + record.getIntervalNs()),
                record.getReceivedBytes(),
                record.getSentBytes(),
                record.getTransactions(),
                datagrams == null ? 0 : datagrams.getLostMessages(),
                record.getIntervalNs());
    }

    /** Round trips of all flows, interval by interval. */
    List<Trips> trips(String basis) {
        List<Latency> records =
                latency.stream().filter(record -> record.getSendTimeBasis().equals(basis)).toList();
        int most = records.stream().mapToInt(Latency::getSeq).max().orElse(0) + 1;
        int factor = Math.ceilDiv(most, POINTS_MAX);
        Map<String, Trips> merged = new LinkedHashMap<>();
        for (Latency record : records) {
            Histogram histogram = PercentileText.decode(record.getHistogram());
            if (histogram == null || histogram.getTotalCount() == 0) {
                continue;
            }
            String attempt = attempt(record.getFlowId());
            int group = record.getSeq() / factor;
            double beginS = seconds(record.getIntervalStartedNs());
            double endS = seconds(record.getIntervalStartedNs() + record.getIntervalNs());
            merged.merge(
                    attempt + ":" + group + ":" + record.getWarmup(),
                    new Trips(attempt, group * factor, record.getWarmup(), beginS, endS, histogram),
                    (one, other) -> {
                        one.histogram().add(other.histogram());
                        return new Trips(one.attempt(), one.firstSeq(), one.warmup(),
                                Math.min(one.beginS(), other.beginS()), Math.max(one.endS(), other.endS()),
                                one.histogram());
                    });
        }
        return List.copyOf(merged.values());
    }

    /** From the first interval's begin to a time in nanoseconds since 1970. */
    double seconds(long ns) {
        return (ns - originNs) / NS_PER_SECOND;
    }

    /** {@code RUN.3} and {@code RUN.3~2} are flow 3. */
    int number(String flowId) {
        String rest = flowId.startsWith(runId + ".") ? flowId.substring(runId.length() + 1) : flowId;
        String digits = rest.split("~", 2)[0];
        return digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : -1;
    }

    /** {@code RUN.3} is of attempt 1, {@code RUN.3~2} of attempt 2. */
    static String attempt(String flowId) {
        int tilde = flowId.lastIndexOf('~');
        return tilde < 0 ? "1" : flowId.substring(tilde + 1);
    }
}
