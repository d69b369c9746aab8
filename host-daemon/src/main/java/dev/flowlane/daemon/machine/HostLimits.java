package dev.flowlane.daemon.machine;

import dev.flowlane.posix.CpuSet;

/**
 * What a daemon is set up for.
 *
 * @param allowedCpus CPUs its cpuset and affinity allow
 * @param warmWorkers idle workers kept ready while no run is on
 * @param maxWorkers worker processes at any time
 * @param maxCandidates candidate connections of all runs together
 */
public record HostLimits(CpuSet allowedCpus, int warmWorkers, int maxWorkers, int maxCandidates) {}
