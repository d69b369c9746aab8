package dev.flowlane.worker.protocol;

/**
 * Shares of the measured window, 0 to 1, mean over the distinct CPUs of this end's lane (/proc/stat). They do not
 * quite add up to 1: iowait is left out, and ticks are coarse.
 */
public record CpuShare(double user, double system, double irq, double softirq, double steal, double idle) {}
