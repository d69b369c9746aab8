package dev.flowlane.daemon.machine;

/**
 * A flow end has left its lane, or is elsewhere outside it than before.
 *
 * @param seq first interval that shows it
 * @param warmup whether that interval lies before the measured window
 * @param expectedCpus CPUs of the lane, in the kernel's list form
 * @param observedCpus CPUs that were seen, in the kernel's list form
 */
public record LaneDrift(
        FlowEndId end, int seq, boolean warmup, Kind kind, String expectedCpus, String observedCpus) {

    /** What of the lane was left, causes first; names as in DriftKind.avsc. */
    public enum Kind {
        /** Affinity mask of the I/O thread. */
        AFFINITY,
        /** CPU that the I/O thread ran on. */
        APPLICATION_CPU,
        RECEIVE_CPU
    }
}
