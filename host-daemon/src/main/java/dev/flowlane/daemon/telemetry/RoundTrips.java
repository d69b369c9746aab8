package dev.flowlane.daemon.telemetry;

import dev.flowlane.avro.LatencyBucket;

import java.util.ArrayList;
import java.util.List;

/** The buckets in which round trips are published, from the counters that the worker sends. */
final class RoundTrips {
    /** Significant digits that workers record with. */
    static final int SIGNIFICANT_DIGITS = 3;

    private static final long[] BOUNDS_NS = bounds();

    /** Buckets of {@link #buckets}, the one without a bound included. */
    static final int BUCKETS = BOUNDS_NS.length + 1;

    private RoundTrips() {}

    /**
     * Buckets with the upper bounds 1-2-5 per decade from 1 µs to 10 s and a last one without a bound. A histogram's
     * value stands for a range as wide as its precision; a range across a bound counts below it.
     */
    static List<LatencyBucket> buckets(RecordedRoundTrips recorded) {
        long[] samples = counts(recorded);
        List<LatencyBucket> buckets = new ArrayList<>(BUCKETS);
        for (int i = 0; i < BUCKETS; i++) {
            buckets.add(new LatencyBucket(i < BOUNDS_NS.length ? BOUNDS_NS[i] : Long.MAX_VALUE, samples[i]));
        }
        return buckets;
    }

    /** What the buckets of {@link #buckets} hold, in their order. */
    static long[] counts(RecordedRoundTrips recorded) {
        long[] samples = new long[BUCKETS];
        int bucket = 0;
        for (int i = 0; i < recorded.size(); i++) {
            long lowestNs = recorded.lowestNs(i);
            while (bucket < BOUNDS_NS.length && lowestNs > BOUNDS_NS[bucket]) {
                bucket++;
            }
            samples[bucket] += recorded.count(i);
        }
        return samples;
    }

    /** Upper bounds of {@link #buckets} in nanoseconds, ascending, without the last one. */
    static long[] boundsNs() {
        return BOUNDS_NS.clone();
    }

    private static long[] bounds() {
        List<Long> bounds = new ArrayList<>();
        for (long decade = 1_000; decade < 10_000_000_000L; decade *= 10) {
            bounds.add(decade);
            bounds.add(2 * decade);
            bounds.add(5 * decade);
        }
        bounds.add(10_000_000_000L);
        return bounds.stream().mapToLong(Long::longValue).toArray();
    }
}
