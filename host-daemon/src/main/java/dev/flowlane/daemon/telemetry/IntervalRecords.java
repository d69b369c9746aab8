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
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The records of one flow end's intervals: every column that comes from an interval is filled in here. By setters: the
 * builders of Avro look every field up and check it, which costs more than to write it, and {@code Codec} checks again.
 */
final class IntervalRecords {
    private static final long NS_PER_MS = 1_000_000;

    /** As in Latency.avsc. */
    private static final String ACTUAL = "actual";

    private static final String INTENDED = "intended";

    private static final TcpInfo.Field[] TCP_FIELDS = TcpInfo.Field.values();

    /** Where in TcpStats each of {@link #TCP_FIELDS} goes. */
    private static final int[] TCP_COLUMNS = tcpColumns();

    private static final double[] PERCENTS = {25, 50, 75, 90, 99, 99.9, 99.99};

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

    /** The enum's names are the columns' names: a field that one of them lacks fails the first test that runs. */
    private static int[] tcpColumns() {
        Schema schema = TcpStats.getClassSchema();
        return Arrays.stream(TCP_FIELDS)
                .mapToInt(field -> schema.getField(field.column()).pos())
                .toArray();
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
        FlowStats stats = new FlowStats();
        stats.setRunId(run.runId());
        stats.setFlowId(flowId());
        stats.setHostId(hostId);
        stats.setFlowRole(role());
        stats.setSeq(interval.seq());
        stats.setEventTime(eventTime(interval));
        stats.setWarmup(interval.warmup());
        stats.setIntervalStartedNs(interval.startedWallNs());
        stats.setIntervalNs(interval.intervalNs());
        stats.setSentBytes(interval.traffic().sentBytes());
        stats.setReceivedBytes(interval.traffic().receivedBytes());
        stats.setTransactions(interval.traffic().transactions());
        stats.setSentBytesTotal(interval.totalTraffic().sentBytes());
        stats.setReceivedBytesTotal(interval.totalTraffic().receivedBytes());
        stats.setTransactionsTotal(interval.totalTraffic().transactions());
        stats.setSendCalls(interval.traffic().sendCalls());
        stats.setReceiveCalls(interval.traffic().receiveCalls());
        stats.setPayloadErrors(interval.traffic().payloadErrors());
        stats.setZerocopyReceivedBytes(interval.traffic().mappedBytes());
        stats.setZerocopyCompletions(interval.traffic().zerocopyCompletions());
        stats.setZerocopyCopies(interval.traffic().zerocopyCopies());
        stats.setFailedConnections(interval.traffic().failedConnections());
        stats.setPortlessConnections(interval.traffic().portlessConnections());
        stats.setLongestTurnNs(interval.thread().longestTurnNs());
        stats.setInvoluntarySwitches(interval.thread().involuntarySwitches());
        stats.setRunDelayNs(interval.thread().runDelayNs());
        stats.setWorkerUserNs(interval.thread().userNs());
        stats.setWorkerSystemNs(interval.thread().systemNs());
        stats.setDatagrams(overUdp() ? DatagramsAvro.of(interval.traffic().datagrams(), planned.end().role()) : null);
        stats.setReceiveDelay(ReceiveDelayAvro.of(interval.receiveDelay()));
        return stats;
    }

    /** @param before at the end of the interval before it at this end; null when there is none or it was lost */
    TcpStats tcpStats(DecodedInterval decoded, @Nullable TcpInfo before) {
        IntervalReport interval = decoded.report();
        TcpInfo info = decoded.tcpInfo();
        TcpStats stats = new TcpStats();
        stats.setRunId(run.runId());
        stats.setFlowId(flowId());
        stats.setHostId(hostId);
        stats.setFlowRole(role());
        stats.setSeq(interval.seq());
        stats.setEventTime(eventTime(interval));
        stats.setWarmup(interval.warmup());
        stats.setIntervalStartedNs(interval.startedWallNs());
        stats.setIntervalNs(interval.intervalNs());
        stats.setTcpInfoBytes(info.length());
        stats.setRetransmittedSegments(delta(info, before, TcpInfo.Field.TOTAL_RETRANS_SEGMENTS));
        stats.setDeliveredSegmentsDelta(delta(info, before, TcpInfo.Field.DELIVERED_SEGMENTS));
        for (int i = 0; i < TCP_FIELDS.length; i++) {
            stats.put(TCP_COLUMNS[i], info.get(TCP_FIELDS[i]));
        }
        return stats;
    }

