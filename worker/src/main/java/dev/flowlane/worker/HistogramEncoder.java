package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Bytes;
import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * Compresses histograms of round trips, by the control thread, for all its flows: to the bytes that
 * {@link Histogram#encodeIntoCompressedByteBuffer} makes, which takes a compressor of its own every time and a buffer
 * larger than the histogram for each of them; here there is one of both.
 */
final class HistogramEncoder {
    /** AbstractHistogram.V2CompressedEncodingCookieBase, and that words have one byte at least. */
    private static final int COOKIE = 0x1c849304 | 0x10;

    private static final int HEADER_BYTES = 2 * Integer.BYTES;

    private final Deflater deflater = new Deflater();
    private ByteBuffer plain = ByteBuffer.allocate(0);
    private byte[] compressed = new byte[4096];

    Bytes encode(Histogram roundTrips) {
        int needed = roundTrips.getNeededByteBufferCapacity();
        if (plain.capacity() < needed) {
            plain = ByteBuffer.allocate(needed);
        }
        plain.clear();
        deflater.reset();
        deflater.setInput(plain.array(), 0, roundTrips.encodeIntoByteBuffer(plain));
        deflater.finish();
        int length = HEADER_BYTES;
        while (!deflater.finished()) {
            if (length == compressed.length) {
                compressed = Arrays.copyOf(compressed, 2 * length);
            }
            length += deflater.deflate(compressed, length, compressed.length - length);
        }
        ByteBuffer.wrap(compressed).putInt(COOKIE).putInt(length - HEADER_BYTES);
        return Bytes.copyOf(Arrays.copyOf(compressed, length));
    }
}
