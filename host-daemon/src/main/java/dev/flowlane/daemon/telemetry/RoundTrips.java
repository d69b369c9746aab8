package dev.flowlane.daemon.telemetry;

import dev.flowlane.avro.LatencyBucket;
import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;

/** The three forms in which round trips are published, from the one that the worker sends. */
final class RoundTrips {
    /** Significant digits that workers record with. */
    static final int SIGNIFICANT_DIGITS = 3;

    private static final List<Long> BOUNDS_NS = bounds();

    /** Buckets of {@link #buckets}, the one without a bound included. */
    static final int BUCKETS = BOUNDS_NS.size() + 1;

    private RoundTrips() {}

    /**
     * Decodes HdrHistogram's V2 compressed form.
     *
     * @throws IllegalArgumentException if it is not one
     */
    static Histogram decode(byte[] compressed) {
        try {
            return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(compressed), 0);
        } catch (DataFormatException | RuntimeException e) {
            throw new IllegalArgumentException("not a compressed HdrHistogram: " + e.getMessage(), e);
        }
    }

    /**
     * Buckets with the upper bounds 1-2-5 per decade from 1 µs to 10 s and a last one without a bound. A histogram's
     * value stands for a range as wide as its precision; a range across a bound counts below it.
     */
    static List<LatencyBucket> buckets(RecordedRoundTrips recorded) {
        List<LatencyBucket> buckets = new ArrayList<>(BUCKETS);
        int next = 0;
        for (int i = 0; i < BUCKETS; i++) {
            long bound = i < BOUNDS_NS.size() ? BOUNDS_NS.get(i) : Long.MAX_VALUE;
            long samples = 0;
            while (next < recorded.size() && recorded.lowestNs(next) <= bound) {
                samples += recorded.count(next);
                next++;
            }
            buckets.add(new LatencyBucket(bound, samples));
        }
        return buckets;
    }

    /** Upper bounds of {@link #buckets} in nanoseconds, ascending, without the last one. */
    static List<Long> boundsNs() {
        return BOUNDS_NS;
    }

    private static List<Long> bounds() {
        List<Long> bounds = new ArrayList<>();
        for (long decade = 1_000; decade < 10_000_000_000L; decade *= 10) {
            bounds.add(decade);
            bounds.add(2 * decade);
            bounds.add(5 * decade);
        }
        bounds.add(10_000_000_000L);
        return List.copyOf(bounds);
    }
}
