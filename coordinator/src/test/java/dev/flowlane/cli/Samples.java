package dev.flowlane.cli;

import dev.flowlane.avro.EndOutcome;
import dev.flowlane.avro.Exclusive;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.IoEngine;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.Steering;
import dev.flowlane.avro.Topology;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.avro.WhenBusy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/** Records as the coordinator and the daemons write them. */
final class Samples {
    static final Instant SUBMITTED = Instant.parse("2026-11-21T10:00:00.120Z");

    private Samples() {}

    static RunSpec spec(TrafficKind kind) {
        return RunSpec.newBuilder()
                .setSources(List.of("host-a"))
                .setDestinations(List.of("host-b"))
                .setTopology(Topology.PAIR)
                .setTrafficKind(kind)
                .setDurationNs(3_000_000_000L)
                .setWarmupNs(1_000_000_000L)
                .setReportIntervalNs(1_000_000_000L)
                .setExclusive(Exclusive.STRICT)
                .setIoEngine(IoEngine.BLOCKING)
                .setWhenBusy(WhenBusy.QUEUE)
                .build();
    }

    static FlowSummary.Builder flow(String runId, int number) {
        return FlowSummary.newBuilder()
                .setFlowId(runId + "." + number)
                .setSourceHostId("host-a")
                .setDestinationHostId("host-b")
                .setSourceAddress("127.0.0.1")
                .setSourcePort(40_001)
                .setDestinationAddress("127.0.0.1")
                .setDestinationPort(7411)
                .setSourceReceiveCpu(1)
                .setSourceApplicationCpu(1)
                .setDestinationReceiveCpu(0)
                .setDestinationApplicationCpu(0)
                .setSourceSteering(Steering.FOLLOWS_SENDER)
                .setDestinationSteering(Steering.FOLLOWS_SENDER)
                .setSentBytes(8_789_033_216L)
                .setReceivedBytes(8_789_033_216L)
                .setDurationNs(3_000_112_233L)
                .setThroughputBitsPerSecond(23_436_544_812.5)
                .setRetransmittedSegments(0L)
                .setSmoothedRttNs(38_000L)
                .setSourceCpuIdleRatio(0.02)
                .setDestinationCpuIdleRatio(0.11)
                .setIntervals(6)
                .setDriftedIntervals(0)
                .setPayloadErrors(0)
                .setSourceOutcome(EndOutcome.DONE)
                .setDestinationOutcome(EndOutcome.DONE);
    }

    static RunResult.Builder result(String runId, TrafficKind kind, FlowSummary... flows) {
        return RunResult.newBuilder()
                .setRunId(runId)
                .setState(RunStateName.COMPLETED)
                .setReasons(List.of())
                .setEventTime(SUBMITTED.plusSeconds(5))
                .setRequestedBy("ann@lab")
                .setSpec(spec(kind))
                .setFlowsRequested(flows.length)
                .setFlowsMeasured(flows.length)
                .setSentBytes(8_789_033_216L * flows.length)
                .setReceivedBytes(8_789_033_216L * flows.length)
                .setThroughputBitsPerSecond(23_436_544_812.5 * flows.length)
                .setRetransmittedSegments(0L)
                .setIntervals(6 * flows.length)
                .setPlacementCandidates(flows.length)
                .setSubmitToTrafficNs(98_400_000L)
                .setSubmittedTime(SUBMITTED)
                .setStartedTime(SUBMITTED.plusMillis(95))
                .setEndedTime(SUBMITTED.plusSeconds(5))
                .setCoordinatorEpoch(7)
                .setFlows(List.of(flows));
    }

