package dev.flowlane.coordinator.wire;

import dev.flowlane.avro.CpuPlacement;
import dev.flowlane.avro.FlowResult;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunCommand;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.core.check.Fact;
import dev.flowlane.core.check.FlowFigures;
import dev.flowlane.core.check.Position;
import dev.flowlane.core.check.RunFigures;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.Input;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.StateName;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** Records of the bus as the facts that the invariants are judged by. */
public final class FactsAvro {
    private FactsAvro() {}

    /**
     * What a record says; null when nothing is judged by records of its kind.
     *
     * @param recordTime Kafka's timestamp
     * @param value null: a tombstone
     */
    public static @Nullable Fact fact(
            Position at, String key, Instant recordTime, @Nullable SpecificRecord value) {
        return switch (value) {
            case null -> new Fact.RunForgotten(at, key);
            case Run run -> run(at, key, run);
            case Host host -> host(at, host);
            case RunCommand command -> new Fact.Asked(at, recordTime, command.getCommandId(), command.getRunId());
            case HostCommand command -> ordered(at, recordTime, command);
            case HostEvent event -> heard(at, recordTime, event);
            case RunEvent event -> told(at, event);
            case RunResult result -> result(at, result);
            case FlowResult flow -> new Fact.FlowResultWritten(at, flow.getRunId(), figures(flow));
            case FlowStats stats -> interval(at, stats);
            case CpuPlacement placement -> lane(at, placement);
            default -> null;
        };
    }

    private static Fact run(Position at, String key, Run run) {
        if (key.equals(RunAvro.EPOCH_KEY)) {
            return new Fact.EpochTaken(at, run.getCoordinatorEpoch());
        }
        return switch (RunAvro.fromAvro(run)) {
            case Read.Value<RunRecord>(RunRecord value) -> new Fact.RunWritten(at, value);
            case Read.Unreadable<RunRecord>(String why) -> new Fact.NotUnderstood(at, why);
        };
    }

    private static Fact host(Position at, Host host) {
        return switch (HostAvro.fromAvro(host)) {
            case Read.Value<HostAnnouncement>(HostAnnouncement value) -> new Fact.HostAnnounced(at, value);
            case Read.Unreadable<HostAnnouncement>(String why) -> new Fact.NotUnderstood(at, why);
        };
    }

    private static Fact ordered(Position at, Instant recordTime, HostCommand command) {
        return new Fact.Ordered(
                at,
                recordTime,
                command.getHostId(),
                command.getRunId(),
                command.getAttempt(),
                command.getCoordinatorEpoch(),
                command.getCommandType().name());
    }

    private static Fact heard(Position at, Instant recordTime, HostEvent event) {
        return switch (HostEventAvro.fromAvro(event)) {
            case Read.Value<Input>(Input.HostWord word) ->
                new Fact.Heard(at, recordTime, event.getCoordinatorEpoch(), word);
            case Read.Value<Input>(Input other) -> new Fact.NotUnderstood(at, "no word of a host: " + other);
            case Read.Unreadable<Input>(String why) -> new Fact.NotUnderstood(at, why);
        };
    }

    private static Fact told(Position at, RunEvent event) {
        dev.flowlane.core.run.RunEvent.Type type =
                switch (event.getEventType()) {
                    case ANSWER -> dev.flowlane.core.run.RunEvent.Type.ANSWER;
                    case STATE -> dev.flowlane.core.run.RunEvent.Type.STATE;
                    case LANE_DRIFT -> dev.flowlane.core.run.RunEvent.Type.LANE_DRIFT;
                    case HOST_LOST -> dev.flowlane.core.run.RunEvent.Type.HOST_LOST;
                    case WARNING -> dev.flowlane.core.run.RunEvent.Type.WARNING;
                    case UNKNOWN -> null;
                };
        @Nullable String code = event.getCode();
        if (type == null) {
            return new Fact.NotUnderstood(at, "an event of a kind that this version does not know");
        }
        return new Fact.Told(
                at,
                event.getEventTime(),
                event.getRunId(),
                type,
                event.getCommandId(),
                code == null ? null : code(code));
    }

