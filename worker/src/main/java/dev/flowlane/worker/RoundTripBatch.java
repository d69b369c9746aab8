package dev.flowlane.worker;

import org.HdrHistogram.Histogram;

/**
 * Round trips on their way to the histograms of flow ends that share a thread. With hundreds of flows nothing of a
 * flow's histogram is in the cache when a round trip ends, and to wait for four lines of it was 6 to 10 % of the time
 * of a transaction, measured. One after the other in a row, the CPU waits for several of them at once.
 */
final class RoundTripBatch {
    private static final int SIZE = 128;

    private final Histogram[] histograms = new Histogram[SIZE];
    private final long[] lengthsNs = new long[SIZE];
    private int count;

    void add(Histogram histogram, long lengthNs) {
        histograms[count] = histogram;
        lengthsNs[count] = lengthNs;
        count++;
        if (count == SIZE) {
            flush();
        }
    }

    /** Records what was added: to be called before a histogram is given away. */
    void flush() {
        for (int i = 0; i < count; i++) {
            histograms[i].recordValue(lengthsNs[i]);
        }
        count = 0;
    }
}
