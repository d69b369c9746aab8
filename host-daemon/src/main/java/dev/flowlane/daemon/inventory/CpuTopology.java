package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;

/**
 * One logical CPU; -1 where the kernel does not tell.
 *
 * @param siblings CPUs of the same core, this one included
 */
public record CpuTopology(int cpu, int coreId, int packageId, int numaNode, CpuSet siblings) {}
