package dev.flowlane.daemon.telemetry;

import dev.flowlane.worker.protocol.Bytes;
import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * Round trips as the counters of a histogram that are not zero. A histogram of workers has some thirty thousand
 * counters (229 KB) of which a few hundred count anything: to make one, and to look at all of it for every figure, took
 * a daemon a millisecond for every interval, measured. Immutable.
 *
 * <p>Counters are numbered, and stand for values, as in HdrHistogram of {@link RoundTrips#SIGNIFICANT_DIGITS} digits
 * from 1 ns on: 2048 counters of a nanosecond, then 1024 for every power of two.
 */
final class RecordedRoundTrips {
    /** HdrHistogram's subBucketHalfCountMagnitude: 1024 is the least power of two with three digits. */
    private static final int HALF_BITS = 10;

    private static final int HALF = 1 << HALF_BITS;

    /** Counters that the positive longs have. */
    static final int MOST_COUNTERS = (Long.SIZE - HALF_BITS) * HALF;

    private final long highestTrackableNs;
    private final int[] indexes;
    private final long[] counts;
    private final int size;
    private final long samples;
    private final double totalNs;

    /**
     * Takes the arrays as they are.
     *
     * @param highestTrackableNs longest round trip that the histogram has a counter for
     * @param indexes numbers of the counters, ascending
     * @param counts what they count, above 0
     * @param size how many there are in the arrays
     */
    RecordedRoundTrips(long highestTrackableNs, int[] indexes, long[] counts, int size) {
        this.highestTrackableNs = highestTrackableNs;
        this.indexes = indexes;
        this.counts = counts;
        this.size = size;
        long all = 0;
        double total = 0;
        for (int i = 0; i < size; i++) {
            all += counts[i];
            // As AbstractHistogram.getMean.
            total += (lowest(indexes[i]) + (width(indexes[i]) >> 1)) * counts[i];
        }
        samples = all;
        totalNs = total;
    }

    /** What both hold together. */
    RecordedRoundTrips plus(RecordedRoundTrips more) {
        int[] mergedIndexes = new int[size + more.size];
        long[] mergedCounts = new long[size + more.size];
        int mine = 0;
        int theirs = 0;
        int merged = 0;
        while (mine < size || theirs < more.size) {
            int myIndex = mine < size ? indexes[mine] : Integer.MAX_VALUE;
            int theirIndex = theirs < more.size ? more.indexes[theirs] : Integer.MAX_VALUE;
            mergedIndexes[merged] = Math.min(myIndex, theirIndex);
            if (myIndex <= theirIndex) {
                mergedCounts[merged] += counts[mine++];
            }
            if (theirIndex <= myIndex) {
                mergedCounts[merged] += more.counts[theirs++];
            }
            merged++;
        }
        return new RecordedRoundTrips(
                Math.max(highestTrackableNs, more.highestTrackableNs),
                Arrays.copyOf(mergedIndexes, merged),
                Arrays.copyOf(mergedCounts, merged),
                merged);
    }

    /** HdrHistogram's V2 compressed form. */
    Bytes compressed() {
        Histogram histogram = new Histogram(1, highestTrackableNs, RoundTrips.SIGNIFICANT_DIGITS);
        for (int i = 0; i < size; i++) {
            histogram.recordValueWithCount(lowestNs(i), counts[i]);
        }
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer, Deflater.DEFAULT_COMPRESSION);
        return Bytes.copyOf(Arrays.copyOf(buffer.array(), length));
    }

    /** Counters that are not zero, in ascending order of what they stand for. */
    int size() {
        return size;
    }

    /** Smallest round trip that a counter stands for. */
    long lowestNs(int index) {
        return lowest(indexes[index]);
    }

    /** Longest round trip that a counter stands for. */
    long highestNs(int index) {
        return lowest(indexes[index]) + width(indexes[index]) - 1;
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

    /** As {@link Histogram#getMaxValue}: what the last counter stands for at most; 0 when there are no round trips. */
    long maxNs() {
        return size == 0 || indexes[size - 1] == 0 ? 0 : highestNs(size - 1);
    }

    /**
     * As {@link Histogram#getValueAtPercentile}: the largest round trip that the counter stands for in which the count
     * from below reaches the percentage; of several percentages in one pass.
     *
     * @param percents above 0 to 100, ascending
     * @return nanoseconds for each; 0 when there are no round trips
     */
    long[] percentilesNs(double... percents) {
        long[] found = new long[percents.length];
        long below = 0;
        int next = 0;
        for (int i = 0; i < size && next < percents.length; i++) {
            below += counts[i];
            while (next < percents.length && below >= wanted(percents[next])) {
                found[next++] = highestNs(i);
            }
        }
        return found;
    }

    private long wanted(double percent) {
        // One step down, so that rounding up does not pass over a counter (AbstractHistogram.getValueAtPercentile).
        double asked = Math.min(Math.nextAfter(percent, Double.NEGATIVE_INFINITY), 100.0);
        return Math.max((long) Math.ceil(asked * samples / 100.0), 1);
    }

    /** As AbstractHistogram.valueFromIndex. */
    private static long lowest(int index) {
        int octave = octave(index);
        long inOctave = index - (long) octave * HALF;
        return inOctave << octave;
    }

    /** As AbstractHistogram.sizeOfEquivalentValueRange. */
    private static long width(int index) {
        return 1L << octave(index);
    }

    /** Which power of two the counter is for, as the number of bits that its values may differ in. */
    private static int octave(int index) {
        return Math.max(0, (index >> HALF_BITS) - 1);
    }
}
