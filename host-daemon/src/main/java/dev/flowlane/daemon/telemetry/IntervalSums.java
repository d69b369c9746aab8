package dev.flowlane.daemon.telemetry;

import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.KindFigures;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.TcpSummary;
import dev.flowlane.worker.protocol.ThreadUse;
import dev.flowlane.worker.protocol.Traffic;
import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What the intervals of a flow end add up to: the report of an end whose worker did not live to write one. Exact for
 * the intervals that arrived; what came after the last one is lost with the worker.
 */
final class IntervalSums {
    private static final long NS_PER_US = 1_000;

    private Traffic warmup = Traffic.NONE;
    private Traffic measured = Traffic.NONE;
    private long trafficStartedWallNs;
    private long windowStartedWallNs;
    private long windowNs;
    private int intervals;
    private int measuredIntervals;
    private int dropped;
    private ThreadUse thread = ThreadUse.NONE;
    private @Nullable RecordedRoundTrips roundTrips;
    private @Nullable RecordedRoundTrips intendedRoundTrips;
    private @Nullable TcpInfo lastWarmup;
    private @Nullable TcpInfo last;

    void add(DecodedInterval decoded) {
        IntervalReport interval = decoded.report();
        if (trafficStartedWallNs == 0) {
            trafficStartedWallNs = interval.startedWallNs();
        }
        intervals++;
        dropped = interval.droppedIntervals();
        if (interval.warmup()) {
            warmup = warmup.plus(interval.traffic());
            lastWarmup = decoded.tcpInfo();
            return;
        }
        if (windowStartedWallNs == 0) {
            windowStartedWallNs = interval.startedWallNs();
        }
        measuredIntervals++;
        measured = measured.plus(interval.traffic());
        windowNs += interval.intervalNs();
        thread = plus(thread, interval.thread());
        last = decoded.tcpInfo();
        roundTrips = plus(roundTrips, decoded.roundTrips());
        intendedRoundTrips = plus(intendedRoundTrips, decoded.intendedRoundTrips());
    }

    private static @Nullable RecordedRoundTrips plus(
            @Nullable RecordedRoundTrips sum, @Nullable RecordedRoundTrips more) {
        if (sum == null || more == null) {
            return sum == null ? more : sum;
        }
        return sum.plus(more);
    }

    /** Null when no interval arrived. The outcome is for the caller to overrule. */
    @Nullable EndReport report(FlowEndId end, FlowSettings settings) {
        if (intervals == 0) {
            return null;
        }
        return new EndReport(
                end.flowId(),
                end.role(),
                Outcome.ERROR,
                null,
                trafficStartedWallNs,
                windowStartedWallNs,
                windowNs,
                warmup,
                measured,
                roundTrips == null ? null : roundTrips.compressed(),
                intendedRoundTrips == null ? null : intendedRoundTrips.compressed(),
                settings.warmupIntervals() + settings.measuredIntervals(),
                intervals,
                measuredIntervals,
                dropped,
                null,
                tcpSummary(),
                null,
                thread,
                null,
                List.of(),
                KindFigures.NONE);
    }

    private TcpSummary tcpSummary() {
        if (last == null) {
            return TcpSummary.UNKNOWN;
        }
        return new TcpSummary(
                sinceWarmup(TcpInfo.Field.TOTAL_RETRANS_SEGMENTS),
                sinceWarmup(TcpInfo.Field.REORD_SEEN),
                sinceWarmup(TcpInfo.Field.DELIVERED_CE_SEGMENTS),
                ns(last.get(TcpInfo.Field.RTT_US)),
                ns(last.get(TcpInfo.Field.RTTVAR_US)),
                last.get(TcpInfo.Field.SND_WND_BYTES),
                last.get(TcpInfo.Field.SND_CWND_SEGMENTS));
    }

    private @Nullable Long sinceWarmup(TcpInfo.Field field) {
        Long now = last == null ? null : last.get(field);
        Long then = lastWarmup == null ? Long.valueOf(0) : lastWarmup.get(field);
        return now == null || then == null ? null : now - then;
    }

    private static @Nullable Long ns(@Nullable Long us) {
        return us == null ? null : us * NS_PER_US;
    }

    private static ThreadUse plus(ThreadUse a, ThreadUse b) {
        Long runDelayNs = b.runDelayNs() == null
                ? a.runDelayNs()
                : Long.valueOf((a.runDelayNs() == null ? 0 : a.runDelayNs()) + b.runDelayNs());
        return new ThreadUse(
                Math.max(a.longestTurnNs(), b.longestTurnNs()),
                a.userNs() + b.userNs(),
                a.systemNs() + b.systemNs(),
                a.involuntarySwitches() + b.involuntarySwitches(),
                runDelayNs);
    }
}
