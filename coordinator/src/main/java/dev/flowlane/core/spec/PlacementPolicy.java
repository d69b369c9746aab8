package dev.flowlane.core.spec;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

/**
 * Where flows may land and what they may not share.
 *
 * @param smt whether what {@code exclusive} says of CPUs goes for their SMT siblings, too
 * @param sourceCpus CPUs that receive and application CPUs of source ends must be in; null: all the host allows
 * @param destinationCpus the same for destination ends
 * @param isolatedOnly whether receive and application CPUs must be isolated (isolcpus)
 * @param maxCandidates bound of the search, in connections over the whole run
 */
public record PlacementPolicy(
        ApplicationCpu applicationCpu,
        Exclusive exclusive,
        Smt smt,
        @Nullable CpuSet sourceCpus,
        @Nullable CpuSet destinationCpus,
        boolean isolatedOnly,
        int maxCandidates) {}
