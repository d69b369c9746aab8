package dev.flowlane.coordinator.wire;

import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.EndReport;
import dev.flowlane.core.run.FlowEnd;
import dev.flowlane.core.run.FlowOutcome;
import dev.flowlane.core.run.RoundTrips;
import dev.flowlane.core.run.RunOutcome;
import dev.flowlane.core.run.ThresholdVerdict;
import dev.flowlane.core.run.Trial;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The result of a run, on its way to the bus: one record for the run and one for each of its flows. */
public final class ResultAvro {
    private ResultAvro() {}

    /** The run's record, with its flows inside. */
    public static dev.flowlane.avro.RunResult run(RunOutcome run) {
        RoundTrips trips = run.roundTrips();
        RoundTrips intended = run.intendedRoundTrips();
        boolean histograms = HistogramBudget.fits(run.flows().stream()
                .flatMap(flow -> Stream.of(
                        Optional.ofNullable(flow.roundTrips()), Optional.ofNullable(flow.intendedRoundTrips())))
                .map(roundTrips -> roundTrips.map(RoundTrips::histogram).orElse(null)));
        dev.flowlane.avro.RunResult.Builder record = dev.flowlane.avro.RunResult.newBuilder()
                .setRunId(run.runId())
                .setState(RunAvro.state(run.state()))
                .setReasons(run.reasons())
                .setEventTime(run.endedAt())
                .setRequestedBy(run.requestedBy())
                .setSpec(RunSpecAvro.toAvro(run.spec()))
                .setFlowsRequested(run.flowsRequested())
                .setFlowsMeasured(run.flowsMeasured())
                .setSentBytes(run.sentBytes())
                .setReceivedBytes(run.receivedBytes())
                .setThroughputBitsPerSecond(run.throughputBitsPerSecond())
                .setTransactions(run.transactions())
                .setTransactionsPerSecond(run.transactionsPerSecond())
                .setRoundTripP25Ns(trips == null ? null : trips.p25Ns())
                .setRoundTripP50Ns(trips == null ? null : trips.p50Ns())
                .setRoundTripP75Ns(trips == null ? null : trips.p75Ns())
                .setRoundTripP90Ns(trips == null ? null : trips.p90Ns())
                .setRoundTripP99Ns(trips == null ? null : trips.p99Ns())
                .setRoundTripP999Ns(trips == null ? null : trips.p999Ns())
                .setRoundTripP9999Ns(trips == null ? null : trips.p9999Ns())
                .setRoundTripMaxNs(trips == null ? null : trips.maxNs())
                .setRoundTripMeanNs(trips == null ? null : trips.meanNs())
                .setRoundTripHistogram(FlowEndAvro.bytes(trips == null ? null : trips.histogram()))
                .setIntendedRoundTripP25Ns(intended == null ? null : intended.p25Ns())
                .setIntendedRoundTripP50Ns(intended == null ? null : intended.p50Ns())
                .setIntendedRoundTripP75Ns(intended == null ? null : intended.p75Ns())
                .setIntendedRoundTripP90Ns(intended == null ? null : intended.p90Ns())
                .setIntendedRoundTripP99Ns(intended == null ? null : intended.p99Ns())
                .setIntendedRoundTripP999Ns(intended == null ? null : intended.p999Ns())
                .setIntendedRoundTripP9999Ns(intended == null ? null : intended.p9999Ns())
                .setIntendedRoundTripMaxNs(intended == null ? null : intended.maxNs())
                .setIntendedRoundTripMeanNs(intended == null ? null : intended.meanNs())
                .setIntendedRoundTripHistogram(FlowEndAvro.bytes(intended == null ? null : intended.histogram()))
                .setRetransmittedSegments(run.retransmittedSegments())
                .setPayloadErrors(run.payloadErrors())
                .setIntervals(run.intervals())
                .setIntervalsMissing(run.intervalsMissing())
                .setDriftedIntervals(run.driftedIntervals())
                .setPlacementCandidates(run.placementCandidates())
                .setSubmitToTrafficNs(run.submitToTrafficNs())
                .setSubmittedTime(run.submittedAt())
                .setStartedTime(run.startedAt())
                .setEndedTime(run.endedAt())
                .setNotes(notes(run))
                .setGivenUpAttempts(TrialAvro.givenUp(run.history()))
                .setTrials(TrialAvro.trials(run.history()))
                .setStatistics(run.statistics().stream().map(TrialAvro::toAvro).toList())
                .setThresholds(ThresholdVerdict.of(run).stream().map(ResultAvro::verdict).toList())
                .setHosts(EnvironmentAvro.hosts(run.hosts()))
                .setEnvironments(EnvironmentAvro.environments(run.hosts()))
                .setDatagrams(DatagramsAvro.result(run.datagrams()))
                .setCoordinatorEpoch(run.epoch())
                .setFlows(run.flows().stream()
                        .map(flow -> summary(flow, run.spec().course().reverse(), histograms))
                        .toList());
        KindAvro.fill(record, run);
        return record.build();
    }

