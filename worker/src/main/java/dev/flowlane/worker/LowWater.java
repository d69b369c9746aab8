package dev.flowlane.worker;

import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.FlowSettings;

/**
 * How much has to lie in a stream's socket before the kernel wakes the destination (SO_RCVLOWAT). A destination that is
 * faster than its source is otherwise woken for every few segments, and waking it is the source's work: on loopback a
 * plain loop in C receives 24 Gbit/s, and 36 with a mark of 256 KiB.
 *
 * <p>The mark follows the rate, so that no byte lies longer than {@link #LONGEST_WAIT_NS} for its sake: what a window
 * or an interval ends with is right to that. A slow stream has none.
 *
 * <p>Hot, in so far as it looks at the clock's difference once in {@link #LOOK_EVERY_BYTES}; allocates nothing.
 */
final class LowWater {
    static final long LONGEST_WAIT_NS = 100_000;

    /** The gain ends here; the kernel needs twice as much for the receive buffer, and sees to that by itself. */
    static final int MOST_BYTES = 256 << 10;

    /** Below it a mark wins nothing: a segment of loopback has up to 64 KiB, one of a network's 1,448 bytes. */
    static final int LEAST_BYTES = 8 << 10;

    /** The kernel's own: awake for any byte. */
    static final int NONE_BYTES = 1;

    private static final long LOOK_EVERY_BYTES = 4 << 20;

    private int fd;
    private boolean adapts;
    private int markBytes;
    private long sinceBytes;
    private long sinceNs;

    /**
     * For sockets that are waited for in receive, epoll_wait or a ring, and whose protocol asks the mark: the kernel's
     * TLS does not.
     */
    static boolean fits(FlowSettings settings) {
        boolean sleeps =
                switch (settings.engine()) {
                    case BLOCKING, EPOLL -> true;
                    // A ring for several flows has no tick for each, after which to take the mark off.
                    case IO_URING -> settings.flowsPerWorker() == 1;
                    case BUSY_POLL -> false;
                };
        return sleeps && settings.tls() == null && !settings.zerocopyReceive();
    }

    /** @param adapts false: the kernel's own mark stays */
    void attach(int socket, boolean adapts) {
        fd = socket;
        this.adapts = adapts;
        markBytes = NONE_BYTES;
        sinceBytes = 0;
        sinceNs = 0;
    }

    /**
     * Tells that a tick has passed without a byte. A receive that goes on waiting in a ring would let lie what is below
     * the mark until the source goes on: the kernel looks again when there is none.
     */
    void nothingCame() {
        if (markBytes > NONE_BYTES) {
            adapts = FlowSocket.setReceiveLowWater(fd, NONE_BYTES);
            markBytes = NONE_BYTES;
        }
    }

    /** Tells how far the stream has come. */
    void received(long bytes, long nowNs) {
        if (!adapts || bytes - sinceBytes < LOOK_EVERY_BYTES) {
            return;
        }
        if (sinceBytes > 0) {
            int wanted = markBytes(bytes - sinceBytes, nowNs - sinceNs);
            // A rate about a power of two would have it set again and again.
            if (wanted > markBytes || wanted < markBytes / 2) {
                adapts = FlowSocket.setReceiveLowWater(fd, wanted);
                markBytes = wanted;
            }
        }
        sinceBytes = bytes;
        sinceNs = nowNs;
    }

    /** The power of two that comes within {@link #LONGEST_WAIT_NS} at this rate. */
    static int markBytes(long bytes, long elapsedNs) {
        double within = (double) bytes * LONGEST_WAIT_NS / Math.max(1, elapsedNs);
        if (within < LEAST_BYTES) {
            return NONE_BYTES;
        }
        return Integer.highestOneBit((int) Math.min(within, MOST_BYTES));
    }
}
