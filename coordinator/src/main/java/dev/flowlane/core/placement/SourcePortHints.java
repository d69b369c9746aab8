package dev.flowlane.core.placement;

import dev.flowlane.posix.CpuSet;

import java.util.List;

/**
 * Says which source ports lead a flow to wanted receive CPUs, for hosts whose hash is known. A hint may be wrong: what
 * counts is what the kernel reports of the connection afterwards.
 */
public interface SourcePortHints {
    /** Nothing is known: the kernel picks every port. */
    SourcePortHints NONE = (pair, source, destination, count) -> List.of();

    /**
     * Ports for connections from {@code pair.source()} to {@code pair.destination()}, no two of them for the same
     * receive CPU at either end, and none that is in use for a candidate of the pair.
     *
     * @param sourceReceive receive CPUs at the source that are free and that no flow has yet
     * @param destinationReceive the same at the destination
     * @param count ports asked for
     * @return at most {@code count} ports, best first; fewer, or none, where prediction reaches no further
     */
    List<Integer> sourcePorts(HostPair pair, CpuSet sourceReceive, CpuSet destinationReceive, int count);
}
