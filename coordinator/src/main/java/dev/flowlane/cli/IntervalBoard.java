package dev.flowlane.cli;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunSpec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts the intervals of a run's flows together for one line per interval. Of a stream the destination counts, since
 * what was received is what got through; of request-response the source counts, since it completes transactions.
 */
final class IntervalBoard {
    /** Intervals of one number may come this much later than the next ones before they are shown as they are. */
    private static final int PATIENCE = 2;

    private final FlowRole shownRole;
    private final int flows;
    private final TreeMap<Integer, Sum> open = new TreeMap<>();
    private int shown = -1;

    /**
     * One number's intervals of all flows. Rates are what all of them had, over the longest of their intervals: when a
     * run is stopped, the last ones are of any length, and what a socket still held comes within microseconds.
     *
     * @param seq number of the interval
     * @param warmup whether it lies before the measured window
     * @param flows flows that reported it
     * @param longestNs length of the longest of them
     * @param payloadBytes sum, of each in the direction that had more of it
     * @param transactions sum
     * @param payloadErrors sum
     */
    record Sum(int seq, boolean warmup, int flows, long longestNs, long payloadBytes, long transactions,
            long payloadErrors) {
        private static Sum empty(FlowStats stats) {
            return new Sum(stats.getSeq(), stats.getWarmup(), 0, 0, 0, 0, 0);
        }

        private Sum plus(FlowStats stats) {
            return new Sum(seq, warmup, flows + 1, Math.max(longestNs, stats.getIntervalNs()), payloadBytes
                    + IntervalBoard.payloadBytes(stats), transactions + stats.getTransactions(), payloadErrors
                    + stats.getPayloadErrors());
        }

        double bitsPerSecond() {
            return longestNs <= 0 ? 0 : payloadBytes * 8e9 / longestNs;
        }

        double transactionsPerSecond() {
            return longestNs <= 0 ? 0 : transactions * 1e9 / longestNs;
        }
    }

    /** For a run's flows: of the ends that ask, which have the transactions, or of those that receive. */
    static IntervalBoard of(RunSpec spec, int flows) {
        return new IntervalBoard(TrafficText.timed(spec.getTrafficKind()) != spec.getReverse(), flows);
    }

    /**
     * For some flows.
     *
     * @param sources whether the intervals of sources are to be shown, or those of destinations
     */
    IntervalBoard(boolean sources, int flows) {
        shownRole = sources ? FlowRole.SOURCE : FlowRole.DESTINATION;
        this.flows = flows;
    }

    /** Whether the interval is of the run's newest measurement: one that was given up may still have some under way. */
    static boolean isOf(Run run, FlowStats stats) {
        String mark = "~" + run.getAttempt();
        boolean first = run.getFlows().isEmpty() || !run.getFlows().getFirst().getFlowId().endsWith(mark);
        return first ? stats.getFlowId().indexOf('~') < 0 : stats.getFlowId().endsWith(mark);
    }

    /** Whether this flow end's intervals are the ones to show. */
    boolean counts(FlowStats stats) {
        return stats.getFlowRole() == shownRole;
    }

    /** Takes an interval; what is complete now, in order. */
    List<Sum> add(FlowStats stats) {
        if (!counts(stats) || stats.getSeq() <= shown) {
            return List.of();
        }
        open.merge(stats.getSeq(), Sum.empty(stats).plus(stats), (sum, one) -> sum.plus(stats));
        int newest = open.lastKey();
        List<Sum> complete = new ArrayList<>();
        while (!open.isEmpty()) {
            Map.Entry<Integer, Sum> first = open.firstEntry();
            if (first.getValue().flows() < flows && first.getKey() > newest - PATIENCE) {
                break;
            }
            complete.add(first.getValue());
            shown = first.getKey();
            open.pollFirstEntry();
        }
        return complete;
    }

    /** What is not complete and will not be. */
    List<Sum> rest() {
        List<Sum> rest = List.copyOf(open.values());
        open.clear();
        return rest;
    }

    /**
     * When an interval ends, from the first byte on. Warm-up and measured window are each cut into intervals from their
     * own beginning, so the last one of either may be shorter.
     */
    static long endNs(int seq, RunSpec spec) {
        long intervalNs = spec.getReportIntervalNs();
        int ofWarmup = Math.toIntExact(Math.ceilDiv(spec.getWarmupNs(), intervalNs));
        return seq < ofWarmup
                ? Math.min((seq + 1) * intervalNs, spec.getWarmupNs())
                : spec.getWarmupNs() + Math.min((seq - ofWarmup + 1) * intervalNs, spec.getDurationNs());
    }

    /** As {@link #endNs(int, RunSpec)}, but for one that a stop has cut short. */
    static long endNs(Sum sum, RunSpec spec) {
        long beginNs = sum.seq() == 0 ? 0 : endNs(sum.seq() - 1, spec);
        long nominalNs = endNs(sum.seq(), spec) - beginNs;
        boolean cutShort = sum.longestNs() < nominalNs - nominalNs / 20;
        return beginNs + (cutShort ? sum.longestNs() : nominalNs);
    }

    static double bitsPerSecond(FlowStats stats) {
        return stats.getIntervalNs() <= 0
                ? 0
                : payloadBytes(stats) * 8e9 / stats.getIntervalNs();
    }

    private static long payloadBytes(FlowStats stats) {
        return Math.max(stats.getReceivedBytes(), stats.getSentBytes());
    }

    /** Payload that came to this end. */
    static double receivedBitsPerSecond(FlowStats stats) {
        return stats.getIntervalNs() <= 0 ? 0 : stats.getReceivedBytes() * 8e9 / stats.getIntervalNs();
    }

    static double transactionsPerSecond(FlowStats stats) {
        return stats.getIntervalNs() <= 0 ? 0 : stats.getTransactions() * 1e9 / stats.getIntervalNs();
    }
}
