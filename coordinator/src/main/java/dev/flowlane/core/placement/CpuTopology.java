package dev.flowlane.core.placement;

import dev.flowlane.posix.CpuSet;

/**
 * One logical CPU of a machine; a number of -1 is unknown.
 *
 * @param smtSiblings CPUs of the same core, this one included
 */
public record CpuTopology(int cpu, int coreId, int packageId, int numaNode, CpuSet smtSiblings) {}
