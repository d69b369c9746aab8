package dev.flowlane.core.run;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/** Round-trip histograms as they travel: HdrHistogram V2, compressed, nanoseconds, 3 significant digits. */
final class Histograms {
    private static final int SIGNIFICANT_DIGITS = 3;

    /**
     * Three digits up to an hour take under 50,000 counters; the longest encoding of such a histogram stays below this.
     */
    private static final int ENCODED_MAX_BYTES = 1 << 20;

    private Histograms() {}

    /** The histogram; null when the bytes are not one. */
    static @Nullable Histogram decode(OpaqueBytes bytes) {
        if (bytes.sizeBytes() > ENCODED_MAX_BYTES) {
            return null;
        }
        try {
            return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes.toArray()), 0);
        } catch (DataFormatException | RuntimeException e) {
            // The decoder answers malformed input with whatever its arithmetic runs into.
            return null;
        }
    }

    /** For adding others to it. */
    static Histogram empty() {
        return new Histogram(SIGNIFICANT_DIGITS);
    }

    /**
     * Percentiles; null when there is no sample.
     *
     * @param encoded the same histogram
     */
    static @Nullable RoundTrips summary(Histogram histogram, OpaqueBytes encoded) {
        if (histogram.getTotalCount() == 0) {
            return null;
        }
        return new RoundTrips(
                histogram.getValueAtPercentile(25.0),
                histogram.getValueAtPercentile(50.0),
                histogram.getValueAtPercentile(75.0),
                histogram.getValueAtPercentile(90.0),
                histogram.getValueAtPercentile(99.0),
                histogram.getValueAtPercentile(99.9),
                histogram.getValueAtPercentile(99.99),
                histogram.getMaxValue(),
                histogram.getMean(),
                encoded);
    }

    static OpaqueBytes encode(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        byte[] bytes = new byte[length];
        buffer.flip();
        buffer.get(bytes);
        return OpaqueBytes.of(bytes);
    }
}
