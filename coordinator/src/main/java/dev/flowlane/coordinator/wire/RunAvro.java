package dev.flowlane.coordinator.wire;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.EndReport;
import dev.flowlane.core.run.FlowEnd;
import dev.flowlane.core.run.FlowLane;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.History;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecResult;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The whole state of a run, as it is written on {@code runs} and read back after a restart. */
public final class RunAvro {
    /** Key of the record that holds the coordinator's epoch instead of a run. No run id begins with an underscore. */
    public static final String EPOCH_KEY = "__coordinator";

    private RunAvro() {}

    /** The record under {@link #EPOCH_KEY}. */
    public static dev.flowlane.avro.Run epochRecord(long epoch) {
        return dev.flowlane.avro.Run.newBuilder()
                .setRunId(EPOCH_KEY)
                .setCoordinatorEpoch(epoch)
                .build();
    }

    /** The record of a run; claims are those that it still holds. */
    public static dev.flowlane.avro.Run toAvro(RunRecord run) {
        RunState state = run.state();
        boolean histograms = HistogramBudget.fits(run.flows().stream()
                .flatMap(FlowLane::ends)
                .map(FlowEnd::report)
                .filter(Objects::nonNull)
                .flatMap(report -> Stream.of(
                        Optional.ofNullable(report.roundTripHistogram()),
                        Optional.ofNullable(report.intendedRoundTripHistogram())))
                .map(histogram -> histogram.orElse(null)));
        return dev.flowlane.avro.Run.newBuilder()
                .setRunId(run.runId())
                .setState(state(state.name()))
                .setReasons(state.reasons())
                .setCoordinatorEpoch(run.epoch())
                .setAttempt(run.attempt())
                .setSpec(RunSpecAvro.toAvro(run.spec()))
                .setRequestedBy(run.requestedBy())
                .setCommandId(run.commandId())
                .setSubmittedTime(run.submittedAt())
                .setStateTime(state.since())
                .setDeadlineTime(state.deadline())
                .setStartedTime(run.startedAt())
                .setEndedTime(run.endedAt())
                .setWaitingFor(waitingFor(state))
                .setNotBeforeTime(state instanceof RunState.Queued queued ? queued.notBefore() : null)
                .setNotes(run.history().notes())
                .setGivenUpAttempts(TrialAvro.givenUp(run.history()))
                .setTrials(TrialAvro.trials(run.history()))
                .setCancelRequested(state instanceof RunState.Finishing finishing && finishing.cancelRequested())
                .setPlacementCandidates(run.candidatesOpened())
                .setClaims(run.claims().stream().map(ClaimAvro::toAvro).toList())
                .setFlows(run.flows().stream().map(flow -> flow(flow, histograms)).toList())
                .build();
    }

    /** The run in a record that this or an older version wrote. */
    public static Read<RunRecord> fromAvro(dev.flowlane.avro.Run record) {
        @Nullable StateName name = state(record.getState());
        @Nullable Instant submittedAt = record.getSubmittedTime();
        @Nullable Instant since = record.getStateTime();
        @Nullable History history = TrialAvro.history(record);
        if (name == null || submittedAt == null || since == null || history == null) {
            return new Read.Unreadable<>(about(record) + "has no state or times that this version knows");
        }
        dev.flowlane.avro.@Nullable RunSpec written = record.getSpec();
        if (written == null) {
            return new Read.Unreadable<>(about(record) + "has no spec");
        }
        return switch (RunSpecAvro.fromAvro(written)) {
            case SpecResult.Invalid(var problems) ->
                new Read.Unreadable<>(about(record) + problems.getFirst());
            case SpecResult.Parsed(_, RunSpec spec) -> new Read.Value<>(new RunRecord(
                    record.getRunId(),
                    record.getCommandId(),
                    record.getRequestedBy(),
                    spec,
                    submittedAt,
                    record.getCoordinatorEpoch(),
                    record.getAttempt(),
                    record.getPlacementCandidates(),
                    record.getStartedTime(),
                    history,
                    RunState.replayed(
                            name,
                            since,
                            record.getDeadlineTime(),
                            record.getReasons(),
                            flows(record),
                            record.getWaitingFor(),
                            record.getNotBeforeTime(),
                            record.getCancelRequested())));
        };
    }

    private static String about(dev.flowlane.avro.Run record) {
        return "run " + Quoted.text(record.getRunId()) + " ";
    }

    private static List<String> waitingFor(RunState state) {
        return state instanceof RunState.Queued queued ? List.copyOf(queued.waitingFor()) : List.of();
    }

