package dev.flowlane.worker;

import dev.flowlane.posix.BufferRing;
import dev.flowlane.posix.IoUring;

import java.lang.foreign.MemorySegment;

/**
 * What the receives of one request have brought and nobody has looked at yet: buffers that the kernel picked, in order.
 * One of them is out at a time, until {@link #giveBack}.
 */
final class ChunkQueue implements AutoCloseable {
    private static final short GROUP = 1;

    /** Together about as much as a socket's receive buffer begins with, but always several. */
    private static final int ALL_BYTES = 1 << 20;

    private static final int LEAST = 4;
    private static final int MOST = 64;
    private static final int NONE = -1;

    private final BufferRing buffers;
    private final MemorySegment[] segments;
    private final int[] numbers;
    private final long[] lengths;
    private final int chunkBytes;
    private int first;
    private int count;
    private int taken = NONE;

    ChunkQueue(IoUring ring, int chunkBytes) {
        this.chunkBytes = chunkBytes;
        int chunks = Math.clamp(Integer.highestOneBit(ALL_BYTES / chunkBytes), LEAST, MOST);
        buffers = BufferRing.register(ring, GROUP, chunks, chunkBytes);
        segments = new MemorySegment[chunks];
        for (int i = 0; i < chunks; i++) {
            segments[i] = buffers.buffer(i);
        }
        numbers = new int[chunks];
        lengths = new long[chunks];
    }

    int chunkBytes() {
        return chunkBytes;
    }

    short group() {
        return buffers.group();
    }

    /** The kernel has put so many bytes into a buffer. */
    void filled(int number, long length) {
        if (length <= 0) {
            buffers.giveBack(number);
            return;
        }
        int at = (first + count) & (numbers.length - 1);
        numbers[at] = number;
        lengths[at] = length;
        count++;
    }

    /** Whether there is something to {@link #take}. */
    boolean ready() {
        return count > 0;
    }

    /** The next bytes; {@link #taken} has them until {@link #giveBack}. */
    long take() {
        long length = lengths[first];
        taken = numbers[first];
        first = (first + 1) & (numbers.length - 1);
        count--;
        return length;
    }

    MemorySegment taken() {
        return segments[Math.max(0, taken)];
    }

    /** Nobody looks at what was taken any more. */
    void giveBack() {
        if (taken != NONE) {
            buffers.giveBack(taken);
            taken = NONE;
        }
    }

    /** Nobody will look at any of it. */
    void clear() {
        giveBack();
        while (count > 0) {
            take();
            giveBack();
        }
    }

    @Override
    public void close() {
        buffers.close();
    }
}
