package dev.flowlane.daemon.telemetry;

import dev.flowlane.daemon.machine.Accounting;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.IntervalReport;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The books of one flow end: which intervals came, which are acknowledged. Confined to the telemetry thread.
 */
final class FlowEndFeed {
    private final Effect.OpenTelemetry opened;
    private final IntervalRecords records;
    private final IntervalSums sums = new IntervalSums();
    private final DriftWatch driftWatch;
    private @Nullable TcpInfo previousTcp;
    private int previousSeq;
    private int underWay;
    private int published;
    private int dropped;
    private int measuredPublished;
    private int drifted;
    private boolean closed;

    FlowEndFeed(String hostId, Effect.OpenTelemetry opened) {
        this.opened = opened;
        this.records = new IntervalRecords(
                opened.run(), hostId, opened.assignment(), opened.ready(), opened.settings().kind());
        this.driftWatch = new DriftWatch(opened.assignment().end());
    }

    Effect.OpenTelemetry opened() {
        return opened;
    }

    IntervalRecords records() {
        return records;
    }

    /**
     * What an interval says of the lane.
     *
     * @param reason how the flow left it, for a person; null when it did not
     * @param news what was not so in the interval before
     * @param left what of the lane was left, in the order of the kinds
     */
    record Lane(@Nullable String reason, List<LaneDrift> news, List<LaneDrift.Kind> left) {}

    /** Takes an interval into the books; the caller now owes {@link #acknowledged}. */
    Lane arrived(DecodedInterval decoded) {
        IntervalReport interval = decoded.report();
        List<Drift.Departure> departures =
                Drift.departures(opened.assignment(), opened.ready(), interval.lane());
        if (!departures.isEmpty() && !interval.warmup()) {
            drifted++;
        }
        sums.add(decoded);
        underWay++;
        String reason = departures.isEmpty()
                ? null
                : departures.stream().map(Drift.Departure::text).collect(Collectors.joining("; "));
        List<LaneDrift.Kind> left = departures.stream().map(Drift.Departure::kind).toList();
        return new Lane(reason, driftWatch.see(interval, departures), left);
    }

    /** TCP_INFO of the interval before, if that was not lost; this one's takes its place. */
    @Nullable TcpInfo replacePrevious(DecodedInterval interval) {
        int seq = interval.report().seq();
        TcpInfo before = previousSeq == seq - 1 ? previousTcp : null;
        previousTcp = interval.tcpInfo();
        previousSeq = seq;
        return before;
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

    /** Intervals that did not reach the brokers so far. */
    int dropped() {
        return dropped;
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
                driftWatch.firstMeasured(),
                sums.report(opened.assignment().end(), opened.settings()));
    }
}
