package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.RandomBytes;
import dev.flowlane.worker.protocol.Outcome;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What the ends of a connection-rate flow tell each other. Over the flow's own connection, once, the destination says
 * at which port it listens, and the token that every new connection has to begin with; that connection was proven by
 * the daemons. A new connection begins with a header: the token, and whether the measured window has begun.
 */
final class Introduction {
    static final int TOKEN_BYTES = 16;
    static final int HEADER_BYTES = TOKEN_BYTES + 1;

    /** Part of a request that goes with the header in one call. */
    static final int FIRST_PAYLOAD_BYTES = 4096;

    private static final long PORT = TOKEN_BYTES;
    private static final int ANNOUNCEMENT_BYTES = TOKEN_BYTES + Short.BYTES;
    private static final ValueLayout.OfShort PORT_LAYOUT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final byte WARMUP = 1;
    private static final byte MEASURED = 2;
    private static final long SLICE_NS = 20_000_000;

    private final MemorySegment announcement = Arena.global().allocate(ANNOUNCEMENT_BYTES, Long.BYTES);

    /** Header and the first part of the request, as sent or as received. */
    private final MemorySegment head = Buffers.unscoped(
            Arena.global().allocate(HEADER_BYTES + FIRST_PAYLOAD_BYTES, Long.BYTES));

    private final MemorySegment payload = head.asSlice(HEADER_BYTES);

    MemorySegment head() {
        return head;
    }

    /** The part of {@link #head} after the header. */
    MemorySegment payload() {
        return payload;
    }

    /** Destination: a new token, and the port that goes with it. */
    Flow.@Nullable End announce(Flow flow, int port) {
        RandomBytes.fill(announcement, 0, TOKEN_BYTES);
        announcement.set(PORT_LAYOUT, PORT, (short) port);
        return exchange(flow, true);
    }

    /** Source: waits for the announcement. Then {@link #port} is known, and {@link #head} begins with the header. */
    Flow.@Nullable End hear(Flow flow) {
        Flow.End failure = exchange(flow, false);
        MemorySegment.copy(announcement, 0, head, 0, TOKEN_BYTES);
        for (int i = 0; i < FIRST_PAYLOAD_BYTES; i++) {
            payload.set(ValueLayout.JAVA_BYTE, i, Pattern.at(i));
        }
        say(false);
        return failure;
    }

    int port() {
        return Short.toUnsignedInt(announcement.get(PORT_LAYOUT, PORT));
    }

    /** Source: what the headers say from now on. */
    void say(boolean measured) {
        head.set(ValueLayout.JAVA_BYTE, TOKEN_BYTES, measured ? MEASURED : WARMUP);
    }

    /** Destination: whether the header that was received has the token; takes the same time wherever it differs. */
    boolean proven() {
        long difference = 0;
        for (long at = 0; at < TOKEN_BYTES; at += Long.BYTES) {
            difference |= head.get(ValueLayout.JAVA_LONG, at) ^ announcement.get(ValueLayout.JAVA_LONG, at);
        }
        return difference == 0;
    }

    boolean saysMeasured() {
        return head.get(ValueLayout.JAVA_BYTE, TOKEN_BYTES) == MEASURED;
    }

    private Flow.@Nullable End exchange(Flow flow, boolean send) {
        long giveUpNs = System.nanoTime() + flow.settings().settleTimeoutNs();
        String call = send ? "send" : "recv";
        int done = 0;
        while (done < ANNOUNCEMENT_BYTES) {
            int left = ANNOUNCEMENT_BYTES - done;
            long n = send
                    ? FlowSocket.send(flow.fd(), announcement, done, left, FlowSocket.MSG_DONTWAIT)
                    : FlowSocket.recv(flow.fd(), announcement, done, left, FlowSocket.MSG_DONTWAIT);
            if (n > 0) {
                done += (int) n;
                continue;
            }
            if (n == 0) {
                return end(Outcome.PEER_GONE, "peer closed the connection before it said where it listens");
            }
            if (n != -Errno.EAGAIN && n != -Errno.EINTR) {
                return end(Outcome.PEER_GONE, "agreeing on a port: " + call + ": " + Errno.name((int) -n));
            }
            if (flow.stopRequested()) {
                return end(Outcome.NEVER_STARTED, flow.stopReason());
            }
            long leftNs = giveUpNs - System.nanoTime();
            if (leftNs <= 0) {
                return end(
                        Outcome.TIMED_OUT,
                        "peer did not say where it listens within " + flow.settings().settleTimeoutNs() / 1_000_000
                                + " ms");
            }
            int event = send ? FlowSocket.POLLOUT : FlowSocket.POLLIN;
            FlowSocket.poll(flow.fd(), event, Math.min(SLICE_NS, leftNs));
        }
        return null;
    }

    private static Flow.End end(Outcome outcome, @Nullable String message) {
        return new Flow.End(outcome, message, null);
    }
}
