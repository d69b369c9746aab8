package dev.flowlane.cli;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.SightingAvro;
import dev.flowlane.page.Sighting;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What is known of one run from the records read so far. Pure: the reading is {@link RunSession}'s. */
final class RunSight {
    private final String runId;
    private final RunListener listener;
    private final Map<String, RunEvent> answers = new HashMap<>();
    private final Set<FlowEnd> finished = new HashSet<>();
    private @Nullable Run run;
    private @Nullable RunResult result;
    private int changes;
    private RunStateName state = RunStateName.UNKNOWN;

    private record FlowEnd(String flowId, FlowRole role) {}

    RunSight(String runId, RunListener listener) {
        this.runId = runId;
        this.listener = listener;
    }

    /** Takes a record of any topic; those of other runs have no effect. */
    void accept(BusRecord<?> record) {
        RunEvent event = record.as(Topic.RUN_EVENTS);
        Run changed = record.as(Topic.RUNS);
        RunResult ended = record.as(Topic.RUN_RESULTS);
        FlowStats stats = record.as(Topic.FLOW_STATS);
        if (event != null && event.getRunId().equals(runId)) {
            accept(event);
        } else if (changed != null && changed.getRunId().equals(runId)) {
            run = changed;
            changes++;
            state = changed.getState();
            listener.run(changed);
        } else if (ended != null && ended.getRunId().equals(runId)) {
            result = ended;
            state = ended.getState();
        } else if (stats != null && stats.getRunId().equals(runId)) {
            accept(stats);
        } else if (listener.wantsSightings()) {
            SpecificRecord value = record.value();
            Sighting sighting = value == null ? null : SightingAvro.fromAvro(value);
            if (sighting != null && sighting.runId().equals(runId)) {
                listener.sighting(sighting);
            }
        }
    }

    private void accept(RunEvent event) {
        if (event.getEventType() == RunEventType.ANSWER && event.getCommandId() != null) {
            answers.put(event.getCommandId(), event);
        }
        if (event.getEventType() == RunEventType.STATE && event.getState() != RunStateName.UNKNOWN) {
            state = event.getState();
        }
        listener.event(event);
    }

    private void accept(FlowStats stats) {
        if (!stats.getWarmup() && stats.getSeq() >= lastSeq()) {
            finished.add(new FlowEnd(stats.getFlowId(), stats.getFlowRole()));
        }
        listener.interval(stats);
    }

    /** The answer to a command; null until it is there. */
    @Nullable RunEvent answerTo(String commandId) {
        return answers.get(commandId);
    }

    /** Its record on the topic {@code runs}; null when none was read. */
    @Nullable Run run() {
        return run;
    }

    /** How often its record on the topic {@code runs} was read. */
    int changes() {
        return changes;
    }

    /** Its result; null until it has ended. */
    @Nullable RunResult result() {
        return result;
    }

    /** Newest state that was read. */
    RunStateName state() {
        return state;
    }

    /**
     * Whether the run has ended, as far as its state says; the result comes in the same transaction on another topic.
     */
    boolean isTerminal() {
        return isTerminal(state);
    }

    /** Whether every flow end of the result has shown its last interval. */
    boolean sawLastIntervals() {
        RunResult ended = result;
        return ended == null
                || ended.getFlows().stream()
                        .allMatch(flow -> finished.contains(new FlowEnd(flow.getFlowId(), FlowRole.SOURCE))
                                && finished.contains(new FlowEnd(flow.getFlowId(), FlowRole.DESTINATION)));
    }

    static boolean isTerminal(RunStateName state) {
        return switch (state) {
            case COMPLETED, DISTURBED, PARTIAL, FAILED, CANCELLED, REJECTED, EXPIRED -> true;
            case UNKNOWN, QUEUED, CONNECTING, PLACED, RUNNING, FINISHING -> false;
        };
    }

    /** Number of the last interval of a clean run; 0 as long as the spec is not known. */
    private int lastSeq() {
        RunSpec spec = run == null ? null : run.getSpec();
        if (spec == null || spec.getReportIntervalNs() <= 0) {
            return 0;
        }
        long interval = spec.getReportIntervalNs();
        return (int) (Math.ceilDiv(spec.getWarmupNs(), interval) + Math.ceilDiv(spec.getDurationNs(), interval) - 1);
    }
}
