package dev.flowlane.core.run;

import dev.flowlane.core.spec.RunSpec;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/**
 * Result of one run.
 *
 * @param state terminal state
 * @param reasons why it is not COMPLETED, most important first; empty when it is
 * @param flowsMeasured flows with a complete measured window at both ends
 * @param throughputBitsPerSecond sum of the flows' throughputs
 * @param roundTrips of the merged histogram of all flows
 * @param intendedRoundTrips the same from when their requests were due; open loop only
 * @param retransmittedSegments sum over flows; null when unknown of any
 * @param submitToTrafficNs from the broker's append time of the command to the earliest payload byte at a source,
 *     corrected by that host's clock offset to the broker; null when no traffic began, the offset is unknown, or
 *     this is not the first measurement
 * @param epoch of the coordinator that wrote this
 * @param history measurements that were given up, and the trials of a run with repeat. The figures of such a run are
 *     those of its last measurement
 * @param statistics over the trials; empty without repeat
 * @param hosts those of the spec, each with its environment as it was last announced
 * @param datagrams of all flows; null for a run over TCP
 */
public record RunOutcome(
        String runId,
        StateName state,
        List<String> reasons,
        String requestedBy,
        RunSpec spec,
        int flowsRequested,
        int flowsMeasured,
        long sentBytes,
        long receivedBytes,
        double throughputBitsPerSecond,
        long transactions,
        double transactionsPerSecond,
        @Nullable RoundTrips roundTrips,
        @Nullable RoundTrips intendedRoundTrips,
        @Nullable Long retransmittedSegments,
        long payloadErrors,
        int intervals,
        int intervalsMissing,
        int driftedIntervals,
        int placementCandidates,
        @Nullable Long submitToTrafficNs,
        Instant submittedAt,
        @Nullable Instant startedAt,
        Instant endedAt,
        long epoch,
        List<FlowOutcome> flows,
        History history,
        List<TrialStatistic> statistics,
        List<HostEnvironment.Of> hosts,
        @Nullable Datagrams datagrams) {
    public RunOutcome {
        reasons = List.copyOf(reasons);
        flows = List.copyOf(flows);
        statistics = List.copyOf(statistics);
        hosts = List.copyOf(hosts);
    }

    RunOutcome judged(StateName newState, List<String> newReasons) {
        return copy(newState, newReasons, history, statistics);
    }

    RunOutcome with(History newHistory, List<TrialStatistic> newStatistics) {
        return copy(state, reasons, newHistory, newStatistics);
    }

    private RunOutcome copy(
            StateName newState,
            List<String> newReasons,
            History newHistory,
            List<TrialStatistic> newStatistics) {
        return new RunOutcome(
                runId,
                newState,
                newReasons,
                requestedBy,
                spec,
                flowsRequested,
                flowsMeasured,
                sentBytes,
                receivedBytes,
                throughputBitsPerSecond,
                transactions,
                transactionsPerSecond,
                roundTrips,
                intendedRoundTrips,
                retransmittedSegments,
                payloadErrors,
                intervals,
                intervalsMissing,
                driftedIntervals,
                placementCandidates,
                submitToTrafficNs,
                submittedAt,
                startedAt,
                endedAt,
                epoch,
                flows,
                newHistory,
                newStatistics,
                hosts,
                datagrams);
    }
}
