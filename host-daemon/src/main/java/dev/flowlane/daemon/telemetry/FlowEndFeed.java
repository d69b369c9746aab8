package dev.flowlane.daemon.telemetry;

import dev.flowlane.daemon.machine.Accounting;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.worker.protocol.IntervalReport;
import org.jspecify.annotations.Nullable;

/**
 * The books of one flow end: which intervals came, which are acknowledged. Confined to the telemetry thread.
 */
final class FlowEndFeed {
    private final Effect.OpenTelemetry opened;
    private final IntervalRecords records;
    private final IntervalSums sums = new IntervalSums();
    private @Nullable IntervalReport previous;
    private int underWay;
    private int published;
    private int dropped;
    private int measuredPublished;
    private int drifted;
    private boolean closed;

    FlowEndFeed(String hostId, Effect.OpenTelemetry opened) {
        this.opened = opened;
        this.records = new IntervalRecords(opened.run(), hostId, opened.assignment(), opened.ready());
    }

    Effect.OpenTelemetry opened() {
        return opened;
    }

    IntervalRecords records() {
        return records;
    }

    /** Takes an interval into the books; the caller now owes {@link #acknowledged}. */
    @Nullable String arrived(IntervalReport interval) {
        String driftReason = Drift.reason(opened.assignment(), opened.ready(), interval.lane());
        if (driftReason != null && !interval.warmup()) {
            drifted++;
        }
        sums.add(interval);
        underWay++;
        return driftReason;
    }

    /** The interval before, if it was not lost; {@code interval} takes its place. */
    @Nullable IntervalReport replacePrevious(IntervalReport interval) {
        IntervalReport before = previous;
        previous = interval;
        return before != null && before.seq() == interval.seq() - 1 ? before : null;
    }

    /** Every record of an interval was acknowledged, or one was not. */
    void acknowledged(boolean warmup, boolean allThere) {
        underWay--;
        if (!allThere) {
            dropped++;
            return;
        }
        published++;
        if (!warmup) {
            measuredPublished++;
        }
    }

    /** An interval that arrived could not even be queued. */
    void lost() {
        dropped++;
    }

    void close() {
        closed = true;
    }

    boolean isSettled() {
        return closed && underWay == 0;
    }

    /** As it stands; what is still under way counts as dropped. */
    Accounting accounting() {
        return new Accounting(
                published,
                dropped + underWay,
                measuredPublished,
                drifted,
                sums.report(opened.assignment().end(), opened.settings()));
    }
}
