package dev.flowlane.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One interval of all flows of a run together. Rates are what all of them had, over the longest of their intervals:
 * when a run is stopped, the last ones are of any length. Round trips are those of the merged histogram.
 */
final class IntervalPoint {
    /** Of histograms that wait for those of other flows: hundreds of them may, and a chart is drawn from them. */
    private static final int MERGED_DIGITS = 2;

    private int flows;
    private long longestNs;
    private long bytes;
    private @Nullable Long backwardBytes;
    private long transactions;
    private @Nullable Long lost;
    private boolean warmup;
    private int flowsWithTrips;
    private boolean unreadable;
    private @Nullable Histogram merging;
    private @Nullable Long p50Ns;
    private @Nullable Long p99Ns;
    private @Nullable Long maxNs;
    long retransmits;
    boolean retransmitsKnown;

    /** One more flow's interval; so many bytes of it are what the chart shows. */
    void add(Sighting.Interval interval, long shownBytes) {
        flows++;
        warmup = interval.warmup();
        longestNs = Math.max(longestNs, interval.lengthNs());
        bytes += shownBytes;
        transactions += interval.transactions();
    }

    /** Datagrams that one more flow end knows to be lost. */
    void addLost(Sighting.Interval interval, long messages) {
        longestNs = Math.max(longestNs, interval.lengthNs());
        lost = (lost == null ? 0 : lost) + messages;
    }

    /** What one more flow carried the other way. */
    void addBackward(Sighting.Interval interval) {
        longestNs = Math.max(longestNs, interval.lengthNs());
        backwardBytes = (backwardBytes == null ? 0 : backwardBytes) + interval.receivedBytes();
    }

    private double perSecond(double amount) {
        return longestNs <= 0 ? 0 : amount * 1e9 / longestNs;
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
        row.add(Math.rint(perSecond(8.0 * bytes))).add(Math.rint(perSecond((double) transactions) * 10) / 10);
        row.add(tripsKnown ? p50Ns : null).add(tripsKnown ? p99Ns : null).add(tripsKnown ? maxNs : null);
        row.add(retransmitsKnown ? (Long) retransmits : null).add(warmup ? 1 : 0).add(flows);
        row.add(backwardBytes == null ? null : (Double) Math.rint(perSecond(8.0 * backwardBytes)));
        row.add(lost == null ? null : (Double) (Math.rint(perSecond((double) lost) * 10) / 10));
    }
}
