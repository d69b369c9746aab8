package dev.flowlane.export;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;

/** Histograms of the bus, and HdrHistogram's percentile text ({@code .hgrm}), which its plotters read. */
public final class PercentileText {
    private static final double NANOS_PER_MICRO = 1_000;

    /** As HdrHistogram's own tools write it. */
    private static final int TICKS_PER_HALF_DISTANCE = 5;

    private PercentileText() {}

    /** The histogram in HdrHistogram's V2 compressed bytes; null when there are none or they are none. */
    public static @Nullable Histogram decode(@Nullable ByteBuffer compressed) {
        if (compressed == null) {
            return null;
        }
        try {
            return Histogram.decodeFromCompressedByteBuffer(compressed.duplicate(), 0);
        } catch (DataFormatException | RuntimeException e) {
            // The decoder answers malformed input with whatever its arithmetic runs into.
            return null;
        }
    }

    /**
     * Percentiles in microseconds.
     *
     * @param title goes into a comment before the text; one line
     */
    public static String of(Histogram nanoseconds, String title) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
        out.print("# " + title + ", microseconds\n");
        nanoseconds.outputPercentileDistribution(out, TICKS_PER_HALF_DISTANCE, NANOS_PER_MICRO);
        out.flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
