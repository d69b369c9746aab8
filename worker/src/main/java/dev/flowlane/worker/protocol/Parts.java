package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** The bytes of the reports; every {@code write} has its {@code read} below it, in the same order of fields. */
final class Parts {
    /** More than a lane has: an application and a receive CPU, and room for flows whose receive CPU moves. */
    private static final int MAX_CPUS = 1024;

    private static final int MAX_OPTIONS = 64;

    private Parts() {}

    static void write(WireWriter out, IntervalReport report) {
        out.i32(report.seq());
        out.flag(report.warmup());
        out.i64(report.startedWallNs());
        out.i64(report.endedWallNs());
        out.i64(report.intervalNs());
        write(out, report.traffic());
        write(out, report.totalTraffic());
        write(out, report.thread());
        out.i32(report.lane().applicationCpu());
        out.text(report.lane().applicationCpus());
        out.i32(report.lane().receiveCpu());
        out.text(report.lane().affinityCpus());
        out.bytes(report.tcpInfo());
        out.i64(report.roundTrips());
        out.bytes(report.roundTripHistogram());
        out.bytes(report.intendedRoundTripHistogram());
        out.i32(report.cpus().size());
        for (CpuUse use : report.cpus()) {
            write(out, use);
        }
        write(out, report.receiveDelay());
        out.i32(report.droppedIntervals());
    }

    static IntervalReport readInterval(WireReader in) throws MalformedMessageException {
        return new IntervalReport(
                in.i32(),
                in.flag(),
                in.i64(),
                in.i64(),
                in.i64(),
                readTraffic(in),
                readTraffic(in),
                readThreadUse(in),
                new LaneSeen(in.i32(), in.text(), in.i32(), in.text()),
                in.bytes(),
                in.i64(),
                in.bytes(),
                in.bytes(),
                readCpus(in),
                readReceiveDelay(in),
                in.i32());
    }

    private static void write(WireWriter out, CpuUse use) {
        out.i32(use.cpu());
        out.constant(use.part());
        out.i64(use.userNs());
        out.i64(use.systemNs());
        out.i64(use.irqNs());
        out.i64(use.softirqNs());
        out.i64(use.iowaitNs());
        out.i64(use.stealNs());
        out.i64(use.idleNs());
    }

