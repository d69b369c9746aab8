package dev.flowlane.worker;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowCalls;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.StampedMessage;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The last words of both ends of a flow over UDP, over its TCP connection: how many messages each has sent. 24 bytes,
 * big-endian: "FLWE", four zero bytes, messages of the warm-up, messages of the measured window.
 */
final class FinalCounts {
    /** What {@link #hear} found. */
    enum Word {
        NOT_YET,
        HEARD,
        /** The peer closed the connection and had not said it. */
        CLOSED,
        /** The peer said something else. */
        BROKEN
    }

    private static final int BYTES = 24;

    /** "FLWE". */
    private static final int MAGIC = 0x464C5745;

    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final long WARMUP = 8;
    private static final long MEASURED = 16;

    private final MemorySegment said = Arena.global().allocate(BYTES);
    private final MemorySegment heard = Arena.global().allocate(BYTES);
    private final StampedMessage message = new StampedMessage();
    private FlowCalls calls = FlowCalls.ofThisThread();
    private boolean stamped;
    private int fd;
    private int have;

    /** @param flow whose connection it is */
    void attach(Flow flow) {
        fd = flow.fd();
        have = 0;
        calls = FlowCalls.ofThisThread();
        stamped = flow.settings().receiveTimestamps();
    }

    /** Says it and half-closes; 0, or a negative errno. Few bytes: there is always room for them. */
    long say(long warmupMessages, long measuredMessages) {
        said.set(INT, 0, MAGIC);
        said.set(INT, Integer.BYTES, 0);
        said.set(LONG, WARMUP, warmupMessages);
        said.set(LONG, MEASURED, measuredMessages);
        long n = FlowSocket.send(fd, said, 0, BYTES, FlowSocket.MSG_DONTWAIT);
        if (n != BYTES) {
            return n < 0 ? n : -Errno.EPIPE;
        }
        return FlowSocket.shutdownWrite(fd);
    }

    /** Reads what the peer said, without waiting. */
    Word hear() {
        long n = receive();
        if (n > 0) {
            have += (int) n;
            if (have < BYTES) {
                return Word.NOT_YET;
            }
            boolean sound = heard.get(INT, 0) == MAGIC && warmupMessages() >= 0 && measuredMessages() >= 0;
            return sound ? Word.HEARD : Word.BROKEN;
        }
        return n == -Errno.EAGAIN || n == -Errno.EINTR ? Word.NOT_YET : Word.CLOSED;
    }

    /**
     * By the same call as the flow's datagrams: a few calls in a second are never compiled for themselves, and one that
     * is not compiled leaves something for the collector.
     */
    private long receive() {
        int how = FlowSocket.MSG_DONTWAIT;
        return stamped
                ? calls.receiveStamped(fd, message, heard, have, BYTES - have, how)
                : calls.recv(fd, heard, have, BYTES - have, how);
    }

    /** Messages that the peer sent in the warm-up; after {@link Word#HEARD}. */
    long warmupMessages() {
        return heard.get(LONG, WARMUP);
    }

    /** Messages that the peer sent in the measured window; after {@link Word#HEARD}. */
    long measuredMessages() {
        return heard.get(LONG, MEASURED);
    }
}
