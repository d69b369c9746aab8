package dev.flowlane.daemon.telemetry;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

import java.util.Arrays;

/**
 * The counters of a histogram that are not zero, found in one pass: a histogram of round trips has some ten thousand
 * counters of which a few hundred count anything, and each of HdrHistogram's figures looks at all of them. With 256
 * flows and an interval a second that took a daemon a whole CPU, measured.
 */
final class RecordedRoundTrips {
    private long[] lowestNs = new long[64];
    private long[] highestNs = new long[64];
    private long[] counts = new long[64];
    private int size;
    private long samples;
    private double totalNs;

    private RecordedRoundTrips() {}

    static RecordedRoundTrips of(Histogram histogram) {
        RecordedRoundTrips recorded = new RecordedRoundTrips();
        for (HistogramIterationValue value : histogram.recordedValues()) {
            long valueNs = value.getValueIteratedTo();
            recorded.add(
                    histogram.lowestEquivalentValue(valueNs),
                    histogram.highestEquivalentValue(valueNs),
                    value.getCountAtValueIteratedTo());
            // As AbstractHistogram.getMean.
            recorded.totalNs += histogram.medianEquivalentValue(valueNs) * value.getCountAtValueIteratedTo();
        }
        return recorded;
    }

    private void add(long lowest, long highest, long count) {
        if (size == counts.length) {
            lowestNs = Arrays.copyOf(lowestNs, 2 * size);
            highestNs = Arrays.copyOf(highestNs, 2 * size);
            counts = Arrays.copyOf(counts, 2 * size);
        }
        lowestNs[size] = lowest;
        highestNs[size] = highest;
        counts[size] = count;
        size++;
        samples += count;
    }

    /** Counters that are not zero, in ascending order of what they stand for. */
    int size() {
        return size;
    }

    /** Smallest round trip that a counter stands for. */
    long lowestNs(int index) {
        return lowestNs[index];
    }

    long count(int index) {
        return counts[index];
    }

    /** All round trips. */
    long samples() {
        return samples;
    }

    /** Sum of all round trips, each taken for the middle of what its counter stands for. */
    double totalNs() {
        return totalNs;
    }

    /**
     * As {@link Histogram#getValueAtPercentile}: the largest round trip that the counter stands for in which the count
     * from below reaches the percentage.
     *
     * @param percent above 0 to 100
     * @return nanoseconds; 0 when there are no round trips
     */
    long percentileNs(double percent) {
        // One step down, so that rounding up does not pass over a counter (AbstractHistogram.getValueAtPercentile).
        double asked = Math.min(Math.nextAfter(percent, Double.NEGATIVE_INFINITY), 100.0);
        long wanted = Math.max((long) Math.ceil(asked * samples / 100.0), 1);
        long below = 0;
        for (int i = 0; i < size; i++) {
            below += counts[i];
            if (below >= wanted) {
                return highestNs[i];
            }
        }
        return 0;
    }
}
