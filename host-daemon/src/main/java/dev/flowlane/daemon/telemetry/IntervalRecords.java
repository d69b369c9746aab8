package dev.flowlane.daemon.telemetry;

import dev.flowlane.avro.CpuPlacement;
import dev.flowlane.avro.CpuUse;
import dev.flowlane.avro.CpuUseKind;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Latency;
import dev.flowlane.avro.Steering;
import dev.flowlane.avro.TcpStats;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.ReadyEnd;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.wire.DatagramsAvro;
import dev.flowlane.daemon.wire.ReceiveDelayAvro;
import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.TrafficKind;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The records of one flow end's intervals: every column that comes from an interval is filled in here. */
final class IntervalRecords {
    private static final long NS_PER_MS = 1_000_000;

    /** As in Latency.avsc. */
    private static final String ACTUAL = "actual";

    private static final String INTENDED = "intended";

    private final RunRef run;
    private final String hostId;
    private final Order.Assignment planned;
    private final ReadyEnd lane;
    private final TrafficKind kind;

    IntervalRecords(RunRef run, String hostId, Order.Assignment planned, ReadyEnd lane, TrafficKind kind) {
        this.run = run;
        this.hostId = hostId;
        this.planned = planned;
        this.lane = lane;
        this.kind = kind;
    }

    /** Whether the flow goes over UDP, which has no TCP_INFO. */
    boolean overUdp() {
        return kind.datagrams();
    }

    /** Event time of every record of the interval: its end. */
    static Instant eventTime(IntervalReport interval) {
        return Instant.ofEpochMilli(interval.endedWallNs() / NS_PER_MS);
    }

    FlowStats flowStats(IntervalReport interval) {
        return FlowStats.newBuilder()
                .setRunId(run.runId())
                .setFlowId(flowId())
                .setHostId(hostId)
                .setFlowRole(role())
                .setSeq(interval.seq())
                .setEventTime(eventTime(interval))
                .setWarmup(interval.warmup())
                .setIntervalStartedNs(interval.startedWallNs())
                .setIntervalNs(interval.intervalNs())
                .setSentBytes(interval.traffic().sentBytes())
                .setReceivedBytes(interval.traffic().receivedBytes())
                .setTransactions(interval.traffic().transactions())
                .setSentBytesTotal(interval.totalTraffic().sentBytes())
                .setReceivedBytesTotal(interval.totalTraffic().receivedBytes())
                .setTransactionsTotal(interval.totalTraffic().transactions())
                .setSendCalls(interval.traffic().sendCalls())
                .setReceiveCalls(interval.traffic().receiveCalls())
                .setPayloadErrors(interval.traffic().payloadErrors())
                .setZerocopyReceivedBytes(interval.traffic().mappedBytes())
                .setZerocopyCompletions(interval.traffic().zerocopyCompletions())
                .setZerocopyCopies(interval.traffic().zerocopyCopies())
                .setFailedConnections(interval.traffic().failedConnections())
                .setPortlessConnections(interval.traffic().portlessConnections())
                .setLongestTurnNs(interval.thread().longestTurnNs())
                .setInvoluntarySwitches(interval.thread().involuntarySwitches())
                .setRunDelayNs(interval.thread().runDelayNs())
                .setWorkerUserNs(interval.thread().userNs())
                .setWorkerSystemNs(interval.thread().systemNs())
                .setDatagrams(
                        overUdp()
                                ? DatagramsAvro.of(
                                        interval.traffic().datagrams(), planned.end().role())
                                : null)
                .setReceiveDelay(ReceiveDelayAvro.of(interval.receiveDelay()))
                .build();
    }

    /** @param previous the interval before it at this end; null when there is none or it was lost */
    TcpStats tcpStats(IntervalReport interval, @Nullable IntervalReport previous) {
        TcpInfo info = TcpInfo.of(interval.tcpInfo().toArray());
        TcpInfo before = previous == null ? null : TcpInfo.of(previous.tcpInfo().toArray());
        TcpStats stats = TcpStats.newBuilder()
                .setRunId(run.runId())
                .setFlowId(flowId())
                .setHostId(hostId)
                .setFlowRole(role())
                .setSeq(interval.seq())
                .setEventTime(eventTime(interval))
                .setWarmup(interval.warmup())
                .setIntervalStartedNs(interval.startedWallNs())
                .setIntervalNs(interval.intervalNs())
                .setTcpInfoBytes(info.length())
                .setRetransmittedSegments(delta(info, before, TcpInfo.Field.TOTAL_RETRANS_SEGMENTS))
                .setDeliveredSegmentsDelta(delta(info, before, TcpInfo.Field.DELIVERED_SEGMENTS))
                .build();
        // The enum's names are the columns' names: a field that one of them lacks fails the first test that runs.
        for (TcpInfo.Field field : TcpInfo.Field.values()) {
            stats.put(field.column(), info.get(field));
        }
        return stats;
    }