    private static List<CpuUse> readCpus(WireReader in) throws MalformedMessageException {
        int count = in.count("number of CPUs", MAX_CPUS);
        List<CpuUse> cpus = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            cpus.add(new CpuUse(
                    in.i32(),
                    in.constant(CpuUse.Part.values()),
                    in.i64(),
                    in.i64(),
                    in.i64(),
                    in.i64(),
                    in.i64(),
                    in.i64(),
                    in.i64()));
        }
        return cpus;
    }

    static void write(WireWriter out, EndReport report) {
        out.text(report.flowId());
        out.constant(report.role());
        out.constant(report.outcome());
        out.optionalText(report.message());
        out.i64(report.trafficStartedWallNs());
        out.i64(report.windowStartedWallNs());
        out.i64(report.windowNs());
        write(out, report.warmup());
        write(out, report.measured());
        out.optionalBytes(report.roundTripHistogram());
        out.optionalBytes(report.intendedRoundTripHistogram());
        out.i32(report.intervalsExpected());
        out.i32(report.intervalsCut());
        out.i32(report.measuredIntervalsCut());
        out.i32(report.intervalsDropped());
        out.optionalI64(report.firstPayloadErrorOffset());
        write(out, report.tcp());
        write(out, report.cpuShare());
        write(out, report.thread());
        out.optionalI64(report.dueNotSent());
        out.i32(report.socketOptions().size());
        for (AppliedOption option : report.socketOptions()) {
            out.text(option.name());
            out.optionalText(option.asked());
            out.optionalText(option.effective());
        }
        write(out, report.ofKind());
    }

    static EndReport readEnd(WireReader in) throws MalformedMessageException {
        return new EndReport(
                in.text(),
                in.constant(Role.values()),
                in.constant(Outcome.values()),
                in.optionalText(),
                in.i64(),
                in.i64(),
                in.i64(),
                readTraffic(in),
                readTraffic(in),
                in.optionalBytes(),
                in.optionalBytes(),
                in.i32(),
                in.i32(),
                in.i32(),
                in.i32(),
                in.optionalI64(),
                readTcpSummary(in),
                readCpuShare(in),
                readThreadUse(in),
                in.optionalI64(),
                readOptions(in),
                readKindFigures(in));
    }

    private static void write(WireWriter out, KindFigures figures) {
        WindowEnd windowEnd = figures.windowEnd();
        out.flag(windowEnd != null);
        if (windowEnd != null) {
            out.constant(windowEnd);
        }
        out.optionalI64(figures.receiveWindowNs());
        out.i32(figures.connections().size());
        for (CpuConnections cpu : figures.connections()) {
            out.i32(cpu.cpu());
            out.i64(cpu.connections());
        }
        write(out, figures.receiveDelay());
    }

    private static KindFigures readKindFigures(WireReader in) throws MalformedMessageException {
        WindowEnd windowEnd = in.flag() ? in.constant(WindowEnd.values()) : null;
        Long receiveWindowNs = in.optionalI64();
        // One more than there are CPUs: those of which the kernel did not tell.
        int count = in.count("number of CPUs", MAX_CPUS + 1);
        List<CpuConnections> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connections.add(new CpuConnections(in.i32(), in.i64()));
        }
        return new KindFigures(windowEnd, receiveWindowNs, connections, readReceiveDelay(in));
    }

    private static void write(WireWriter out, @Nullable ReceiveDelay delay) {
        out.flag(delay != null);
        if (delay != null) {
            out.i64(delay.samples());
            out.i64(delay.withoutTimestamp());
            out.i64(delay.p50Ns());
            out.i64(delay.p90Ns());
            out.i64(delay.p99Ns());
            out.i64(delay.p999Ns());
            out.i64(delay.maxNs());
            out.f64(delay.meanNs());
        }
    }

    private static @Nullable ReceiveDelay readReceiveDelay(WireReader in) throws MalformedMessageException {
        return in.flag()
                ? new ReceiveDelay(
                        in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.f64())
                : null;
    }

    private static List<AppliedOption> readOptions(WireReader in) throws MalformedMessageException {
        int count = in.count("number of socket options", MAX_OPTIONS);
        List<AppliedOption> options = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            options.add(new AppliedOption(in.text(), in.optionalText(), in.optionalText()));
        }
        return options;
    }

    private static void write(WireWriter out, Traffic traffic) {
        out.i64(traffic.sentBytes());
        out.i64(traffic.receivedBytes());
        out.i64(traffic.transactions());
        out.i64(traffic.sendCalls());
        out.i64(traffic.receiveCalls());
        out.i64(traffic.payloadErrors());
        out.i64(traffic.zerocopyCompletions());
        out.i64(traffic.zerocopyCopies());
        out.i64(traffic.mappedBytes());
        out.i64(traffic.failedConnections());
        out.i64(traffic.portlessConnections());
        write(out, traffic.datagrams());
    }

    private static Traffic readTraffic(WireReader in) throws MalformedMessageException {
        return new Traffic(
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                readDatagrams(in));
    }

    private static void write(WireWriter out, Datagrams datagrams) {
        out.i64(datagrams.sentMessages());
        out.i64(datagrams.receivedMessages());
        out.i64(datagrams.lostMessages());
        out.i64(datagrams.duplicateMessages());
        out.i64(datagrams.reorderedMessages());
        out.i64(datagrams.lateMessages());
        out.i64(datagrams.timedOutRequests());
        out.i64(datagrams.lateResponses());
        out.i64(datagrams.foreignMessages());
        out.i64(datagrams.bufferDrops());
        out.i64(datagrams.jitterNs());
    }

    private static Datagrams readDatagrams(WireReader in) throws MalformedMessageException {
        return new Datagrams(
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64());
    }

    private static void write(WireWriter out, ThreadUse use) {
        out.i64(use.longestTurnNs());
        out.i64(use.userNs());
        out.i64(use.systemNs());
        out.i64(use.involuntarySwitches());
        out.optionalI64(use.runDelayNs());
    }

    private static ThreadUse readThreadUse(WireReader in) throws MalformedMessageException {
        return new ThreadUse(in.i64(), in.i64(), in.i64(), in.i64(), in.optionalI64());
    }

    private static void write(WireWriter out, TcpSummary tcp) {
        out.optionalI64(tcp.retransmittedSegments());
        out.optionalI64(tcp.reorderingSeen());
        out.optionalI64(tcp.deliveredCe());
        out.optionalI64(tcp.smoothedRttNs());
        out.optionalI64(tcp.rttVarianceNs());
        out.optionalI64(tcp.sendWindowBytes());
        out.optionalI64(tcp.congestionWindowSegments());
    }

    private static TcpSummary readTcpSummary(WireReader in) throws MalformedMessageException {
        return new TcpSummary(
                in.optionalI64(),
                in.optionalI64(),
                in.optionalI64(),
                in.optionalI64(),
                in.optionalI64(),
                in.optionalI64(),
                in.optionalI64());
    }

    private static void write(WireWriter out, @Nullable CpuShare share) {
        out.flag(share != null);
        if (share != null) {
            out.f64(share.user());
            out.f64(share.system());
            out.f64(share.irq());
            out.f64(share.softirq());
            out.f64(share.steal());
            out.f64(share.idle());
        }
    }

    private static @Nullable CpuShare readCpuShare(WireReader in) throws MalformedMessageException {
        return in.flag()
                ? new CpuShare(in.f64(), in.f64(), in.f64(), in.f64(), in.f64(), in.f64())
                : null;
    }
}