    private static dev.flowlane.avro.ThresholdVerdict verdict(ThresholdVerdict verdict) {
        return dev.flowlane.avro.ThresholdVerdict.newBuilder()
                .setThreshold(verdict.threshold().toString())
                .setMeasured(verdict.figure())
                .setUnit(verdict.threshold().metric().unit().symbol())
                .setTrials(verdict.trials())
                .setMet(verdict.met())
                .build();
    }

    private static List<String> notes(RunOutcome run) {
        return Stream.concat(run.history().notes().stream(), EnvironmentAvro.notes(run.hosts()).stream())
                .toList();
    }

    /** A record for each flow: what the run's record says of it, and of which run and trial it is. */
    public static List<dev.flowlane.avro.FlowResult> flows(RunOutcome run) {
        return run.flows().stream().map(flow -> flow(run, summary(flow, run.spec().course().reverse(), true))).toList();
    }

    private static dev.flowlane.avro.FlowResult flow(RunOutcome run, dev.flowlane.avro.FlowSummary summary) {
        dev.flowlane.avro.FlowResult record = new dev.flowlane.avro.FlowResult();
        record.setRunId(run.runId());
        record.setEventTime(run.endedAt());
        List<Trial> trials = run.history().trials();
        record.setRunState(RunAvro.state(trials.isEmpty() ? run.state() : trials.getLast().state()));
        record.setTrial(Math.max(1, trials.size()));
        // The summary's columns are columns of the flow's record too, by the same names and types.
        for (Schema.Field field : summary.getSchema().getFields()) {
            record.put(field.name(), summary.get(field.pos()));
        }
        return record;
    }

    private static dev.flowlane.avro.FlowSummary summary(FlowOutcome flow, boolean reverse, boolean histogram) {
        FlowEnd source = flow.lane().source();
        FlowEnd destination = flow.lane().destination();
        EndLane sourceLane = source.observed();
        EndLane destinationLane = destination.observed();
        dev.flowlane.avro.FlowSummary.Builder record = dev.flowlane.avro.FlowSummary.newBuilder()
                .setFlowId(flow.lane().flowId())
                .setSourceHostId(source.hostId())
                .setDestinationHostId(destination.hostId())
                .setSourceAddress(source.address())
                .setSourcePort(source.port())
                .setDestinationAddress(destination.address())
                .setDestinationPort(destination.port())
                .setSourceReceiveCpu(sourceLane == null ? -1 : sourceLane.receiveCpu())
                .setSourceApplicationCpu(sourceLane == null ? -1 : sourceLane.applicationCpu())
                .setDestinationReceiveCpu(destinationLane == null ? -1 : destinationLane.receiveCpu())
                .setDestinationApplicationCpu(destinationLane == null ? -1 : destinationLane.applicationCpu())
                .setSourceSteering(steering(sourceLane))
                .setDestinationSteering(steering(destinationLane))
                .setSentBytes(flow.sentBytes())
                .setReceivedBytes(flow.receivedBytes())
                .setDurationNs(flow.durationNs())
                .setSourceWindowNs(flow.sourceWindowNs())
                .setDestinationWindowNs(flow.destinationWindowNs())
                .setThroughputBitsPerSecond(flow.throughputBitsPerSecond())
                .setTransactions(flow.transactions())
                .setTransactionsPerSecond(flow.transactionsPerSecond())
                .setIntervals(flow.intervals())
                .setIntervalsMissing(flow.intervalsMissing())
                .setDriftedIntervals(flow.driftedIntervals())
                .setPayloadErrors(flow.payloadErrors())
                .setDatagrams(DatagramsAvro.result(flow.datagrams()))
                .setSourceOutcome(FlowEndAvro.outcome(flow.sourceOutcome()))
                .setDestinationOutcome(FlowEndAvro.outcome(flow.destinationOutcome()))
                .setSourceSocketOptions(options(source))
                .setDestinationSocketOptions(options(destination));
        KindAvro.fill(record, flow.ofKind());
        fromSender(record, reverse ? destination.report() : source.report());
        fromReceiver(record, reverse ? source.report() : destination.report());
        roundTrips(record, flow.roundTrips());
        tcp(record, flow.sourceTcp());
        cpu(record, flow.sourceCpu(), flow.destinationCpu());
        intendedRoundTrips(record, flow.intendedRoundTrips());
        if (!histogram) {
            record.setRoundTripHistogram(null).setIntendedRoundTripHistogram(null);
        }
        return record.build();
    }

