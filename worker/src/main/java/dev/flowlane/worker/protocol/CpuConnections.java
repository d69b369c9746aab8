package dev.flowlane.worker.protocol;

/**
 * Connections whose packets one CPU received.
 *
 * @param cpu -1 for those of which the kernel did not tell
 * @param connections of the measured window
 */
public record CpuConnections(int cpu, long connections) {}
