package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What only some kinds of traffic have to say of one flow.
 *
 * @param windowEnd what ended the sender's measured window; of a bidirectional flow, the source's
 * @param backward bidirectional: from destination to source; null for other kinds
 * @param failedConnections connection rate: those that were not made, or broke before the whole response
 * @param portlessConnections connection rate: those of them for which the source had no free port
 * @param sourceConnections connection rate: on which CPUs the source received them
 * @param destinationConnections the destination likewise
 * @param sourceReceiveDelay null unless the spec asks for receive timestamps
 * @param destinationReceiveDelay the destination's likewise
 */
public record KindOutcome(
        @Nullable WindowEnd windowEnd,
        @Nullable Backward backward,
        long failedConnections,
        long portlessConnections,
        List<CpuConnections> sourceConnections,
        List<CpuConnections> destinationConnections,
        @Nullable ReceiveDelay sourceReceiveDelay,
        @Nullable ReceiveDelay destinationReceiveDelay) {
    public KindOutcome {
        sourceConnections = List.copyOf(sourceConnections);
        destinationConnections = List.copyOf(destinationConnections);
    }

    /**
     * A bidirectional flow's direction from destination to source.
     *
     * @param throughputBitsPerSecond received bytes times 8 over the source's receive window
     * @param windowEnd what ended the destination's sending
     */
    public record Backward(
            long sentBytes, long receivedBytes, double throughputBitsPerSecond, @Nullable WindowEnd windowEnd) {}
}
