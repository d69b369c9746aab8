package dev.flowlane.core.steering;

import dev.flowlane.posix.CpuSet;

/**
 * A receive queue.
 *
 * @param irqCpus CPUs that serve its interrupt; empty unknown
 * @param rpsCpus CPUs that packets are handed on to (RPS); empty: none, the interrupt's CPU keeps them
 */
public record RxQueue(int queue, CpuSet irqCpus, CpuSet rpsCpus) {}
