package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * One thread's native memory for calls: where errno is captured, and scratch space for small arguments, both allocated
 * at the thread's first call and never freed (about half a kilobyte; threads that make system calls live long here).
 *
 * <p>The scratch space has fixed places, so that a call that needs two of them does not overwrite its own argument.
 */
final class CallState {
    static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

    /** Place of a socket address, an option's value, a CPU number: whatever the call is about. */
    static final long VALUE = 0;
    static final int VALUE_BYTES = 256;
    /** Place of a {@code socklen_t}. */
    static final long LENGTH = 256;
    /** Place of a {@code struct timespec}: two longs. */
    static final long TIMESPEC = 264;
    /** Place of a {@code struct pollfd}. */
    static final long POLLFD = 280;
    /** Place of a {@code struct msghdr}, its {@code struct iovec} and its control message. */
    static final long MSGHDR = 288;
    static final long IOVEC = 344;
    static final long CONTROL = 360;
    static final int CONTROL_BYTES = 64;

    private static final long SCRATCH_BYTES = CONTROL + CONTROL_BYTES;
    private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
    private static final long ERRNO = LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<CallState> CURRENT = ThreadLocal.withInitial(CallState::new);

    final MemorySegment captured = Arena.global().allocate(LAYOUT);
    final MemorySegment scratch = Arena.global().allocate(SCRATCH_BYTES, 16);

    /** Of this thread. */
    final FlowCalls flowCalls = new FlowCalls(this);

    private CallState() {}

    static CallState current() {
        return CURRENT.get();
    }

    /** Of the last captured call of this thread; meaningful only when that call returned -1. */
    int errno() {
        return captured.get(JAVA_INT, ERRNO);
    }

    /** Whether the call that just returned -1 was interrupted by a signal and has to be made again. */
    boolean interrupted() {
        return errno() == Errno.EINTR;
    }

    /** What a call returned, with -1 replaced by the negative errno. */
    int outcome(int result) {
        return result == -1 ? -errno() : result;
    }

    /** What a call returned, with -1 replaced by the negative errno. */
    long outcome(long result) {
        return result == -1 ? -errno() : result;
    }

    /** The address of a place in the scratch space. */
    long address(long place) {
        return scratch.address() + place;
    }

    int getInt(long place) {
        return scratch.get(JAVA_INT, place);
    }

    long getLong(long place) {
        return scratch.get(JAVA_LONG, place);
    }

    void putInt(long place, int value) {
        scratch.set(JAVA_INT, place, value);
    }

    void putLong(long place, long value) {
        scratch.set(JAVA_LONG, place, value);
    }

    /** Stores a duration as a {@code struct timespec} and returns its address; 0, no time-out, when it is negative. */
    long timespec(long durationNs) {
        if (durationNs < 0) {
            return 0;
        }
        putLong(TIMESPEC, durationNs / 1_000_000_000L);
        putLong(TIMESPEC + 8, durationNs % 1_000_000_000L);
        return address(TIMESPEC);
    }
}
