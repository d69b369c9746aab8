package dev.flowlane.daemon.telemetry;

import dev.flowlane.worker.protocol.Bytes;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads HdrHistogram's V2 compressed form into {@link RecordedRoundTrips}: a cookie and a length, then, deflated, a
 * header and the counters as zigzag LEB128 numbers, of which a negative one stands for as many counters of zero
 * (org.HdrHistogram.AbstractHistogram.fillCountsArrayFromSourceBuffer, ZigZagEncoding). The library itself decodes into
 * all counters of a histogram only. Not thread-safe; lives as long as its thread.
 */
final class RoundTripDecoder {
    private static final String MALFORMED = "not a compressed HdrHistogram of round trips: ";
    private static final int COMPRESSED_COOKIE = 0x1c849304 | 0x10;
    private static final int COOKIE = 0x1c849303 | 0x10;
    private static final int COMPRESSED_HEADER_BYTES = 2 * Integer.BYTES;

    /** Cookie, length, normalizing offset, digits, lowest and highest value, ratio of doubles. */
    private static final int HEADER_BYTES = 4 * Integer.BYTES + 3 * Long.BYTES;

    /** A 64-bit number in seven bits a byte, the ninth with eight (ZigZagEncoding). */
    private static final int MOST_NUMBER_BYTES = 9;

    private static final int MOST_BYTES = HEADER_BYTES + RecordedRoundTrips.MOST_COUNTERS * MOST_NUMBER_BYTES;

    private final Inflater inflater = new Inflater();
    private byte[] plain = new byte[4096];
    private int[] indexes = new int[1024];
    private long[] counts = new long[1024];
    private int at;

    /** @throws IllegalArgumentException if these are not the round trips of a worker */
    RecordedRoundTrips decode(Bytes compressed) {
        byte[] bytes = compressed.toArray();
        if (bytes.length < COMPRESSED_HEADER_BYTES) {
            throw malformed("it has " + bytes.length + " bytes, its header alone " + COMPRESSED_HEADER_BYTES);
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        int cookie = header.getInt();
        if (cookie != COMPRESSED_COOKIE) {
            throw malformed("cookie " + Integer.toHexString(cookie));
        }
        int length = header.getInt();
        if (length < 0 || length > header.remaining()) {
            throw malformed(length + " compressed bytes, " + header.remaining() + " are there");
        }
        return read(inflate(bytes, length));
    }

    /** Bytes in {@link #plain}. */
    private int inflate(byte[] bytes, int length) {
        inflater.reset();
        inflater.setInput(bytes, COMPRESSED_HEADER_BYTES, length);
        int filled = 0;
        try {
            while (!inflater.finished()) {
                if (filled == plain.length) {
                    if (filled > MOST_BYTES) {
                        throw malformed("more than " + MOST_BYTES + " bytes");
                    }
                    plain = Arrays.copyOf(plain, 2 * filled);
                }
                int more = inflater.inflate(plain, filled, plain.length - filled);
                if (more == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    throw malformed("truncated");
                }
                filled += more;
            }
        } catch (DataFormatException e) {
            throw new IllegalArgumentException(MALFORMED + e.getMessage(), e);
        }
        return filled;
    }

    private RecordedRoundTrips read(int filled) {
        if (filled < HEADER_BYTES) {
            throw malformed("header of " + filled + " bytes");
        }
        ByteBuffer header = ByteBuffer.wrap(plain, 0, HEADER_BYTES);
        int cookie = header.getInt();
        int length = header.getInt();
        int offset = header.getInt();
        int digits = header.getInt();
        long lowest = header.getLong();
        long highest = header.getLong();
        if (cookie != COOKIE || offset != 0 || digits != RoundTrips.SIGNIFICANT_DIGITS || lowest != 1) {
            throw malformed("cookie " + Integer.toHexString(cookie) + ", offset " + offset + ", " + digits
                    + " digits from " + lowest);
        }
        if (length < 0 || length > filled - HEADER_BYTES || highest < 2) {
            throw malformed(length + " bytes of counters up to " + highest + ", " + (filled - HEADER_BYTES)
                    + " are there");
        }
        return counters(highest, HEADER_BYTES + length);
    }

    private RecordedRoundTrips counters(long highest, int end) {
        int size = 0;
        long index = 0;
        for (at = HEADER_BYTES; at < end; ) {
            long number = number(end);
            if (number < 0) {
                index -= number;
            } else if (number > 0) {
                if (index < 0 || index >= RecordedRoundTrips.MOST_COUNTERS) {
                    throw malformed("counter " + index);
                }
                if (size == indexes.length) {
                    indexes = Arrays.copyOf(indexes, 2 * size);
                    counts = Arrays.copyOf(counts, 2 * size);
                }
                indexes[size] = (int) index;
                counts[size] = number;
                size++;
                index++;
            } else {
                index++;
            }
        }
        return new RecordedRoundTrips(highest, Arrays.copyOf(indexes, size), Arrays.copyOf(counts, size), size);
    }

    private long number(int end) {
        long value = 0;
        for (int i = 0; i < MOST_NUMBER_BYTES; i++) {
            if (at == end) {
                throw malformed("truncated in a counter");
            }
            long next = plain[at++];
            boolean last = i == MOST_NUMBER_BYTES - 1;
            value |= (last ? next & 0xff : next & 0x7f) << (7 * i);
            if (next >= 0) {
                break;
            }
        }
        return (value >>> 1) ^ -(value & 1);
    }

    private static IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException(MALFORMED + what);
    }
}
