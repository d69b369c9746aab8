package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * What the calling thread has used since it began: {@code getrusage(RUSAGE_THREAD)} into memory of the caller's, and
 * the numbers in it. Nothing here allocates. {@code struct rusage} is that of linux/resource.h.
 */
public final class Rusage {
    /** Size of {@code struct rusage}: two timevals and fourteen longs. */
    public static final int SIZE_BYTES = 144;

    private static final long USER_TIME = 0;
    private static final long SYSTEM_TIME = 16;
    private static final long VOLUNTARY_SWITCHES = 128;
    private static final long INVOLUNTARY_SWITCHES = 136;

    private Rusage() {}

    /**
     * Reads the caller's usage into {@link #SIZE_BYTES} bytes at {@code offset}.
     *
     * @throws IndexOutOfBoundsException when they are not inside the segment
     */
    public static void readThread(MemorySegment into, long offset) {
        long address = Libc.address(into, offset, SIZE_BYTES);
        PosixException.check("getrusage", ThreadCalls.getrusage(ThreadCalls.RUSAGE_THREAD, address));
        Libc.keep(into);
    }

    /** CPU time in user mode, ns; the kernel gives microseconds. */
    public static long userNs(MemorySegment usage, long offset) {
        return timevalNs(usage, offset + USER_TIME);
    }

    /** CPU time in the kernel, ns; the kernel gives microseconds. */
    public static long systemNs(MemorySegment usage, long offset) {
        return timevalNs(usage, offset + SYSTEM_TIME);
    }

    /** Times the thread gave up its CPU, to wait for something. */
    public static long voluntarySwitches(MemorySegment usage, long offset) {
        return usage.get(JAVA_LONG_UNALIGNED, offset + VOLUNTARY_SWITCHES);
    }

    /** Times the scheduler took its CPU away. */
    public static long involuntarySwitches(MemorySegment usage, long offset) {
        return usage.get(JAVA_LONG_UNALIGNED, offset + INVOLUNTARY_SWITCHES);
    }

    private static long timevalNs(MemorySegment usage, long at) {
        return usage.get(JAVA_LONG_UNALIGNED, at) * 1_000_000_000L
                + usage.get(JAVA_LONG_UNALIGNED, at + Long.BYTES) * 1_000L;
    }
}