    static RunResult requestResponse(String runId) {
        FlowSummary flow = flow(runId, 0)
                .setSentBytes(61_234)
                .setReceivedBytes(61_234)
                .setThroughputBitsPerSecond(163_283.5)
                .setTransactions(61_234)
                .setTransactionsPerSecond(20_410.4)
                .setRoundTripP25Ns(44_100L)
                .setRoundTripP50Ns(47_200L)
                .setRoundTripP75Ns(50_010L)
                .setRoundTripP90Ns(55_500L)
                .setRoundTripP99Ns(81_000L)
                .setRoundTripP999Ns(210_000L)
                .setRoundTripP9999Ns(1_210_000L)
                .setRoundTripMaxNs(2_400_000L)
                .setRoundTripMeanNs(48_811.2)
                .setRoundTripHistogram(ByteBuffer.wrap(new byte[] {0x1c, (byte) 0x84, (byte) 0x93, 0x14}))
                .build();
        return result(runId, TrafficKind.REQUEST_RESPONSE, flow)
                .setSentBytes(61_234)
                .setReceivedBytes(61_234)
                .setThroughputBitsPerSecond(163_283.5)
                .setTransactions(61_234)
                .setTransactionsPerSecond(20_410.4)
                .setRoundTripP25Ns(44_100L)
                .setRoundTripP50Ns(47_200L)
                .setRoundTripP75Ns(50_010L)
                .setRoundTripP90Ns(55_500L)
                .setRoundTripP99Ns(81_000L)
                .setRoundTripP999Ns(210_000L)
                .setRoundTripP9999Ns(1_210_000L)
                .setRoundTripMaxNs(2_400_000L)
                .setRoundTripMeanNs(48_811.2)
                .setRoundTripHistogram(ByteBuffer.wrap(new byte[] {0x1c, (byte) 0x84, (byte) 0x93, 0x14}))
                .build();
    }

    static Run run(String runId, TrafficKind kind, RunStateName state, int flows) {
        List<RunFlow> chosen = java.util.stream.IntStream.range(0, flows)
                .mapToObj(number -> RunFlow.newBuilder()
                        .setFlowId(runId + "." + number)
                        .setSourceHostId("host-a")
                        .setDestinationHostId("host-b")
                        .setCandidateId(number)
                        .setSourceAddress("::1")
                        .setSourcePort(40_001 + number)
                        .setDestinationAddress("::1")
                        .setDestinationPort(7411)
                        .setSourceApplicationCpu(1)
                        .setSourceReceiveCpu(-1)
                        .setDestinationApplicationCpu(0)
                        .setDestinationReceiveCpu(0)
                        .build())
                .toList();
        return Run.newBuilder()
                .setRunId(runId)
                .setState(state)
                .setCoordinatorEpoch(7)
                .setSpec(spec(kind))
                .setRequestedBy("ann@lab")
                .setSubmittedTime(SUBMITTED)
                .setStateTime(SUBMITTED.plusMillis(95))
                .setFlows(chosen)
                .build();
    }

    static FlowStats interval(String runId, int flow, FlowRole role, int seq, boolean warmup) {
        return FlowStats.newBuilder()
                .setRunId(runId)
                .setFlowId(runId + "." + flow)
                .setHostId(role == FlowRole.SOURCE ? "host-a" : "host-b")
                .setFlowRole(role)
                .setSeq(seq)
                .setWarmup(warmup)
                .setEventTime(SUBMITTED.plusSeconds(seq + 1L))
                .setIntervalStartedNs(0)
                .setIntervalNs(1_000_000_000L)
                .setSentBytes(role == FlowRole.SOURCE ? 1_250_000_000L : 0)
                .setReceivedBytes(role == FlowRole.SOURCE ? 0 : 1_250_000_000L)
                .setTransactions(20_000)
                .setSentBytesTotal(0)
                .setReceivedBytesTotal(0)
                .build();
    }

    static RunEvent event(String runId, RunEventType type, RunStateName state, String message) {
        return RunEvent.newBuilder()
                .setRunId(runId)
                .setEventTime(SUBMITTED)
                .setEventType(type)
                .setState(state)
                .setMessage(message)
                .build();
    }
}
