package dev.flowlane.core.spec;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Where flows may land and what they may not share.
 *
 * @param smt whether what {@code exclusive} says of CPUs goes for their SMT siblings, too
 * @param sourceCpus CPUs that receive and application CPUs of source ends must be in; null: all the host allows
 * @param destinationCpus the same for destination ends
 * @param isolatedOnly whether receive and application CPUs must be isolated (isolcpus)
 * @param maxCandidates bound of the search, in connections over the whole run
 * @param sourcePorts source ports that the search uses for each pair of hosts, in this order and no others; empty: any
 */
public record PlacementPolicy(
        ApplicationCpu applicationCpu,
        Exclusive exclusive,
        Smt smt,
        @Nullable CpuSet sourceCpus,
        @Nullable CpuSet destinationCpus,
        boolean isolatedOnly,
        int maxCandidates,
        List<Integer> sourcePorts) {
    public PlacementPolicy {
        sourcePorts = List.copyOf(sourcePorts);
    }

    /** From whatever source ports. */
    public PlacementPolicy(
            ApplicationCpu applicationCpu,
            Exclusive exclusive,
            Smt smt,
            @Nullable CpuSet sourceCpus,
            @Nullable CpuSet destinationCpus,
            boolean isolatedOnly,
            int maxCandidates) {
        this(applicationCpu, exclusive, smt, sourceCpus, destinationCpus, isolatedOnly, maxCandidates, List.of());
    }

    public PlacementPolicy withApplicationCpu(ApplicationCpu other) {
        return new PlacementPolicy(
                other, exclusive, smt, sourceCpus, destinationCpus, isolatedOnly, maxCandidates, sourcePorts);
    }

    public PlacementPolicy withExclusive(Exclusive other) {
        return new PlacementPolicy(
                applicationCpu, other, smt, sourceCpus, destinationCpus, isolatedOnly, maxCandidates, sourcePorts);
    }

    public PlacementPolicy withSmt(Smt other) {
        return new PlacementPolicy(
                applicationCpu, exclusive, other, sourceCpus, destinationCpus, isolatedOnly, maxCandidates,
                sourcePorts);
    }

    public PlacementPolicy withCpus(@Nullable CpuSet source, @Nullable CpuSet destination) {
        return new PlacementPolicy(
                applicationCpu, exclusive, smt, source, destination, isolatedOnly, maxCandidates, sourcePorts);
    }

    public PlacementPolicy withIsolatedOnly(boolean other) {
        return new PlacementPolicy(
                applicationCpu, exclusive, smt, sourceCpus, destinationCpus, other, maxCandidates, sourcePorts);
    }

    public PlacementPolicy withSourcePorts(List<Integer> other) {
        return new PlacementPolicy(
                applicationCpu, exclusive, smt, sourceCpus, destinationCpus, isolatedOnly, maxCandidates, other);
    }
}
