package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Bytes;
import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/**
 * Compresses histograms of round trips; by the control thread, for all its flows. A histogram that encodes has an
 * intermediate buffer larger than itself, so only this one's ever does.
 */
final class HistogramEncoder {
    private final Histogram encoding = IntervalSlot.newHistogram();
    private ByteBuffer target = ByteBuffer.allocate(0);

    Bytes encode(Histogram roundTrips) {
        roundTrips.copyInto(encoding);
        int needed = encoding.getNeededByteBufferCapacity();
        if (target.capacity() < needed) {
            target = ByteBuffer.allocate(needed);
        }
        target.clear();
        int length = encoding.encodeIntoCompressedByteBuffer(target, Deflater.DEFAULT_COMPRESSION);
        byte[] bytes = new byte[length];
        target.get(0, bytes);
        return Bytes.copyOf(bytes);
    }
}
