package dev.flowlane.worker;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What one flow end sends from and receives into. The default size stays allocated; what a flow needs beyond it is
 * given back when the flow is over, so that one flow with huge calls does not make a pooled worker huge for ever.
 */
final class Buffers {
    static final int DEFAULT_BYTES = 64 << 10;

    private static final int PAGE_BYTES = 4096;

    private final Pattern ownPattern = new Pattern(Arena.global(), DEFAULT_BYTES);
    private final MemorySegment ownReceived = Arena.global().allocate(DEFAULT_BYTES, PAGE_BYTES);

    private Pattern pattern = ownPattern;
    private MemorySegment received = ownReceived;
    private @Nullable Arena extra;

    /** Between this and {@link #release} calls of these sizes fit; by one thread. */
    void reserve(int sendBytes, int receiveBytes) {
        if (sendBytes <= DEFAULT_BYTES && receiveBytes <= DEFAULT_BYTES) {
            return;
        }
        Arena arena = Arena.ofConfined();
        extra = arena;
        if (sendBytes > DEFAULT_BYTES) {
            pattern = new Pattern(arena, sendBytes);
        }
        if (receiveBytes > DEFAULT_BYTES) {
            received = unscoped(arena.allocate(receiveBytes, PAGE_BYTES));
        }
    }

    void release() {
        pattern = ownPattern;
        received = ownReceived;
        if (extra != null) {
            extra.close();
            extra = null;
        }
    }

    Pattern pattern() {
        return pattern;
    }

    MemorySegment received() {
        return received;
    }

    /**
     * The same memory as a segment of the global scope. Segments of one scope only keep the compiled flow loops the
     * same whatever a flow's sizes are; who closes the arena sees to it that nobody uses them any more.
     */
    static MemorySegment unscoped(MemorySegment segment) {
        return MemorySegment.ofAddress(segment.address()).reinterpret(segment.byteSize());
    }
}
