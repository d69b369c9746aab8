package dev.flowlane.core.run;

/** Connections whose packets one CPU received; {@code cpu} -1: those of which the kernel did not tell. */
public record CpuConnections(int cpu, long connections) {}
