package dev.flowlane.core.check;

import dev.flowlane.core.run.StateName;

import java.time.Instant;
import java.util.List;

/**
 * What a run's result says.
 *
 * @param reasons why it is not COMPLETED
 * @param intervalsOfAnEnd intervals of one flow end of a clean run, warm-up included; -1 when the spec is not known
 * @param flows of the last trial; empty when there was no traffic
 */
public record RunFigures(
        String runId,
        StateName state,
        List<String> reasons,
        Instant submittedAt,
        Instant endedAt,
        int flowsRequested,
        int flowsMeasured,
        long sentBytes,
        long receivedBytes,
        int intervals,
        int intervalsMissing,
        int driftedIntervals,
        int intervalsOfAnEnd,
        List<FlowFigures> flows) {
    public RunFigures {
        reasons = List.copyOf(reasons);
        flows = List.copyOf(flows);
    }
}
