package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.EndOutcome;
import dev.flowlane.core.run.EndReport;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.LaneDrift;
import dev.flowlane.core.run.OpaqueBytes;
import dev.flowlane.core.run.SocketOption;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.List;

/** What is observed and reported of one flow end. */
final class FlowEndAvro {
    private FlowEndAvro() {}

    static dev.flowlane.avro.FlowEndLane toAvro(EndLane lane) {
        return dev.flowlane.avro.FlowEndLane.newBuilder()
                .setFlowId(lane.flowId())
                .setFlowRole(role(lane.role()))
                .setApplicationCpu(lane.applicationCpu())
                .setReceiveCpu(lane.receiveCpu())
                .setAffinityCpus(lane.affinityCpus())
                .setSteering(ClaimAvro.steering(lane.steering()))
                .setWorkerPid(lane.workerPid())
                .setThreadId(lane.threadId())
                .build();
    }

    /** The lane; null when the record does not say of which end. */
    static @Nullable EndLane fromAvro(dev.flowlane.avro.FlowEndLane record) {
        FlowRole role = role(record.getFlowRole());
        return role == null ? null : new EndLane(
                record.getFlowId(),
                role,
                record.getApplicationCpu(),
                record.getReceiveCpu(),
                record.getAffinityCpus(),
                ClaimAvro.steering(record.getSteering()),
                record.getWorkerPid(),
                record.getThreadId());
    }

    static dev.flowlane.avro.LaneDrift toAvro(LaneDrift drift) {
        return dev.flowlane.avro.LaneDrift.newBuilder()
                .setFlowId(drift.flowId())
                .setFlowRole(role(drift.role()))
                .setSeq(drift.seq())
                .setWarmup(drift.warmup())
                .setDriftKind(kind(drift.kind()))
                .setExpectedCpus(drift.expectedCpus())
                .setObservedCpus(drift.observedCpus())
                .build();
    }

    /** The drift; null when the record does not say of which end, or what was left. */
    static @Nullable LaneDrift fromAvro(dev.flowlane.avro.LaneDrift record) {
        FlowRole role = role(record.getFlowRole());
        LaneDrift.Kind kind = kind(record.getDriftKind());
        return role == null || kind == null ? null : new LaneDrift(
                record.getFlowId(),
                role,
                record.getSeq(),
                record.getWarmup(),
                kind,
                record.getExpectedCpus(),
                record.getObservedCpus());
    }

    private static dev.flowlane.avro.DriftKind kind(LaneDrift.Kind kind) {
        return switch (kind) {
            case APPLICATION_CPU -> dev.flowlane.avro.DriftKind.APPLICATION_CPU;
            case AFFINITY -> dev.flowlane.avro.DriftKind.AFFINITY;
            case RECEIVE_CPU -> dev.flowlane.avro.DriftKind.RECEIVE_CPU;
        };
    }

    private static LaneDrift.@Nullable Kind kind(dev.flowlane.avro.DriftKind symbol) {
        return switch (symbol) {
            case APPLICATION_CPU -> LaneDrift.Kind.APPLICATION_CPU;
            case AFFINITY -> LaneDrift.Kind.AFFINITY;
            case RECEIVE_CPU -> LaneDrift.Kind.RECEIVE_CPU;
            case UNKNOWN -> null;
        };
    }

