package dev.flowlane.worker;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.ProcStat.CpuTimes;
import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.CpuShare;
import dev.flowlane.worker.protocol.CpuUse;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.KindFigures;
import dev.flowlane.worker.protocol.LaneSeen;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.TcpSummary;
import dev.flowlane.worker.protocol.ThreadUse;
import dev.flowlane.worker.protocol.Traffic;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes reports of what the I/O thread measured, on the control thread: adds what can be read from /proc for another
 * thread, compresses histograms, sums up.
 */
final class Reporter {
    private final Flow flow;
    private final int ioThreadId;
    private final FromWorker.Ready lane;
    private final CpuSet laneCpus;
    private final RoundTripCodec codec;
    private final ProcReadings proc;

    private List<CpuTimes> cpusBefore;
    private List<CpuTimes> cpusAtWindow;
    private @Nullable Long runDelayBeforeNs;
    private @Nullable Long runDelayAtWindowNs;

    /**
     * @param lane where the flow end was when it was ready
     * @param proc of this thread
     */
    Reporter(Flow flow, FromWorker.Ready lane, RoundTripCodec codec, ProcReadings proc) {
        this.flow = flow;
        this.lane = lane;
        this.ioThreadId = lane.threadId();
        this.codec = codec;
        this.proc = proc;
        codec.begin();
        laneCpus = laneCpus(lane);
        cpusBefore = proc.cpus(laneCpus);
        cpusAtWindow = cpusBefore;
        runDelayBeforeNs = proc.runDelayNs(ioThreadId);
        runDelayAtWindowNs = runDelayBeforeNs;
    }

    /** Traffic is about to begin: what the CPUs did while the flow end waited for START is not its doing. */
    void started() {
        cpusBefore = proc.cpus(laneCpus);
        cpusAtWindow = cpusBefore;
        runDelayBeforeNs = proc.runDelayNs(ioThreadId);
        runDelayAtWindowNs = runDelayBeforeNs;
    }

    IntervalReport interval(IntervalSlot slot) {
        List<CpuTimes> cpusNow = proc.cpus(laneCpus);
        Long runDelayNowNs = proc.runDelayNs(ioThreadId);
        Bytes histogram = roundTrips() ? codec.interval(slot.roundTrips, slot.warmup) : Bytes.empty();
        Histogram intended = intendedRoundTrips() ? slot.intendedRoundTrips : null;
        Histogram delays = flow.settings().receiveTimestamps() ? slot.receiveDelays : null;
        IntervalReport report = new IntervalReport(
                slot.seq,
                slot.warmup,
                slot.startedWallNs,
                slot.endedWallNs,
                slot.lengthNs,
                slot.after.since(slot.before),
                slot.after.toTraffic(),
                new ThreadUse(
                        slot.longestTurnNs,
                        slot.userNs,
                        slot.systemNs,
                        slot.involuntarySwitches,
                        difference(runDelayNowNs, runDelayBeforeNs)),
                new LaneSeen(
                        slot.applicationCpu,
                        cpus(slot.cpusSeen).toString(),
                        slot.receiveCpu,
                        Affinity.get(ioThreadId).toString()),
                bytes(slot.tcpInfo, slot.tcpInfoBytes),
                slot.roundTrips.getTotalCount(),
                histogram,
                intended == null ? Bytes.empty() : codec.intendedInterval(intended, slot.warmup),
                cpuUses(cpusNow),
                delays == null
                        ? null
                        : codec.delayInterval(
                                delays, slot.after.unstampedReceives - slot.before.unstampedReceives, slot.warmup),
                slot.droppedIntervals);
        cpusBefore = cpusNow;
        runDelayBeforeNs = runDelayNowNs;
        if (slot.warmup) {
            cpusAtWindow = cpusNow;
            runDelayAtWindowNs = runDelayNowNs;
        }
        return report;
    }

    /** After the last interval. */
    EndReport end(Flow.End end, Meter meter) {
        MeasuredWindow window = meter.window();
        Histogram lostIntended = intendedRoundTrips() ? meter.lost().intendedRoundTrips() : null;
        return new EndReport(
                flow.id(),
                flow.role(),
                end.outcome(),
                end.message(),
                meter.trafficStartedWallNs(),
                window.startedWallNs(),
                window.lengthNs(),
                window.opened() ? window.before().toTraffic() : meter.counters().toTraffic(),
                window.opened() ? meter.counters().since(window.before()) : Traffic.NONE,
                roundTrips() ? codec.total(meter.lost().roundTrips()) : null,
                lostIntended == null ? null : codec.intendedTotal(lostIntended),
                intervalsExpected(end, meter),
                meter.intervalsCut(),
                window.intervals(),
                meter.intervalsDropped(),
                end.firstPayloadErrorOffset(),
                tcp(window.firstTcpInfo(), window.finalTcpInfo()),
                cpuShare(),
                new ThreadUse(
                        window.longestTurnNs(),
                        window.userNs(),
                        window.systemNs(),
                        window.involuntarySwitches(),
                        difference(runDelayBeforeNs, runDelayAtWindowNs)),
                flow.traffic() == Role.SOURCE && flow.settings().pace() != null ? (Long) meter.dueNotSent() : null,
                flow.socketOptions(),
                ofKind(meter));
    }

