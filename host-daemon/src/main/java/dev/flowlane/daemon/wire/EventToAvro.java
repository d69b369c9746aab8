package dev.flowlane.daemon.wire;

import dev.flowlane.avro.CpuConnections;
import dev.flowlane.avro.DriftKind;
import dev.flowlane.avro.FlowEndLane;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.HostEventType;
import dev.flowlane.avro.Refusal;
import dev.flowlane.avro.SocketOption;
import dev.flowlane.avro.Steering;
import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.EndedFlow;
import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.daemon.machine.News;
import dev.flowlane.daemon.machine.ReadyEnd;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.CpuShare;
import dev.flowlane.worker.protocol.Datagrams;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.WindowEnd;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;

/** News of one daemon as records. */
public final class EventToAvro {
    private final String hostId;
    private final String instanceId;

    /**
     * For one start of one daemon.
     *
     * @param instanceId new at every start of the daemon
     */
    public EventToAvro(String hostId, String instanceId) {
        this.hostId = hostId;
        this.instanceId = instanceId;
    }

    /**
     * The record of some news.
     *
     * @param epoch highest coordinator epoch seen
     * @param now this daemon's wall clock
     * @param brokerOffsetNs broker's clock minus this daemon's; null while it is not known
     */
    public HostEvent event(News news, long epoch, Instant now, @Nullable Long brokerOffsetNs) {
        HostEvent.Builder event = HostEvent.newBuilder()
                .setEventType(type(news))
                .setHostId(hostId)
                .setInstanceId(instanceId)
                .setCoordinatorEpoch(epoch)
                .setEventTime(now)
                .setBrokerClockOffsetNs(brokerOffsetNs);
        switch (news) {
            case News.Hello hello ->
                event.setLiveRunIds(hello.liveRunIds()).setWarmWorkers(hello.warmWorkers());
            case News.Heartbeat heartbeat ->
                event.setLiveRunIds(heartbeat.liveRunIds()).setWarmWorkers(heartbeat.warmWorkers());
            case News.Goodbye() -> {}
            case News.Candidates candidates ->
                of(event, candidates.run())
                        .setCandidates(candidates.candidates().stream()
                                .map(EventToAvro::candidate)
                                .toList());
            case News.Ready ready ->
                of(event, ready.run())
                        .setReady(ready.ends().stream().map(EventToAvro::lane).toList());
            case News.Ended ended -> of(event, ended.run()).setEnded(report(ended.flow()));
            case News.Drifted drifted -> of(event, drifted.run()).setDrift(drift(drifted.drift()));
            case News.Refused refused ->
                of(event, refused.run())
                        .setRefused(new Refusal(
                                refused.commandId(), refused.commandType(), refused.code().name(), refused.message()));
        }
        return event.build();
    }

    private static HostEvent.Builder of(HostEvent.Builder event, RunRef run) {
        return event.setRunId(run.runId()).setAttempt(run.attempt());
    }

    private static HostEventType type(News news) {
        return switch (news) {
            case News.Hello _ -> HostEventType.HELLO;
            case News.Heartbeat _ -> HostEventType.HEARTBEAT;
            case News.Goodbye _ -> HostEventType.GOODBYE;
            case News.Candidates _ -> HostEventType.CANDIDATES;
            case News.Ready _ -> HostEventType.READY;
            case News.Ended _ -> HostEventType.ENDED;
            case News.Drifted _ -> HostEventType.DRIFT;
            case News.Refused _ -> HostEventType.REFUSED;
        };
    }

    private static dev.flowlane.avro.Candidate candidate(Candidate candidate) {
        return dev.flowlane.avro.Candidate.newBuilder()
                .setCandidateId(candidate.candidateId())
                .setFlowRole(role(candidate.role()))
                .setReceiveCpu(candidate.receiveCpu())
                .setSteering(Steering.valueOf(candidate.steering().name()))
                .setLocalAddress(candidate.local().address())
                .setLocalPort(candidate.local().port())
                .setRemoteAddress(candidate.remote().address())
                .setRemotePort(candidate.remote().port())
                .setFailure(candidate.failure())
                .build();
    }

    private static FlowEndLane lane(ReadyEnd ready) {
        return FlowEndLane.newBuilder()
                .setFlowId(ready.end().flowId())
                .setFlowRole(role(ready.end().role()))
                .setApplicationCpu(ready.applicationCpu())
                .setReceiveCpu(ready.receiveCpu())
                .setAffinityCpus(ready.affinityCpus())
                .setSteering(Steering.valueOf(ready.steering().name()))
                .setWorkerPid(ready.workerPid())
                .setThreadId(ready.threadId())
                .build();
    }

    private static dev.flowlane.avro.LaneDrift drift(LaneDrift drift) {
        return dev.flowlane.avro.LaneDrift.newBuilder()
                .setFlowId(drift.end().flowId())
                .setFlowRole(role(drift.end().role()))
                .setSeq(drift.seq())
                .setWarmup(drift.warmup())
                .setDriftKind(kind(drift.kind()))
                .setExpectedCpus(drift.expectedCpus())
                .setObservedCpus(drift.observedCpus())
                .build();
    }

    private static DriftKind kind(LaneDrift.Kind kind) {
        return switch (kind) {
            case APPLICATION_CPU -> DriftKind.APPLICATION_CPU;
            case AFFINITY -> DriftKind.AFFINITY;
            case RECEIVE_CPU -> DriftKind.RECEIVE_CPU;
        };
    }

