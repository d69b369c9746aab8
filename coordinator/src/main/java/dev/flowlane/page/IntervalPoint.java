package dev.flowlane.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** One interval of all flows of a run together. Rates are sums; round trips are those of the merged histogram. */
final class IntervalPoint {
    /** Of histograms that wait for those of other flows: hundreds of them may, and a chart is drawn from them. */
    private static final int MERGED_DIGITS = 2;

    private int flows;
    private double bitsPerSecond;
    private @Nullable Double backwardBitsPerSecond;
    private double transactionsPerSecond;
    private @Nullable Double lostPerSecond;
    private boolean warmup;
    private int flowsWithTrips;
    private boolean unreadable;
    private @Nullable Histogram merging;
    private @Nullable Long p50Ns;
    private @Nullable Long p99Ns;
    private @Nullable Long maxNs;
    long retransmits;
    boolean retransmitsKnown;

    /** One more flow's interval; {@code bits} per second of it are what the chart shows. */
    void add(Sighting.Interval interval, double bits) {
        flows++;
        warmup = interval.warmup();
        bitsPerSecond += bits;
        transactionsPerSecond += interval.transactionsPerSecond();
    }

    /** Datagrams per second that one more flow end knows to be lost. */
    void addLost(double lost) {
        lostPerSecond = (lostPerSecond == null ? 0 : lostPerSecond) + lost;
    }

    /** What one more flow carried the other way. */
    void addBackward(double bits) {
        backwardBitsPerSecond = (backwardBitsPerSecond == null ? 0 : backwardBitsPerSecond) + bits;
    }

    /** Round trips of one more flow. With a single flow the figures are those of its record. */
    void add(Sighting.Trips trips, int expectedFlows) {
        flowsWithTrips++;
        if (expectedFlows == 1) {
            p50Ns = trips.p50Ns();
            p99Ns = trips.p99Ns();
            maxNs = trips.maxNs();
            return;
        }
        Histogram histogram = trips.histogram();
        if (histogram == null) {
            unreadable = true;
            return;
        }
        Histogram sum = merging == null ? new Histogram(MERGED_DIGITS) : merging;
        sum.add(histogram);
        merging = sum;
        if (sum.getTotalCount() > 0) {
            p50Ns = sum.getValueAtPercentile(50);
            p99Ns = sum.getValueAtPercentile(99);
            maxNs = Math.max(maxNs == null ? 0 : maxNs, trips.maxNs() == null ? 0 : trips.maxNs());
        }
        if (flowsWithTrips >= expectedFlows) {
            merging = null;
        }
    }

    /** The rest of the row; percentiles of some flows only are not those of the run, and stay away. */
    void addTo(ArrayNode row) {
        boolean tripsKnown = flowsWithTrips >= flows && flowsWithTrips > 0 && !unreadable;
        row.add(Math.rint(bitsPerSecond)).add(Math.rint(transactionsPerSecond * 10) / 10);
        row.add(tripsKnown ? p50Ns : null).add(tripsKnown ? p99Ns : null).add(tripsKnown ? maxNs : null);
        row.add(retransmitsKnown ? (Long) retransmits : null).add(warmup ? 1 : 0).add(flows);
        row.add(backwardBitsPerSecond == null ? null : (Double) Math.rint(backwardBitsPerSecond));
        row.add(lostPerSecond == null ? null : (Double) (Math.rint(lostPerSecond * 10) / 10));
    }
}