    private static dev.flowlane.avro.RunFlow flow(FlowLane lane, boolean histograms) {
        FlowEnd source = lane.source();
        FlowEnd destination = lane.destination();
        return dev.flowlane.avro.RunFlow.newBuilder()
                .setFlowId(lane.flowId())
                .setSourceHostId(source.hostId())
                .setDestinationHostId(destination.hostId())
                .setCandidateId(lane.candidateId())
                .setSourceAddress(source.address())
                .setSourcePort(source.port())
                .setDestinationAddress(destination.address())
                .setDestinationPort(destination.port())
                .setSourceApplicationCpu(source.applicationCpu())
                .setSourceReceiveCpu(source.receiveCpu())
                .setDestinationApplicationCpu(destination.applicationCpu())
                .setDestinationReceiveCpu(destination.receiveCpu())
                .setSourceLane(observed(source))
                .setDestinationLane(observed(destination))
                .setSourceReport(report(source, histograms))
                .setDestinationReport(report(destination, histograms))
                .build();
    }

    private static dev.flowlane.avro.@Nullable FlowEndLane observed(FlowEnd end) {
        EndLane observed = end.observed();
        return observed == null ? null : FlowEndAvro.toAvro(observed);
    }

    private static dev.flowlane.avro.@Nullable EndReport report(FlowEnd end, boolean histograms) {
        EndReport report = end.report();
        if (report == null) {
            return null;
        }
        dev.flowlane.avro.EndReport record = FlowEndAvro.toAvro(report);
        if (!histograms) {
            record.setRoundTripHistogram(null);
            record.setIntendedRoundTripHistogram(null);
        }
        return record;
    }

    private static List<FlowLane> flows(dev.flowlane.avro.Run record) {
        Map<String, List<Claim>> claims = new HashMap<>();
        for (dev.flowlane.avro.Claim claim : record.getClaims()) {
            claims.computeIfAbsent(claim.getFlowId(), _ -> new ArrayList<>()).add(ClaimAvro.fromAvro(claim));
        }
        return record.getFlows().stream()
                .map(flow -> new FlowLane(
                        flow.getFlowId(),
                        new HostPair(flow.getSourceHostId(), flow.getDestinationHostId()),
                        flow.getCandidateId(),
                        new FlowEnd(
                                FlowRole.SOURCE,
                                flow.getSourceHostId(),
                                flow.getSourceAddress(),
                                flow.getSourcePort(),
                                flow.getSourceApplicationCpu(),
                                flow.getSourceReceiveCpu(),
                                lane(flow.getSourceLane()),
                                null,
                                report(flow.getSourceReport())),
                        new FlowEnd(
                                FlowRole.DESTINATION,
                                flow.getDestinationHostId(),
                                flow.getDestinationAddress(),
                                flow.getDestinationPort(),
                                flow.getDestinationApplicationCpu(),
                                flow.getDestinationReceiveCpu(),
                                lane(flow.getDestinationLane()),
                                null,
                                report(flow.getDestinationReport())),
                        claims.getOrDefault(flow.getFlowId(), List.of())))
                .toList();
    }

    private static @Nullable EndLane lane(dev.flowlane.avro.@Nullable FlowEndLane record) {
        return record == null ? null : FlowEndAvro.fromAvro(record);
    }

    private static @Nullable EndReport report(dev.flowlane.avro.@Nullable EndReport record) {
        return record == null ? null : FlowEndAvro.fromAvro(record);
    }

    static dev.flowlane.avro.RunStateName state(StateName name) {
        return switch (name) {
            case QUEUED -> dev.flowlane.avro.RunStateName.QUEUED;
            case CONNECTING -> dev.flowlane.avro.RunStateName.CONNECTING;
            case PLACED -> dev.flowlane.avro.RunStateName.PLACED;
            case RUNNING -> dev.flowlane.avro.RunStateName.RUNNING;
            case FINISHING -> dev.flowlane.avro.RunStateName.FINISHING;
            case COMPLETED -> dev.flowlane.avro.RunStateName.COMPLETED;
            case DISTURBED -> dev.flowlane.avro.RunStateName.DISTURBED;
            case PARTIAL -> dev.flowlane.avro.RunStateName.PARTIAL;
            case FAILED -> dev.flowlane.avro.RunStateName.FAILED;
            case CANCELLED -> dev.flowlane.avro.RunStateName.CANCELLED;
            case REJECTED -> dev.flowlane.avro.RunStateName.REJECTED;
            case EXPIRED -> dev.flowlane.avro.RunStateName.EXPIRED;
        };
    }

    static @Nullable StateName state(dev.flowlane.avro.RunStateName symbol) {
        return switch (symbol) {
            case UNKNOWN -> null;
            case QUEUED -> StateName.QUEUED;
            case CONNECTING -> StateName.CONNECTING;
            case PLACED -> StateName.PLACED;
            case RUNNING -> StateName.RUNNING;
            case FINISHING -> StateName.FINISHING;
            case COMPLETED -> StateName.COMPLETED;
            case DISTURBED -> StateName.DISTURBED;
            case PARTIAL -> StateName.PARTIAL;
            case FAILED -> StateName.FAILED;
            case CANCELLED -> StateName.CANCELLED;
            case REJECTED -> StateName.REJECTED;
            case EXPIRED -> StateName.EXPIRED;
        };
    }
}
