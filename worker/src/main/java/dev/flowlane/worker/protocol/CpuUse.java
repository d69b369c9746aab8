package dev.flowlane.worker.protocol;

/**
 * What one CPU of the lane did over some stretch of time, by /proc/stat (so in whole kernel ticks, commonly 10 ms).
 * Guest time is part of user time, nice time too.
 */
public record CpuUse(
        int cpu,
        Part part,
        long userNs,
        long systemNs,
        long irqNs,
        long softirqNs,
        long iowaitNs,
        long stealNs,
        long idleNs) {

    /** The part a CPU plays in a lane; names as in CpuUse.avsc. */
    public enum Part {
        APPLICATION,
        RECEIVE,
        APPLICATION_AND_RECEIVE
    }
}