    static dev.flowlane.avro.EndReport toAvro(EndReport report) {
        EndReport.CpuRatios cpu = report.cpu();
        return dev.flowlane.avro.EndReport.newBuilder()
                .setFlowId(report.flowId())
                .setFlowRole(role(report.role()))
                .setOutcome(outcome(report.outcome()))
                .setMessage(report.message())
                .setTrafficStartedNs(report.trafficStartedNs())
                .setWindowStartedNs(report.windowStartedNs())
                .setWindowNs(report.windowNs())
                .setSentBytes(report.sentBytes())
                .setReceivedBytes(report.receivedBytes())
                .setWarmupSentBytes(report.warmupSentBytes())
                .setWarmupReceivedBytes(report.warmupReceivedBytes())
                .setTransactions(report.transactions())
                .setRoundTripHistogram(bytes(report.roundTripHistogram()))
                .setIntendedRoundTripHistogram(bytes(report.intendedRoundTripHistogram()))
                .setSendCalls(report.sendCalls())
                .setReceiveCalls(report.receiveCalls())
                .setIntervalsExpected(report.intervals().expected())
                .setIntervalsPublished(report.intervals().published())
                .setIntervalsDropped(report.intervals().dropped())
                .setMeasuredIntervals(report.intervals().measured())
                .setDriftedIntervals(report.intervals().drifted())
                .setDriftReason(report.driftReason())
                .setPayloadErrors(report.payloadErrors())
                .setFirstPayloadErrorOffset(report.firstPayloadErrorOffset())
                .setRetransmittedSegments(report.tcp().retransmittedSegments())
                .setReorderingSeen(report.tcp().reorderingSeen())
                .setDeliveredCe(report.tcp().deliveredCe())
                .setSmoothedRttNs(report.tcp().smoothedRttNs())
                .setRttVarianceNs(report.tcp().rttVarianceNs())
                .setSendWindowBytes(report.tcp().sendWindowBytes())
                .setCongestionWindowSegments(report.tcp().congestionWindowSegments())
                .setCpuUserRatio(cpu == null ? null : cpu.user())
                .setCpuSystemRatio(cpu == null ? null : cpu.system())
                .setCpuIrqRatio(cpu == null ? null : cpu.irq())
                .setCpuSoftirqRatio(cpu == null ? null : cpu.softirq())
                .setCpuStealRatio(cpu == null ? null : cpu.steal())
                .setCpuIdleRatio(cpu == null ? null : cpu.idle())
                .setWorkerUserNs(report.worker().userNs())
                .setWorkerSystemNs(report.worker().systemNs())
                .setLongestTurnNs(report.worker().longestTurnNs())
                .setInvoluntarySwitches(report.worker().involuntarySwitches())
                .setRunDelayNs(report.worker().runDelayNs())
                .setZerocopyCompletions(report.zeroCopy().completions())
                .setZerocopyCopies(report.zeroCopy().copies())
                .setZerocopyReceivedBytes(report.zeroCopy().receivedBytes())
                .setMessagesDueNotSent(report.messagesDueNotSent())
                .setSocketOptions(options(report.socketOptions()))
                .setWindowEnd(KindAvro.windowEnd(report.ofKind().windowEnd()))
                .setReceiveWindowNs(report.ofKind().receiveWindowNs())
                .setFailedConnections(report.ofKind().failedConnections())
                .setPortlessConnections(report.ofKind().portlessConnections())
                .setConnections(KindAvro.toAvro(report.ofKind().connections()))
                .setDatagrams(DatagramsAvro.toAvro(report.datagrams()))
                .setReceiveDelay(ReceiveDelayAvro.toAvro(report.ofKind().receiveDelay()))
                .build();
    }

    /** Thousands of flows have the same few options and values: as texts of their own they would fill the memory. */
    private static SocketOption option(dev.flowlane.avro.SocketOption option) {
        return new SocketOption(
                option.getName().intern(), interned(option.getAsked()), interned(option.getEffective()));
    }

    private static @Nullable String interned(@Nullable String text) {
        return text == null ? null : text.intern();
    }

    /** The report; null when the record does not say of which end. */
    static @Nullable EndReport fromAvro(dev.flowlane.avro.EndReport record) {
        FlowRole role = role(record.getFlowRole());
        return role == null ? null : new EndReport(
                record.getFlowId(),
                role,
                outcome(record.getOutcome()),
                record.getMessage(),
                record.getTrafficStartedNs(),
                record.getWindowStartedNs(),
                record.getWindowNs(),
                record.getSentBytes(),
                record.getReceivedBytes(),
                record.getWarmupSentBytes(),
                record.getWarmupReceivedBytes(),
                record.getTransactions(),
                bytes(record.getRoundTripHistogram()),
                bytes(record.getIntendedRoundTripHistogram()),
                record.getSendCalls(),
                record.getReceiveCalls(),
                new EndReport.Intervals(
                        record.getIntervalsExpected(),
                        record.getIntervalsPublished(),
                        record.getIntervalsDropped(),
                        record.getMeasuredIntervals(),
                        record.getDriftedIntervals()),
                record.getDriftReason(),
                record.getPayloadErrors(),
                record.getFirstPayloadErrorOffset(),
                new EndReport.Tcp(
                        record.getRetransmittedSegments(),
                        record.getReorderingSeen(),
                        record.getDeliveredCe(),
                        record.getSmoothedRttNs(),
                        record.getRttVarianceNs(),
                        record.getSendWindowBytes(),
                        record.getCongestionWindowSegments()),
                cpu(record),
                new EndReport.Worker(
                        record.getWorkerUserNs(),
                        record.getWorkerSystemNs(),
                        record.getLongestTurnNs(),
                        record.getInvoluntarySwitches(),
                        record.getRunDelayNs()),
                new EndReport.ZeroCopy(
                        record.getZerocopyCompletions(),
                        record.getZerocopyCopies(),
                        record.getZerocopyReceivedBytes()),
                record.getMessagesDueNotSent(),
                record.getSocketOptions().stream().map(FlowEndAvro::option).toList(),
                KindAvro.figures(record),
                DatagramsAvro.fromAvro(record.getDatagrams()));
    }