    /** Without a report nothing was measured: the columns keep their defaults and the outcome says why. */
    private static dev.flowlane.avro.EndReport report(EndedFlow flow) {
        dev.flowlane.avro.EndReport.Builder record = dev.flowlane.avro.EndReport.newBuilder()
                .setFlowId(flow.end().flowId())
                .setFlowRole(role(flow.end().role()))
                .setOutcome(dev.flowlane.avro.EndOutcome.valueOf(flow.outcome().name()))
                .setMessage(flow.message())
                .setIntervalsExpected(flow.intervalsExpected())
                .setIntervalsPublished(flow.accounting().published())
                .setIntervalsDropped(flow.accounting().dropped())
                .setMeasuredIntervals(flow.accounting().measuredPublished())
                .setDriftedIntervals(flow.accounting().drifted())
                .setDriftReason(flow.accounting().driftReason());
        EndReport report = flow.report();
        if (report != null) {
            measured(record, report);
            record.setIntervalsDropped(flow.accounting().dropped() + report.intervalsDropped());
        }
        return record.build();
    }

    private static void measured(dev.flowlane.avro.EndReport.Builder record, EndReport report) {
        record.setTrafficStartedNs(report.trafficStartedWallNs())
                .setWindowStartedNs(report.windowStartedWallNs())
                .setWindowNs(report.windowNs())
                .setSentBytes(report.measured().sentBytes())
                .setReceivedBytes(report.measured().receivedBytes())
                .setWarmupSentBytes(report.warmup().sentBytes())
                .setWarmupReceivedBytes(report.warmup().receivedBytes())
                .setTransactions(report.measured().transactions())
                .setRoundTripHistogram(bytes(report.roundTripHistogram()))
                .setIntendedRoundTripHistogram(bytes(report.intendedRoundTripHistogram()))
                .setSendCalls(report.measured().sendCalls())
                .setReceiveCalls(report.measured().receiveCalls())
                .setPayloadErrors(report.payloadErrors())
                .setFirstPayloadErrorOffset(report.firstPayloadErrorOffset())
                .setRetransmittedSegments(report.tcp().retransmittedSegments())
                .setReorderingSeen(report.tcp().reorderingSeen())
                .setDeliveredCe(report.tcp().deliveredCe())
                .setSmoothedRttNs(report.tcp().smoothedRttNs())
                .setRttVarianceNs(report.tcp().rttVarianceNs())
                .setSendWindowBytes(report.tcp().sendWindowBytes())
                .setCongestionWindowSegments(report.tcp().congestionWindowSegments())
                .setWorkerUserNs(report.thread().userNs())
                .setWorkerSystemNs(report.thread().systemNs())
                .setLongestTurnNs(report.thread().longestTurnNs())
                .setInvoluntarySwitches(report.thread().involuntarySwitches())
                .setRunDelayNs(report.thread().runDelayNs())
                .setZerocopyCompletions(report.measured().zerocopyCompletions())
                .setZerocopyCopies(report.measured().zerocopyCopies())
                .setZerocopyReceivedBytes(report.measured().mappedBytes())
                .setMessagesDueNotSent(report.dueNotSent())
                .setWindowEnd(windowEnd(report.ofKind().windowEnd()))
                .setReceiveWindowNs(report.ofKind().receiveWindowNs())
                .setFailedConnections(report.measured().failedConnections())
                .setPortlessConnections(report.measured().portlessConnections())
                .setConnections(report.ofKind().connections().stream()
                        .map(cpu -> new CpuConnections(cpu.cpu(), cpu.connections()))
                        .toList())
                .setDatagrams(datagrams(report))
                .setReceiveDelay(ReceiveDelayAvro.of(report.ofKind().receiveDelay()))
                .setSocketOptions(report.socketOptions().stream()
                        .map(option -> new SocketOption(option.name(), option.asked(), option.effective()))
                        .toList());
        CpuShare share = report.cpuShare();
        if (share != null) {
            record.setCpuUserRatio(share.user())
                    .setCpuSystemRatio(share.system())
                    .setCpuIrqRatio(share.irq())
                    .setCpuSoftirqRatio(share.softirq())
                    .setCpuStealRatio(share.steal())
                    .setCpuIdleRatio(share.idle());
        }
    }

    private static dev.flowlane.avro.@Nullable WindowEnd windowEnd(@Nullable WindowEnd windowEnd) {
        return switch (windowEnd) {
            case null -> null;
            case DURATION -> dev.flowlane.avro.WindowEnd.DURATION;
            case BYTES -> dev.flowlane.avro.WindowEnd.BYTES;
            case MESSAGES -> dev.flowlane.avro.WindowEnd.MESSAGES;
        };
    }

    /** Null for a flow over TCP, and where nothing happened. */
    private static dev.flowlane.avro.@Nullable Datagrams datagrams(EndReport report) {
        Datagrams measured = report.measured().datagrams();
        return measured.equals(Datagrams.NONE) ? null : DatagramsAvro.of(measured, report.role());
    }

    private static @Nullable ByteBuffer bytes(@Nullable Bytes bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes.toArray());
    }

    private static FlowRole role(Role role) {
        return switch (role) {
            case SOURCE -> FlowRole.SOURCE;
            case DESTINATION -> FlowRole.DESTINATION;
        };
    }
}
