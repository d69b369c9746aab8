package dev.flowlane.worker.protocol;

/**
 * How long what was received lay in the kernel: from its receive timestamp (SO_TIMESTAMPING, by software, taken when
 * the packet enters the network stack) to the return of the call that brought it, both by CLOCK_REALTIME. It is made of
 * the stack's own work, the wake-up and the wait for the CPU; the network and the sender are not in it.
 *
 * @param samples receive calls (of datagrams: messages) that had a timestamp
 * @param withoutTimestamp those that had none, or one in the future (the clock was set back meanwhile)
 * @param p50Ns percentiles, to 2 significant digits; 0 without samples, as all that follow
 * @param p90Ns likewise
 * @param p99Ns likewise
 * @param p999Ns 99.9 %
 * @param maxNs longest
 * @param meanNs mean
 */
public record ReceiveDelay(
        long samples,
        long withoutTimestamp,
        long p50Ns,
        long p90Ns,
        long p99Ns,
        long p999Ns,
        long maxNs,
        double meanNs) {}
