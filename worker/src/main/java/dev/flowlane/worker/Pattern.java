package dev.flowlane.worker;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * The payload of every flow: byte k of a direction's stream is {@code 1 + k mod 255}. It is never 0, so a page that the
 * kernel never filled shows, and its period is odd, so a page or a segment in the wrong place shows too.
 *
 * <p>The bytes are laid out once, long enough that any stretch of the stream can be sent from, or compared with, a
 * place that is aligned to a cache line: 255 and 64 have no common factor, so each of the 255 phases begins at some
 * multiple of 64.
 */
final class Pattern {
    static final int PERIOD = 255;
    static final byte MARK = 0;

    private static final int LINE_BYTES = 64;

    /** A multiple of both: all phases begin below it, and stepping by it keeps both phase and alignment. */
    private static final int CYCLE_BYTES = PERIOD * LINE_BYTES;

    private static final int[] PHASE_STARTS = phaseStarts();

    private final MemorySegment bytes;

    /** @param longestBytes longest stretch that {@link #start} has to be good for */
    Pattern(SegmentAllocator allocator, long longestBytes) {
        long size = sizeBytes(longestBytes);
        bytes = Buffers.unscoped(allocator.allocate(size, LINE_BYTES));
        for (long i = 0; i < PERIOD; i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, at(i));
        }
        // Each copy doubles what is there; always a whole number of periods, but for the last.
        for (long filled = PERIOD; filled < size; filled *= 2) {
            MemorySegment.copy(bytes, 0, bytes, filled, Math.min(filled, size - filled));
        }
    }

    /** What a pattern for such stretches takes of an allocator, alignment aside. */
    static long sizeBytes(long longestBytes) {
        return CYCLE_BYTES + Math.max(longestBytes, CYCLE_BYTES);
    }

    static byte at(long streamOffset) {
        return (byte) (1 + streamOffset % PERIOD);
    }

    MemorySegment bytes() {
        return bytes;
    }

    /**
     * Where in {@link #bytes} so many of the stream's bytes from an offset on can be found. A few are, at the price of
     * their alignment, in the first of all periods: small messages then never need more than some lines of the cache.
     */
    static int start(long streamOffset, long length) {
        int phase = (int) (streamOffset % PERIOD);
        return length <= LINE_BYTES ? phase : PHASE_STARTS[phase];
    }

    /** Makes the byte at a {@link #start} the mark; {@link #unmark} must follow before anything else. */
    void mark(int start) {
        bytes.set(ValueLayout.JAVA_BYTE, start, MARK);
    }

    void unmark(int start) {
        bytes.set(ValueLayout.JAVA_BYTE, start, at(start));
    }

    /**
     * Compares received bytes with the pattern.
     *
     * @param from first index of {@code received} to compare
     * @param to one beyond the last
     * @param streamOffset offset in the stream of the byte at {@code from}
     * @return index in {@code received} of the first wrong byte, or -1
     */
    long mismatch(MemorySegment received, long from, long to, long streamOffset) {
        int start = start(streamOffset, to - from);
        if (to - from == 1) {
            // What a one-byte request is: no need to set a vector comparison up.
            boolean same = received.get(ValueLayout.JAVA_BYTE, from) == bytes.get(ValueLayout.JAVA_BYTE, start);
            return same ? -1 : from;
        }
        // In steps of a cycle, so that this side of the comparison stays in the first-level cache.
        for (long i = from; i < to; i += CYCLE_BYTES) {
            long length = Math.min(CYCLE_BYTES, to - i);
            long at = MemorySegment.mismatch(received, i, i + length, bytes, start, start + length);
            if (at >= 0) {
                return i + at;
            }
        }
        return -1;
    }

    private static int[] phaseStarts() {
        int[] starts = new int[PERIOD];
        for (int at = 0; at < CYCLE_BYTES; at += LINE_BYTES) {
            starts[at % PERIOD] = at;
        }
        return starts;
    }
}
