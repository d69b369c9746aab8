package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * Buffers of one size that the kernel picks from (IORING_REGISTER_PBUF_RING, Linux 5.19), for
 * {@link IoUring#receiveMany}. {@link #giveBack} lets it have one again. Belongs to the thread of its ring.
 */
public final class BufferRing implements AutoCloseable {
    private static final int REGISTER_PBUF_RING = 22;
    private static final int UNREGISTER_PBUF_RING = 23;

    /** struct io_uring_buf_reg. */
    private static final int REGISTRATION_BYTES = 40;

    /** struct io_uring_buf; the ring's tail lies in what the first one reserves. */
    private static final int ENTRY_BYTES = 16;

    private static final long TAIL = 14;
    private static final int PAGE_BYTES = 4096;
    private static final VarHandle SHORT = JAVA_SHORT.varHandle();

    private final Arena arena = Arena.ofConfined();
    private final IoUring ring;
    private final short group;
    private final int mask;
    private final int bufferBytes;
    private final MemorySegment entries;
    private final long buffers;
    private short tail;

    private BufferRing(IoUring ring, short group, int count, int bufferBytes) {
        this.ring = ring;
        this.group = group;
        this.bufferBytes = bufferBytes;
        mask = count - 1;
        MemorySegment scoped = arena.allocate(Math.max(PAGE_BYTES, (long) count * ENTRY_BYTES), PAGE_BYTES);
        // Of the global scope, as all that the loops touch: who closes this sees to it that nobody does any more.
        entries = MemorySegment.ofAddress(scoped.address()).reinterpret(scoped.byteSize());
        buffers = arena.allocate((long) count * bufferBytes, PAGE_BYTES).address();
    }

    /**
     * Registers a group; all buffers are the kernel's.
     *
     * @param count a power of two, up to 32768
     * @throws PosixException when the kernel has no such groups (EINVAL)
     */
    public static BufferRing register(IoUring ring, short group, int count, int bufferBytes) {
        BufferRing made = new BufferRing(ring, group, count, bufferBytes);
        for (int i = 0; i < count; i++) {
            made.giveBack(i);
        }
        int outcome = made.registration(REGISTER_PBUF_RING);
        if (outcome < 0) {
            made.arena.close();
            throw new PosixException(
                    "io_uring_register", -outcome, "of a ring of buffers, which the kernel has since Linux 5.19");
        }
        return made;
    }

    private int registration(int operation) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment argument = scratch.allocate(REGISTRATION_BYTES, Long.BYTES);
            argument.set(JAVA_LONG, 0, entries.address());
            argument.set(JAVA_INT, 8, operation == REGISTER_PBUF_RING ? mask + 1 : 0);
            argument.set(JAVA_SHORT, 12, group);
            if (operation == UNREGISTER_PBUF_RING) {
                argument.set(JAVA_LONG, 0, 0);
            }
            return RingCalls.register(ring.descriptor(), operation, argument.address(), 1);
        }
    }

    /** As {@link IoUring#receiveMany} names it. */
    public short group() {
        return group;
    }

    /** Number of buffers. */
    public int count() {
        return mask + 1;
    }

    /** A buffer; good until {@link #close}. Allocates. */
    public MemorySegment buffer(int index) {
        return MemorySegment.ofAddress(buffers + (long) index * bufferBytes).reinterpret(bufferBytes);
    }

    /** Lets the kernel have a buffer (again). */
    public void giveBack(int index) {
        long entry = (long) (tail & mask) * ENTRY_BYTES;
        entries.set(JAVA_LONG, entry, buffers + (long) index * bufferBytes);
        entries.set(JAVA_INT, entry + 8, bufferBytes);
        entries.set(JAVA_SHORT, entry + 12, (short) index);
        tail++;
        SHORT.setRelease(entries, TAIL, tail);
    }

    /** Frees the memory; nothing may be under way in it. */
    @Override
    public void close() {
        registration(UNREGISTER_PBUF_RING);
        arena.close();
    }
}