    private static dev.flowlane.core.run.RunEvent.@Nullable AnswerCode code(String code) {
        for (dev.flowlane.core.run.RunEvent.AnswerCode known : dev.flowlane.core.run.RunEvent.AnswerCode.values()) {
            if (known.name().equals(code)) {
                return known;
            }
        }
        return null;
    }

    private static Fact result(Position at, RunResult result) {
        StateName state = RunAvro.state(result.getState());
        if (state == null) {
            return new Fact.NotUnderstood(at, "a result with a state that this version does not know");
        }
        @Nullable RunSpec spec = result.getSpec();
        @Nullable Instant submitted = result.getSubmittedTime();
        @Nullable Instant ended = result.getEndedTime();
        return new Fact.ResultWritten(at, new RunFigures(
                result.getRunId(),
                state,
                result.getReasons(),
                submitted == null ? result.getEventTime() : submitted,
                ended == null ? result.getEventTime() : ended,
                result.getFlowsRequested(),
                result.getFlowsMeasured(),
                result.getSentBytes(),
                result.getReceivedBytes(),
                result.getIntervals(),
                result.getIntervalsMissing(),
                result.getDriftedIntervals(),
                spec == null ? -1 : intervals(spec),
                result.getFlows().stream().map(FactsAvro::figures).toList()));
    }

    private static int intervals(RunSpec spec) {
        long intervalNs = spec.getReportIntervalNs();
        return intervalNs <= 0
                ? -1
                : Math.toIntExact(Math.ceilDiv(spec.getWarmupNs(), intervalNs)
                        + Math.ceilDiv(spec.getDurationNs(), intervalNs));
    }

    private static FlowFigures figures(FlowSummary flow) {
        return new FlowFigures(
                flow.getFlowId(),
                flow.getSentBytes(),
                flow.getReceivedBytes(),
                flow.getIntervals(),
                flow.getIntervalsMissing(),
                flow.getDriftedIntervals(),
                flow.getSourceOutcome() == dev.flowlane.avro.EndOutcome.DONE
                        && flow.getSourceWindowNs() > 0
                        && flow.getDestinationOutcome() == dev.flowlane.avro.EndOutcome.DONE
                        && flow.getDestinationWindowNs() > 0);
    }

    private static FlowFigures figures(FlowResult flow) {
        return new FlowFigures(
                flow.getFlowId(),
                flow.getSentBytes(),
                flow.getReceivedBytes(),
                flow.getIntervals(),
                flow.getIntervalsMissing(),
                flow.getDriftedIntervals(),
                flow.getSourceOutcome() == dev.flowlane.avro.EndOutcome.DONE
                        && flow.getSourceWindowNs() > 0
                        && flow.getDestinationOutcome() == dev.flowlane.avro.EndOutcome.DONE
                        && flow.getDestinationWindowNs() > 0);
    }

    private static Fact interval(Position at, FlowStats stats) {
        FlowRole role = FlowEndAvro.role(stats.getFlowRole());
        if (role == null) {
            return new Fact.NotUnderstood(at, "an interval that does not say of which end it is");
        }
        return new Fact.IntervalPublished(
                at,
                stats.getRunId(),
                stats.getFlowId(),
                role,
                stats.getHostId(),
                stats.getSeq(),
                stats.getWarmup(),
                stats.getIntervalNs(),
                stats.getSentBytes(),
                stats.getReceivedBytes(),
                stats.hashCode());
    }

    private static Fact lane(Position at, CpuPlacement placement) {
        FlowRole role = FlowEndAvro.role(placement.getFlowRole());
        if (role == null) {
            return new Fact.NotUnderstood(at, "a lane that does not say of which end it is");
        }
        return new Fact.LanePublished(
                at,
                placement.getRunId(),
                placement.getFlowId(),
                role,
                placement.getHostId(),
                placement.getSeq(),
                placement.getWarmup(),
                placement.getDrifted(),
                placement.getWorkerPid(),
                placement.getThreadId(),
                placement.hashCode());
    }
}
