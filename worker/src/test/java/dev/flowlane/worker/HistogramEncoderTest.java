package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.worker.protocol.Bytes;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;

final class HistogramEncoderTest {
    /** One encoder for histograms of all kinds, one after the other: nothing of one may be in the next. */
    @Test
    void bytesAreThoseOfTheLibrary() {
        HistogramEncoder encoder = new HistogramEncoder();
        Random random = new Random(1);
        for (int samples : new int[] {0, 1, 300, 200_000, 2, 60_000, 0}) {
            Histogram histogram = IntervalSlot.newHistogram();
            for (int i = 0; i < samples; i++) {
                histogram.recordValue((long) Math.exp(random.nextDouble() * 25));
            }

            assertThat(encoder.encode(histogram)).as("%d samples", samples).isEqualTo(byLibrary(histogram));
        }
    }

    private static Bytes byLibrary(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer, Deflater.DEFAULT_COMPRESSION);
        return Bytes.copyOf(Arrays.copyOf(buffer.array(), length));
    }
}
