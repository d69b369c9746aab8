package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * TCP_ZEROCOPY_RECEIVE (linux/tcp.h): the pages that payload arrived in appear at a range of addresses, instead of
 * being copied into pages of this process. Only whole pages can: the rest of a stream has to be received as ever. One
 * thread's; nothing here allocates after it was made.
 */
public final class ZerocopyReceive {
    // struct tcp_zerocopy_receive: address, length (in and out), bytes to receive otherwise, bytes waiting, errno.
    private static final int ARGUMENT_BYTES = 24;
    private static final long ADDRESS = 0;
    private static final long LENGTH = 8;
    private static final long SKIP = 12;
    private static final long ERROR = 20;

    private final MemorySegment argument;
    private final MemorySegment range;
    private final CallState state = CallState.current();

    /** @param range of {@link MemoryMaps#ofSocket}; what a call has mapped there goes with the next one */
    public ZerocopyReceive(SegmentAllocator allocator, MemorySegment range) {
        this.argument = allocator.allocate(ARGUMENT_BYTES, 8);
        this.range = range;
    }

    /** Where the payload appears. */
    public MemorySegment range() {
        return range;
    }

    /**
     * Takes whole pages of payload from the head of the socket's queue; never waits.
     *
     * @param most bytes, a multiple of the page size, at most the range's
     * @return bytes that now are at the beginning of the range; 0: none, and {@link #skip} says what is there instead;
     *     or a negative errno, {@code -Errno.EIO} at end of file
     */
    public int map(int fd, int most) {
        argument.set(JAVA_LONG, ADDRESS, range.address());
        argument.set(JAVA_INT, LENGTH, most);
        argument.set(JAVA_INT, SKIP, 0);
        argument.set(JAVA_INT, ERROR, 0);
        state.putInt(CallState.LENGTH, ARGUMENT_BYTES);
        int outcome = SocketCalls.getsockopt(
                fd,
                SocketConstants.IPPROTO_TCP,
                SocketConstants.TCP_ZEROCOPY_RECEIVE,
                argument.address(),
                state.address(CallState.LENGTH));
        Libc.keep(argument);
        if (outcome < 0) {
            return outcome;
        }
        int mapped = argument.get(JAVA_INT, LENGTH);
        // The socket's own error, as a negative errno.
        return mapped > 0 ? mapped : Math.min(0, argument.get(JAVA_INT, ERROR));
    }

    /** How many bytes have to be received otherwise before pages can be mapped again, by the last call. */
    public int skip() {
        return argument.get(JAVA_INT, SKIP);
    }
}
