package dev.flowlane.core.placement;

import java.util.List;

/**
 * The CPUs of one flow at both ends. The index of a lane in {@link PlacementOutcome.Placed} is the flow's number, and
 * its claims carry the flow id {@code <run id>.<index>}.
 *
 * @param sourceApplicationCpu CPU to pin the source's worker to; -1: unpinned
 * @param sourceReceiveCpu receive CPU to be expected; -1: shows only once the worker is pinned
 * @param claims what the lane claims of the machines, without duplicates
 */
public record Lane(
        HostPair pair,
        int candidateId,
        int sourceApplicationCpu,
        int sourceReceiveCpu,
        int destinationApplicationCpu,
        int destinationReceiveCpu,
        List<Claim> claims) {
    public Lane {
        claims = List.copyOf(claims);
    }
}
