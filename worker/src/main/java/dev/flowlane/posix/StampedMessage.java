package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where {@link FlowCalls#receiveStamped} has the kernel put its receive timestamp: a {@code struct msghdr} with one
 * {@code struct iovec} and room for one {@code struct scm_timestamping} (linux/errqueue.h), as laid out on 64-bit
 * Linux. Made once and used again and again by one thread; never freed.
 */
public final class StampedMessage {
    /** CMSG_SPACE of struct scm_timestamping: a header of 16 bytes and three struct timespec. */
    static final int CONTROL_BYTES = 64;

    private static final long IOVEC = 56;
    private static final long CONTROL = 72;
    private static final long BYTES = CONTROL + CONTROL_BYTES;

    // struct msghdr.
    private static final long IOV = 16;
    private static final long IOV_COUNT = 24;
    private static final long CONTROL_POINTER = 32;
    private static final long CONTROL_LENGTH = 40;

    // struct cmsghdr, and the first struct timespec behind it: the one by software.
    private static final long LEVEL = 8;
    private static final long TYPE = 12;
    private static final long SECONDS = 16;
    private static final long NANOS = 24;

    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final MemorySegment memory = Arena.global().allocate(BYTES, Long.BYTES);

    /** Without a timestamp yet. */
    public StampedMessage() {
        memory.set(JAVA_LONG, IOV, memory.address() + IOVEC);
        memory.set(JAVA_LONG, IOV_COUNT, 1);
        memory.set(JAVA_LONG, CONTROL_POINTER, memory.address() + CONTROL);
    }

    /** Prepares it for a receive; returns its address. */
    long into(long address, long length) {
        memory.set(JAVA_LONG, IOVEC, address);
        memory.set(JAVA_LONG, IOVEC + Long.BYTES, length);
        memory.set(JAVA_LONG, CONTROL_LENGTH, CONTROL_BYTES);
        // What the kernel does not overwrite must not pass for its word.
        memory.set(JAVA_INT, CONTROL + TYPE, 0);
        return memory.address();
    }

    /**
     * When the kernel received what the last successful call brought, CLOCK_REALTIME in nanoseconds; 0 when it did not
     * say.
     */
    public long stampNs() {
        return stampNs(memory, memory.get(JAVA_LONG, CONTROL_LENGTH), CONTROL);
    }

    /** The timestamp in a control message at {@code at}, of which the kernel has written that many bytes; 0: none. */
    static long stampNs(MemorySegment control, long written, long at) {
        boolean there = written >= CONTROL_BYTES
                && control.get(JAVA_INT, at + LEVEL) == SocketConstants.SOL_SOCKET
                && control.get(JAVA_INT, at + TYPE) == SocketConstants.SCM_TIMESTAMPING;
        return there
                ? control.get(JAVA_LONG, at + SECONDS) * NS_PER_SECOND + control.get(JAVA_LONG, at + NANOS)
                : 0;
    }
}