    CpuPlacement cpuPlacement(IntervalReport interval, @Nullable String driftReason) {
        CpuPlacement placement = new CpuPlacement();
        placement.setRunId(run.runId());
        placement.setFlowId(flowId());
        placement.setHostId(hostId);
        placement.setFlowRole(role());
        placement.setSeq(interval.seq());
        placement.setEventTime(eventTime(interval));
        placement.setWarmup(interval.warmup());
        placement.setIntervalStartedNs(interval.startedWallNs());
        placement.setIntervalNs(interval.intervalNs());
        placement.setPlannedApplicationCpu(planned.applicationCpu());
        placement.setApplicationCpu(interval.lane().applicationCpu());
        placement.setApplicationCpus(interval.lane().applicationCpus());
        placement.setLaneReceiveCpu(lane.receiveCpu());
        placement.setReceiveCpu(interval.lane().receiveCpu());
        placement.setAffinityCpus(interval.lane().affinityCpus());
        placement.setSteering(Steering.valueOf(lane.steering().name()));
        placement.setDrifted(driftReason != null);
        placement.setDriftReason(driftReason);
        placement.setWorkerPid(lane.workerPid());
        placement.setThreadId(lane.threadId());
        return placement;
    }

    List<CpuUse> cpuUses(IntervalReport interval) {
        return interval.cpus().stream().map(cpu -> cpuUse(interval, cpu)).toList();
    }

    private CpuUse cpuUse(IntervalReport interval, dev.flowlane.worker.protocol.CpuUse cpu) {
        CpuUse use = new CpuUse();
        use.setRunId(run.runId());
        use.setFlowId(flowId());
        use.setHostId(hostId);
        use.setFlowRole(role());
        use.setSeq(interval.seq());
        use.setEventTime(eventTime(interval));
        use.setWarmup(interval.warmup());
        use.setIntervalStartedNs(interval.startedWallNs());
        use.setIntervalNs(interval.intervalNs());
        use.setCpu(cpu.cpu());
        use.setCpuUse(CpuUseKind.valueOf(cpu.part().name()));
        use.setUserNs(cpu.userNs());
        use.setSystemNs(cpu.systemNs());
        use.setIrqNs(cpu.irqNs());
        use.setSoftirqNs(cpu.softirqNs());
        use.setIowaitNs(cpu.iowaitNs());
        use.setStealNs(cpu.stealNs());
        use.setIdleNs(cpu.idleNs());
        return use;
    }

    /** Empty unless this end records round trips: from their actual and, at a pace, from their intended send times. */
    List<Latency> latencies(DecodedInterval decoded) {
        IntervalReport interval = decoded.report();
        List<Latency> latencies = new ArrayList<>();
        if (decoded.roundTrips() != null) {
            latencies.add(latency(interval, interval.roundTripHistogram(), decoded.roundTrips(), ACTUAL));
        }
        if (decoded.intendedRoundTrips() != null) {
            latencies.add(
                    latency(interval, interval.intendedRoundTripHistogram(), decoded.intendedRoundTrips(), INTENDED));
        }
        return latencies;
    }

    private Latency latency(
            IntervalReport interval, Bytes encoded, RecordedRoundTrips recorded, String sendTimeBasis) {
        Latency latency = new Latency();
        latency.setRunId(run.runId());
        latency.setFlowId(flowId());
        latency.setHostId(hostId);
        latency.setFlowRole(role());
        latency.setSeq(interval.seq());
        latency.setEventTime(eventTime(interval));
        latency.setWarmup(interval.warmup());
        latency.setIntervalStartedNs(interval.startedWallNs());
        latency.setIntervalNs(interval.intervalNs());
        latency.setSamples(interval.roundTrips());
        latency.setHistogram(ByteBuffer.wrap(encoded.toArray()));
        latency.setSendTimeBasis(sendTimeBasis);
        latency.setSignificantDigits(RoundTrips.SIGNIFICANT_DIGITS);
        latency.setBuckets(RoundTrips.buckets(recorded));
        if (recorded.samples() > 0) {
            long[] percentilesNs = recorded.percentilesNs(PERCENTS);
            latency.setRoundTripP25Ns(percentilesNs[0]);
            latency.setRoundTripP50Ns(percentilesNs[1]);
            latency.setRoundTripP75Ns(percentilesNs[2]);
            latency.setRoundTripP90Ns(percentilesNs[3]);
            latency.setRoundTripP99Ns(percentilesNs[4]);
            latency.setRoundTripP999Ns(percentilesNs[5]);
            latency.setRoundTripP9999Ns(percentilesNs[6]);
            latency.setRoundTripMaxNs(recorded.maxNs());
            latency.setRoundTripMeanNs(recorded.totalNs() / recorded.samples());
        }
        return latency;
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
