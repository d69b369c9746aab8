package dev.flowlane.daemon.telemetry;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the workers' histograms add up to, in the two forms that Prometheus takes: classic buckets with the bounds 1-2-5
 * per decade from 1 µs to 10 s, and the exponential buckets of a native histogram. Both count exactly what the
 * HdrHistograms hold; one of its values stands for a range as wide as its precision (0.1 %), and a range across a bound
 * counts below it. Not thread-safe.
 */
final class RoundTripSum {
    /** Native buckets per power of two: 2 to the {@value #NATIVE_SCHEMA}, so each is 4.4 % wide. */
    static final int NATIVE_SCHEMA = 4;

    private static final double NATIVE_PER_OCTAVE = 1 << NATIVE_SCHEMA;
    private static final double NS_PER_SECOND = 1e9;

    /** Native bucket of 1 ns, the smallest that is counted in one. */
    private static final int FIRST_NATIVE = nativeIndex(1 / NS_PER_SECOND);

    /** Upper bounds of the native buckets from {@link #FIRST_NATIVE} on, up to the longest time there is. */
    private static final double[] NATIVE_BOUNDS_SECONDS = nativeBounds();

    private final long[] counts = new long[RoundTrips.BUCKETS];
    private final long[] nativeCounts = new long[NATIVE_BOUNDS_SECONDS.length];
    private long zeros;
    private double sumSeconds;

    void add(RecordedRoundTrips recorded) {
        long[] more = RoundTrips.counts(recorded);
        for (int i = 0; i < counts.length; i++) {
            counts[i] += more[i];
        }
        int bucket = 0;
        for (int i = 0; i < recorded.size(); i++) {
            long lowestNs = recorded.lowestNs(i);
            if (lowestNs == 0) {
                zeros += recorded.count(i);
                continue;
            }
            double seconds = lowestNs / NS_PER_SECOND;
            while (NATIVE_BOUNDS_SECONDS[bucket] < seconds) {
                bucket++;
            }
            nativeCounts[bucket] += recorded.count(i);
        }
        sumSeconds += recorded.totalNs() / NS_PER_SECOND;
    }

    /** By classic bucket, not cumulative; the last one has no upper bound. */
    long[] counts() {
        return counts.clone();
    }

    /** Upper bounds of the classic buckets in seconds, ascending, the last one infinite. */
    static double[] boundsSeconds() {
        double[] bounds = Arrays.stream(RoundTrips.boundsNs()).mapToDouble(ns -> ns / NS_PER_SECOND).toArray();
        double[] all = Arrays.copyOf(bounds, bounds.length + 1);
        all[bounds.length] = Double.POSITIVE_INFINITY;
        return all;
    }

    /** By native bucket; the bucket of index i ends at 2 to the i / {@value #NATIVE_PER_OCTAVE}, that included. */
    SortedMap<Integer, Long> nativeCounts() {
        SortedMap<Integer, Long> found = new TreeMap<>();
        for (int i = 0; i < nativeCounts.length; i++) {
            if (nativeCounts[i] > 0) {
                found.put(FIRST_NATIVE + i, nativeCounts[i]);
            }
        }
        return found;
    }

    /** Round trips of less than a nanosecond; in no native bucket. */
    long zeros() {
        return zeros;
    }

    /** Sum of all round trips, as exact as the HdrHistograms' means. */
    double sumSeconds() {
        return sumSeconds;
    }

    /** Upper bound of a native bucket in seconds. */
    static double nativeBoundSeconds(int index) {
        return Math.pow(2, index / NATIVE_PER_OCTAVE);
    }

    private static double[] nativeBounds() {
        double[] bounds = new double[nativeIndex(Long.MAX_VALUE / NS_PER_SECOND) - FIRST_NATIVE + 1];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = nativeBoundSeconds(FIRST_NATIVE + i);
        }
        return bounds;
    }

    private static int nativeIndex(double seconds) {
        int index = (int) Math.ceil(Math.log(seconds) / Math.log(2) * NATIVE_PER_OCTAVE);
        // The logarithm may be off by its last bit, which matters on a bound.
        while (nativeBoundSeconds(index - 1) >= seconds) {
            index--;
        }
        while (nativeBoundSeconds(index) < seconds) {
            index++;
        }
        return index;
    }
}