    static List<dev.flowlane.avro.SocketOption> options(List<SocketOption> options) {
        return options.stream()
                .map(option -> new dev.flowlane.avro.SocketOption(option.name(), option.asked(), option.effective()))
                .toList();
    }

    /** All six come from one reading of /proc/stat: there are all of them or none. */
    private static EndReport.@Nullable CpuRatios cpu(dev.flowlane.avro.EndReport record) {
        @Nullable Double user = record.getCpuUserRatio();
        @Nullable Double system = record.getCpuSystemRatio();
        @Nullable Double irq = record.getCpuIrqRatio();
        @Nullable Double softirq = record.getCpuSoftirqRatio();
        @Nullable Double steal = record.getCpuStealRatio();
        @Nullable Double idle = record.getCpuIdleRatio();
        return user == null || system == null || irq == null || softirq == null || steal == null || idle == null
                ? null
                : new EndReport.CpuRatios(user, system, irq, softirq, steal, idle);
    }

    static dev.flowlane.avro.FlowRole role(FlowRole role) {
        return switch (role) {
            case SOURCE -> dev.flowlane.avro.FlowRole.SOURCE;
            case DESTINATION -> dev.flowlane.avro.FlowRole.DESTINATION;
        };
    }

    static @Nullable FlowRole role(dev.flowlane.avro.FlowRole symbol) {
        return switch (symbol) {
            case SOURCE -> FlowRole.SOURCE;
            case DESTINATION -> FlowRole.DESTINATION;
            case UNKNOWN -> null;
        };
    }

    static dev.flowlane.avro.EndOutcome outcome(EndOutcome outcome) {
        return switch (outcome) {
            case UNKNOWN -> dev.flowlane.avro.EndOutcome.UNKNOWN;
            case DONE -> dev.flowlane.avro.EndOutcome.DONE;
            case STOPPED -> dev.flowlane.avro.EndOutcome.STOPPED;
            case PEER_GONE -> dev.flowlane.avro.EndOutcome.PEER_GONE;
            case WORKER_LOST -> dev.flowlane.avro.EndOutcome.WORKER_LOST;
            case STALLED -> dev.flowlane.avro.EndOutcome.STALLED;
            case TIMED_OUT -> dev.flowlane.avro.EndOutcome.TIMED_OUT;
            case ERROR -> dev.flowlane.avro.EndOutcome.ERROR;
            case NEVER_STARTED -> dev.flowlane.avro.EndOutcome.NEVER_STARTED;
        };
    }

    private static EndOutcome outcome(dev.flowlane.avro.EndOutcome symbol) {
        return switch (symbol) {
            case UNKNOWN -> EndOutcome.UNKNOWN;
            case DONE -> EndOutcome.DONE;
            case STOPPED -> EndOutcome.STOPPED;
            case PEER_GONE -> EndOutcome.PEER_GONE;
            case WORKER_LOST -> EndOutcome.WORKER_LOST;
            case STALLED -> EndOutcome.STALLED;
            case TIMED_OUT -> EndOutcome.TIMED_OUT;
            case ERROR -> EndOutcome.ERROR;
            case NEVER_STARTED -> EndOutcome.NEVER_STARTED;
        };
    }

    static @Nullable ByteBuffer bytes(@Nullable OpaqueBytes bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes.toArray());
    }

    private static @Nullable OpaqueBytes bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        return OpaqueBytes.of(copy);
    }
}
