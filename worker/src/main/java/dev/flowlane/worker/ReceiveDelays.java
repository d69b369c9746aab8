package dev.flowlane.worker;

import dev.flowlane.posix.Clock;
import dev.flowlane.worker.protocol.ReceiveDelay;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Books how long what is received has lain in the kernel, on the I/O thread; allocates nothing. */
final class ReceiveDelays {
    private final Counters counters;
    private @Nullable Histogram into;

    ReceiveDelays(Counters counters) {
        this.counters = counters;
    }

    /** From now on delays belong there; null: nobody asks for them. */
    void openInto(@Nullable Histogram histogram) {
        into = histogram;
    }

    boolean asked() {
        return into != null;
    }

    /**
     * A receive call has just returned.
     *
     * @param stampNs the kernel's receive timestamp, CLOCK_REALTIME; 0 when there was none
     */
    void book(long stampNs) {
        book(stampNs, stampNs == 0 ? 0 : Clock.realtimeNs());
    }

    /** As {@link #book(long)}, for the messages of one call, which returned at {@code nowNs}, CLOCK_REALTIME. */
    void book(long stampNs, long nowNs) {
        Histogram histogram = into;
        if (histogram == null) {
            return;
        }
        long delayNs = nowNs - stampNs;
        if (stampNs == 0 || delayNs < 0) {
            counters.unstampedReceives++;
        } else {
            histogram.recordValue(Math.min(delayNs, IntervalSlot.LONGEST_ROUND_TRIP_NS));
        }
    }

    /** The figures of a histogram. */
    static ReceiveDelay figures(Histogram delays, long unstamped) {
        long samples = delays.getTotalCount();
        return samples == 0
                ? new ReceiveDelay(0, unstamped, 0, 0, 0, 0, 0, 0)
                : new ReceiveDelay(
                        samples,
                        unstamped,
                        delays.getValueAtPercentile(50),
                        delays.getValueAtPercentile(90),
                        delays.getValueAtPercentile(99),
                        delays.getValueAtPercentile(99.9),
                        delays.getMaxValue(),
                        delays.getMean());
    }
}
