package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * An array of {@code struct mmsghdr} (bits/socket.h, as laid out on 64-bit Linux), each with one piece of a buffer:
 * what {@link FlowCalls#sendMessages} and {@link FlowCalls#receiveMessages} take. Made once and filled again and
 * again; never freed.
 */
public final class MessageVector {
    private static final int HEADER_BYTES = 64;
    private static final int PIECE_BYTES = 16;

    // struct mmsghdr: a struct msghdr, of which only the pieces are used, and the length that came of it.
    private static final long PIECES = 16;
    private static final long PIECE_COUNT = 24;
    private static final long CONTROL_POINTER = 32;
    private static final long CONTROL_LENGTH = 40;
    private static final long LENGTH = 56;

    private final int capacity;
    private final MemorySegment headers;
    private final MemorySegment pieces;

    /** Room for a receive timestamp of each message. */
    private final MemorySegment controls;

    /** @param capacity messages that it holds at most */
    public MessageVector(int capacity) {
        this.capacity = capacity;
        headers = Arena.global().allocate((long) capacity * HEADER_BYTES, Long.BYTES);
        pieces = Arena.global().allocate((long) capacity * PIECE_BYTES, Long.BYTES);
        controls = Arena.global().allocate((long) capacity * StampedMessage.CONTROL_BYTES, Long.BYTES);
        for (int i = 0; i < capacity; i++) {
            headers.set(JAVA_LONG, (long) i * HEADER_BYTES + PIECES, pieces.address() + (long) i * PIECE_BYTES);
            headers.set(JAVA_LONG, (long) i * HEADER_BYTES + PIECE_COUNT, 1);
        }
    }

    public int capacity() {
        return capacity;
    }

    /**
     * The message of that place is these bytes, or goes there. The buffer must live as long as the vector is used.
     *
     * @throws IndexOutOfBoundsException when the range is not inside the buffer
     */
    public void place(int index, MemorySegment buffer, long offset, long length) {
        long piece = (long) Objects.checkIndex(index, capacity) * PIECE_BYTES;
        pieces.set(JAVA_LONG, piece, Libc.address(buffer, offset, length));
        pieces.set(JAVA_LONG, piece + Long.BYTES, length);
    }

    /** Bytes of the message of that place that the last call sent or received. */
    public int length(int index) {
        return headers.get(JAVA_INT, (long) index * HEADER_BYTES + LENGTH);
    }

    /**
     * Has the next receive write the kernel's receive timestamps ({@link ReceiveTimestamps}) of the first
     * {@code count} messages; before every such receive.
     */
    public void awaitStamps(int count) {
        for (int i = 0; i < count; i++) {
            long header = (long) i * HEADER_BYTES;
            headers.set(JAVA_LONG, header + CONTROL_POINTER, controls.address() + control(i));
            headers.set(JAVA_LONG, header + CONTROL_LENGTH, StampedMessage.CONTROL_BYTES);
        }
    }

    /** When the kernel received the message of that place, CLOCK_REALTIME in nanoseconds; 0 when it did not say. */
    public long stampNs(int index) {
        long written = headers.get(JAVA_LONG, (long) index * HEADER_BYTES + CONTROL_LENGTH);
        return StampedMessage.stampNs(controls, written, control(index));
    }

    private static long control(int index) {
        return (long) index * StampedMessage.CONTROL_BYTES;
    }

    long address(int first, int count) {
        Objects.checkFromIndexSize(first, count, capacity);
        return headers.address() + (long) first * HEADER_BYTES;
    }
}
