package dev.flowlane.core.run;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.spec.RunSpec;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * The whole of one run; this is what is written and what a restart reads back.
 *
 * @param commandId command that submitted it
 * @param submittedAt the broker's append time of that command; runs of one priority are served in this order
 * @param epoch of the coordinator that decided last
 * @param attempt counts the run's searches from 1; a daemon forgets lower ones
 * @param candidatesOpened connections asked for, over all attempts
 * @param startedAt when START was sent, the last time if it was sent again
 */
public record RunRecord(
        String runId,
        String commandId,
        String requestedBy,
        RunSpec spec,
        Instant submittedAt,
        long epoch,
        int attempt,
        int candidatesOpened,
        @Nullable Instant startedAt,
        History history,
        RunState state) {

    /** First come, first served; the id decides within one millisecond. */
    static final Comparator<RunRecord> FIFO =
            Comparator.comparing(RunRecord::submittedAt).thenComparing(RunRecord::runId);

    /**
     * The line of waiting runs: higher priority first, then in the order in which they could first have begun; the id
     * decides within one millisecond. A run that becomes due overtakes nobody of its priority who waited before.
     */
    public static final Comparator<RunRecord> LINE = Comparator.comparing(
                    (RunRecord run) -> run.spec().conduct().priority(), Comparator.reverseOrder())
            .thenComparing(RunRecord::dueAt)
            .thenComparing(RunRecord.FIFO);

    /** Earliest begin that its spec allows, by the broker's clock. */
    public Instant dueAt() {
        return spec.conduct().notBefore().due(submittedAt);
    }

    /** When it became terminal; null while it is not. */
    public @Nullable Instant endedAt() {
        return state.live() ? null : state.since();
    }

    /** Chosen flows. */
    public List<FlowLane> flows() {
        return state.flows();
    }

    /** Rights that it holds now. */
    public List<Claim> claims() {
        return state.claims();
    }

    /** Without its flows, if it is over and holds nothing; else as it is. */
    public RunRecord withoutFlows() {
        return state instanceof RunState.Terminal over && over.claims().isEmpty() && !over.flows().isEmpty()
                ? with(over.withoutFlows())
                : this;
    }

    RunRecord with(RunState newState) {
        return new RunRecord(
                runId,
                commandId,
                requestedBy,
                spec,
                submittedAt,
                epoch,
                attempt,
                candidatesOpened,
                startedAt,
                history,
                newState);
    }

    RunRecord inEpoch(long newEpoch) {
        return new RunRecord(
                runId,
                commandId,
                requestedBy,
                spec,
                submittedAt,
                newEpoch,
                attempt,
                candidatesOpened,
                startedAt,
                history,
                state);
    }

    RunRecord nextAttempt() {
        return new RunRecord(
                runId,
                commandId,
                requestedBy,
                spec,
                submittedAt,
                epoch,
                attempt + 1,
                candidatesOpened,
                startedAt,
                history,
                state);
    }

    RunRecord opened(int more) {
        return new RunRecord(
                runId,
                commandId,
                requestedBy,
                spec,
                submittedAt,
                epoch,
                attempt,
                candidatesOpened + more,
                startedAt,
                history,
                state);
    }

    RunRecord startedAt(Instant at) {
        return new RunRecord(
                runId, commandId, requestedBy, spec, submittedAt, epoch, attempt, candidatesOpened, at, history, state);
    }

    RunRecord with(History newHistory) {
        return new RunRecord(
                runId,
                commandId,
                requestedBy,
                spec,
                submittedAt,
                epoch,
                attempt,
                candidatesOpened,
                startedAt,
                newHistory,
                state);
    }
}
