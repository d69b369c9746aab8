package dev.flowlane.worker;

import dev.flowlane.posix.MemoryMaps;
import dev.flowlane.posix.PosixException;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * What one flow end sends from and receives into. The default size stays allocated; what a flow needs beyond it is
 * given back when the flow is over, so that one flow with huge calls does not make a pooled worker huge for ever.
 */
final class Buffers {
    static final int DEFAULT_BYTES = 64 << 10;

    private static final int PAGE_BYTES = 4096;

    private final Pattern ownPattern;
    private final MemorySegment ownReceived;

    private Pattern pattern;
    private MemorySegment received;
    private @Nullable Arena extra;
    private @Nullable MemorySegment huge;
    private long hugeBytes;

    Buffers() {
        this(new Pattern(Arena.global(), DEFAULT_BYTES), Arena.global().allocate(DEFAULT_BYTES, PAGE_BYTES));
    }

    private Buffers(Pattern pattern, MemorySegment received) {
        this.ownPattern = pattern;
        this.ownReceived = received;
        this.pattern = pattern;
        this.received = received;
    }

    /**
     * Buffers of another flow end, of the default size the same memory: for ends that one thread drives in turn, as
     * nothing is kept in it between turns. Each with its own would cost a thread with many ends its cache.
     */
    Buffers share() {
        return new Buffers(ownPattern, ownReceived);
    }

    /**
     * Between this and {@link #release} calls of these sizes fit; by one thread.
     *
     * @param inHugePages whether all of it is to lie in huge pages
     * @throws PosixException when these are not to be had; nothing is reserved then
     */
    void reserve(int sendBytes, int receiveBytes, boolean inHugePages) {
        hugeBytes = 0;
        if (inHugePages) {
            reserveHuge(Math.max(sendBytes, DEFAULT_BYTES), Math.max(receiveBytes, DEFAULT_BYTES));
            return;
        }
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

    private void reserveHuge(int sendBytes, int receiveBytes) {
        long pageBytes = MemoryMaps.HUGE_PAGE_BYTES;
        long needed = Pattern.sizeBytes(sendBytes) + PAGE_BYTES + receiveBytes;
        MemorySegment pages = MemoryMaps.hugePages(Math.ceilDiv(needed, pageBytes) * pageBytes);
        SegmentAllocator slices = SegmentAllocator.slicingAllocator(pages);
        huge = pages;
        hugeBytes = pages.byteSize();
        pattern = new Pattern(slices, sendBytes);
        received = unscoped(slices.allocate(receiveBytes, PAGE_BYTES));
    }

    /** How much lies in huge pages, or did until the last {@link #release}. */
    long hugeBytes() {
        return hugeBytes;
    }

    void release() {
        pattern = ownPattern;
        received = ownReceived;
        if (extra != null) {
            extra.close();
            extra = null;
        }
        if (huge != null) {
            MemoryMaps.unmap(huge);
            huge = null;
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
