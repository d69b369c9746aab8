package dev.flowlane.core.spec;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

/**
 * Where flows may land and what they may not share.
 *
 * @param sourceCpus CPUs that receive and application CPUs of source ends must be in; null: all the host allows
 * @param destinationCpus the same for destination ends
 * @param maxCandidates bound of the search, in connections over the whole run
 */
public record PlacementPolicy(
        ApplicationCpu applicationCpu,
        Exclusive exclusive,
        @Nullable CpuSet sourceCpus,
        @Nullable CpuSet destinationCpus,
        int maxCandidates) {}