    CpuPlacement cpuPlacement(IntervalReport interval, @Nullable String driftReason) {
        return CpuPlacement.newBuilder()
                .setRunId(run.runId())
                .setFlowId(flowId())
                .setHostId(hostId)
                .setFlowRole(role())
                .setSeq(interval.seq())
                .setEventTime(eventTime(interval))
                .setWarmup(interval.warmup())
                .setIntervalStartedNs(interval.startedWallNs())
                .setIntervalNs(interval.intervalNs())
                .setPlannedApplicationCpu(planned.applicationCpu())
                .setApplicationCpu(interval.lane().applicationCpu())
                .setApplicationCpus(interval.lane().applicationCpus())
                .setLaneReceiveCpu(lane.receiveCpu())
                .setReceiveCpu(interval.lane().receiveCpu())
                .setAffinityCpus(interval.lane().affinityCpus())
                .setSteering(Steering.valueOf(lane.steering().name()))
                .setDrifted(driftReason != null)
                .setDriftReason(driftReason)
                .setWorkerPid(lane.workerPid())
                .setThreadId(lane.threadId())
                .build();
    }

    List<CpuUse> cpuUses(IntervalReport interval) {
        return interval.cpus().stream().map(cpu -> cpuUse(interval, cpu)).toList();
    }

    private CpuUse cpuUse(IntervalReport interval, dev.flowlane.worker.protocol.CpuUse cpu) {
        return CpuUse.newBuilder()
                .setRunId(run.runId())
                .setFlowId(flowId())
                .setHostId(hostId)
                .setFlowRole(role())
                .setSeq(interval.seq())
                .setEventTime(eventTime(interval))
                .setWarmup(interval.warmup())
                .setIntervalStartedNs(interval.startedWallNs())
                .setIntervalNs(interval.intervalNs())
                .setCpu(cpu.cpu())
                .setCpuUse(CpuUseKind.valueOf(cpu.part().name()))
                .setUserNs(cpu.userNs())
                .setSystemNs(cpu.systemNs())
                .setIrqNs(cpu.irqNs())
                .setSoftirqNs(cpu.softirqNs())
                .setIowaitNs(cpu.iowaitNs())
                .setStealNs(cpu.stealNs())
                .setIdleNs(cpu.idleNs())
                .build();
    }

    /** Empty unless this end records round trips: from their actual and, at a pace, from their intended send times. */
    List<Latency> latencies(IntervalReport interval) {
        List<Latency> latencies = new ArrayList<>();
        if (interval.roundTripHistogram().size() > 0) {
            latencies.add(latency(interval, interval.roundTripHistogram(), ACTUAL));
        }
        if (interval.intendedRoundTripHistogram().size() > 0) {
            latencies.add(latency(interval, interval.intendedRoundTripHistogram(), INTENDED));
        }
        return latencies;
    }

    private Latency latency(IntervalReport interval, Bytes encoded, String sendTimeBasis) {
        byte[] compressed = encoded.toArray();
        Histogram histogram = RoundTrips.decode(compressed);
        RecordedRoundTrips recorded = RecordedRoundTrips.of(histogram);
        boolean any = recorded.samples() > 0;
        return Latency.newBuilder()
                .setRunId(run.runId())
                .setFlowId(flowId())
                .setHostId(hostId)
                .setFlowRole(role())
                .setSeq(interval.seq())
                .setEventTime(eventTime(interval))
                .setWarmup(interval.warmup())
                .setIntervalStartedNs(interval.startedWallNs())
                .setIntervalNs(interval.intervalNs())
                .setSamples(interval.roundTrips())
                .setHistogram(ByteBuffer.wrap(compressed))
                .setSendTimeBasis(sendTimeBasis)
                .setSignificantDigits(RoundTrips.SIGNIFICANT_DIGITS)
                .setBuckets(RoundTrips.buckets(recorded))
                .setRoundTripP25Ns(percentile(recorded, 25))
                .setRoundTripP50Ns(percentile(recorded, 50))
                .setRoundTripP75Ns(percentile(recorded, 75))
                .setRoundTripP90Ns(percentile(recorded, 90))
                .setRoundTripP99Ns(percentile(recorded, 99))
                .setRoundTripP999Ns(percentile(recorded, 99.9))
                .setRoundTripP9999Ns(percentile(recorded, 99.99))
                .setRoundTripMaxNs(any ? histogram.getMaxValue() : null)
                .setRoundTripMeanNs(any ? recorded.totalNs() / recorded.samples() : null)
                .build();
    }

    private static @Nullable Long percentile(RecordedRoundTrips recorded, double percent) {
        return recorded.samples() == 0 ? null : recorded.percentileNs(percent);
    }

    private static @Nullable Long delta(TcpInfo info, @Nullable TcpInfo before, TcpInfo.Field field) {
        Long now = info.get(field);
        Long then = before == null ? null : before.get(field);
        return now == null || then == null ? null : now - then;
    }

    private String flowId() {
        return planned.end().flowId();
    }

    private FlowRole role() {
        return planned.end().role() == Role.SOURCE ? FlowRole.SOURCE : FlowRole.DESTINATION;
    }
}
