package dev.flowlane.core.spec;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Where flows may land and what they may not share.
 *
 * @param sourceCpus CPUs that receive and application CPUs of source ends must be in; null: all the host allows
 * @param destinationCpus the same for destination ends
 * @param maxCandidates bound of the search, in connections over the whole run
 * @param sourcePorts source ports that the search uses for each pair of hosts, in this order and no others; empty: any
 */
public record PlacementPolicy(
        ApplicationCpu applicationCpu,
        Exclusive exclusive,
        @Nullable CpuSet sourceCpus,
        @Nullable CpuSet destinationCpus,
        int maxCandidates,
        List<Integer> sourcePorts) {
    public PlacementPolicy {
        sourcePorts = List.copyOf(sourcePorts);
    }

    /** From whatever source ports. */
    public PlacementPolicy(
            ApplicationCpu applicationCpu,
            Exclusive exclusive,
            @Nullable CpuSet sourceCpus,
            @Nullable CpuSet destinationCpus,
            int maxCandidates) {
        this(applicationCpu, exclusive, sourceCpus, destinationCpus, maxCandidates, List.of());
    }
}