    private KindFigures ofKind(Meter meter) {
        Histogram lost = meter.lost().receiveDelays();
        if (lost == null || !flow.settings().receiveTimestamps()) {
            return flow.ofKind();
        }
        MeasuredWindow window = meter.window();
        Counters before = window.opened() ? window.before() : meter.counters();
        long unstamped = meter.counters().unstampedReceives - before.unstampedReceives;
        return flow.ofKind().with(codec.delayTotal(lost, unstamped));
    }

    /** A flow that may end before its time has as many as it came to. */
    private int intervalsExpected(Flow.End end, Meter meter) {
        return flow.settings().course().limited() && end.outcome() == Outcome.DONE
                ? meter.intervalsCut()
                : flow.intervalsExpected();
    }

    private boolean roundTrips() {
        return flow.traffic() == Role.SOURCE && flow.settings().kind().timed();
    }

    private boolean intendedRoundTrips() {
        return flow.traffic() == Role.SOURCE && flow.settings().timesIntended();
    }

    private static CpuSet laneCpus(FromWorker.Ready lane) {
        CpuSet cpus = lane.applicationCpu() >= 0 ? CpuSet.of(lane.applicationCpu()) : CpuSet.empty();
        return lane.receiveCpu() >= 0 ? cpus.with(lane.receiveCpu()) : cpus;
    }

    private List<CpuUse> cpuUses(List<CpuTimes> now) {
        List<CpuUse> uses = new ArrayList<>();
        for (CpuTimes times : now) {
            CpuTimes before = find(cpusBefore, times.cpu());
            if (before != null) {
                CpuTimes spent = times.minus(before);
                uses.add(new CpuUse(
                        spent.cpu(),
                        part(spent.cpu()),
                        spent.userNs(),
                        spent.systemNs(),
                        spent.irqNs(),
                        spent.softirqNs(),
                        spent.iowaitNs(),
                        spent.stealNs(),
                        spent.idleNs()));
            }
        }
        return uses;
    }

    private CpuUse.Part part(int cpu) {
        if (cpu != lane.applicationCpu()) {
            return CpuUse.Part.RECEIVE;
        }
        return cpu == lane.receiveCpu() ? CpuUse.Part.APPLICATION_AND_RECEIVE : CpuUse.Part.APPLICATION;
    }

    private @Nullable CpuShare cpuShare() {
        double user = 0;
        double system = 0;
        double irq = 0;
        double softirq = 0;
        double steal = 0;
        double idle = 0;
        int cpus = 0;
        for (CpuTimes last : cpusBefore) {
            CpuTimes first = find(cpusAtWindow, last.cpu());
            if (first == null) {
                continue;
            }
            CpuTimes spent = last.minus(first);
            double allNs = (double) spent.userNs() + spent.systemNs() + spent.irqNs() + spent.softirqNs()
                    + spent.iowaitNs() + spent.stealNs() + spent.idleNs();
            if (allNs > 0) {
                user += spent.userNs() / allNs;
                system += spent.systemNs() / allNs;
                irq += spent.irqNs() / allNs;
                softirq += spent.softirqNs() / allNs;
                steal += spent.stealNs() / allNs;
                idle += spent.idleNs() / allNs;
                cpus++;
            }
        }
        return cpus == 0
                ? null
                : new CpuShare(user / cpus, system / cpus, irq / cpus, softirq / cpus, steal / cpus, idle / cpus);
    }

    private static @Nullable CpuTimes find(List<CpuTimes> times, int cpu) {
        for (CpuTimes candidate : times) {
            if (candidate.cpu() == cpu) {
                return candidate;
            }
        }
        return null;
    }

    private static CpuSet cpus(long[] seen) {
        CpuSet cpus = CpuSet.empty();
        for (int word = 0; word < seen.length; word++) {
            for (long left = seen[word]; left != 0; left &= left - 1) {
                cpus = cpus.with(word * Long.SIZE + Long.numberOfTrailingZeros(left));
            }
        }
        return cpus;
    }

    private static Bytes bytes(MemorySegment segment, int length) {
        return Bytes.copyOf(segment.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }

    private static TcpSummary tcp(TcpInfo atWindow, TcpInfo last) {
        return new TcpSummary(
                counted(TcpInfo.Field.TOTAL_RETRANS_SEGMENTS, atWindow, last),
                counted(TcpInfo.Field.REORD_SEEN, atWindow, last),
                counted(TcpInfo.Field.DELIVERED_CE_SEGMENTS, atWindow, last),
                nanos(last.get(TcpInfo.Field.RTT_US)),
                nanos(last.get(TcpInfo.Field.RTTVAR_US)),
                last.get(TcpInfo.Field.SND_WND_BYTES),
                last.get(TcpInfo.Field.SND_CWND_SEGMENTS));
    }

    private static @Nullable Long counted(TcpInfo.Field counter, TcpInfo atWindow, TcpInfo last) {
        return difference(last.get(counter), atWindow.get(counter));
    }

    private static @Nullable Long nanos(@Nullable Long micros) {
        return micros == null ? null : (Long) (micros * 1000);
    }

    private static @Nullable Long difference(@Nullable Long later, @Nullable Long earlier) {
        return later == null || earlier == null ? null : (Long) (later - earlier);
    }
}