    private static void fromSender(dev.flowlane.avro.FlowSummary.Builder record, @Nullable EndReport report) {
        if (report != null) {
            record.setMessagesDueNotSent(report.messagesDueNotSent())
                    .setZerocopyCompletions(report.zeroCopy().completions())
                    .setZerocopyCopies(report.zeroCopy().copies());
        }
    }

    private static void fromReceiver(dev.flowlane.avro.FlowSummary.Builder record, @Nullable EndReport report) {
        if (report != null) {
            record.setZerocopyReceivedBytes(report.zeroCopy().receivedBytes());
        }
    }

    private static List<dev.flowlane.avro.SocketOption> options(FlowEnd end) {
        EndReport report = end.report();
        return report == null ? List.of() : FlowEndAvro.options(report.socketOptions());
    }

    private static dev.flowlane.avro.Steering steering(@Nullable EndLane lane) {
        if (lane == null) {
            return dev.flowlane.avro.Steering.UNKNOWN;
        }
        Steering steering = lane.steering();
        return ClaimAvro.steering(steering);
    }

    private static void roundTrips(dev.flowlane.avro.FlowSummary.Builder record, @Nullable RoundTrips trips) {
        if (trips != null) {
            record.setRoundTripP25Ns(trips.p25Ns())
                    .setRoundTripP50Ns(trips.p50Ns())
                    .setRoundTripP75Ns(trips.p75Ns())
                    .setRoundTripP90Ns(trips.p90Ns())
                    .setRoundTripP99Ns(trips.p99Ns())
                    .setRoundTripP999Ns(trips.p999Ns())
                    .setRoundTripP9999Ns(trips.p9999Ns())
                    .setRoundTripMaxNs(trips.maxNs())
                    .setRoundTripMeanNs(trips.meanNs())
                    .setRoundTripHistogram(FlowEndAvro.bytes(trips.histogram()));
        }
    }

    private static void intendedRoundTrips(
            dev.flowlane.avro.FlowSummary.Builder record, @Nullable RoundTrips trips) {
        if (trips != null) {
            record.setIntendedRoundTripP25Ns(trips.p25Ns())
                    .setIntendedRoundTripP50Ns(trips.p50Ns())
                    .setIntendedRoundTripP75Ns(trips.p75Ns())
                    .setIntendedRoundTripP90Ns(trips.p90Ns())
                    .setIntendedRoundTripP99Ns(trips.p99Ns())
                    .setIntendedRoundTripP999Ns(trips.p999Ns())
                    .setIntendedRoundTripP9999Ns(trips.p9999Ns())
                    .setIntendedRoundTripMaxNs(trips.maxNs())
                    .setIntendedRoundTripMeanNs(trips.meanNs())
                    .setIntendedRoundTripHistogram(FlowEndAvro.bytes(trips.histogram()));
        }
    }

    private static void tcp(dev.flowlane.avro.FlowSummary.Builder record, EndReport.Tcp tcp) {
        record.setRetransmittedSegments(tcp.retransmittedSegments())
                .setReorderingSeen(tcp.reorderingSeen())
                .setSmoothedRttNs(tcp.smoothedRttNs())
                .setRttVarianceNs(tcp.rttVarianceNs())
                .setDeliveredCe(tcp.deliveredCe())
                .setSendWindowBytes(tcp.sendWindowBytes())
                .setCongestionWindowSegments(tcp.congestionWindowSegments());
    }

    private static void cpu(
            dev.flowlane.avro.FlowSummary.Builder record,
            EndReport.@Nullable CpuRatios source,
            EndReport.@Nullable CpuRatios destination) {
        if (source != null) {
            record.setSourceCpuUserRatio(source.user())
                    .setSourceCpuSystemRatio(source.system())
                    .setSourceCpuIrqRatio(source.irq())
                    .setSourceCpuSoftirqRatio(source.softirq())
                    .setSourceCpuStealRatio(source.steal())
                    .setSourceCpuIdleRatio(source.idle());
        }
        if (destination != null) {
            record.setDestinationCpuUserRatio(destination.user())
                    .setDestinationCpuSystemRatio(destination.system())
                    .setDestinationCpuIrqRatio(destination.irq())
                    .setDestinationCpuSoftirqRatio(destination.softirq())
                    .setDestinationCpuStealRatio(destination.steal())
                    .setDestinationCpuIdleRatio(destination.idle());
        }
    }
}
