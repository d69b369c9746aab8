package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

/**
 * Result of one flow.
 *
 * @param lane addresses, plan, observed lane and the reports of both ends (a missing report is null there)
 * @param measured whether both ends have a complete measured window
 * @param sentBytes that the sender sent in the measured window: the source, or with a reverse course the
 *     destination
 * @param receivedBytes of the measured window that its peer received
 * @param durationNs the receiver's window for streams, the asking end's for timed traffic
 * @param throughputBitsPerSecond received bytes times 8 over the receiver's window
 * @param transactions round trips completed at the asking end
 * @param transactionsPerSecond over its window
 * @param roundTrips null unless round trips were recorded
 * @param intendedRoundTrips the same from when their requests were due; open loop only
 * @param sourceTcp TCP_INFO of the sender
 * @param sourceCpu null when not known
 * @param destinationCpu null when not known
 * @param intervals measured ones published by both ends together
 * @param datagrams of both ends together; null for a flow over TCP
 * @param intervalsMissing intervals of either end that a clean run has and this one lacks
 * @param ofKind what only some kinds of traffic have
 */
public record FlowOutcome(
        FlowLane lane,
        boolean measured,
        long sentBytes,
        long receivedBytes,
        long durationNs,
        long sourceWindowNs,
        long destinationWindowNs,
        double throughputBitsPerSecond,
        long transactions,
        double transactionsPerSecond,
        @Nullable RoundTrips roundTrips,
        @Nullable RoundTrips intendedRoundTrips,
        EndReport.Tcp sourceTcp,
        EndReport.@Nullable CpuRatios sourceCpu,
        EndReport.@Nullable CpuRatios destinationCpu,
        int intervals,
        int intervalsMissing,
        int driftedIntervals,
        long payloadErrors,
        EndOutcome sourceOutcome,
        EndOutcome destinationOutcome,
        KindOutcome ofKind,
        @Nullable Datagrams datagrams) {}
