package dev.flowlane.worker.protocol;

/** What a worker says to its daemon. */
public sealed interface FromWorker {

    /** It has no flow end, its code is compiled, it may be given one. Said at first and after every {@link Ended}. */
    record Warm(int pid, int threadId) implements FromWorker {}

    /**
     * The assigned flow end is pinned and settled; these were read back afterwards.
     *
     * @param receiveCpu SO_INCOMING_CPU, -1 unknown
     * @param affinityCpus mask of the I/O thread, in the kernel's list form
     */
    record Ready(int applicationCpu, int receiveCpu, String affinityCpus, int threadId) implements FromWorker {}

    record Interval(IntervalReport report) implements FromWorker {}

    /** The flow end is over and its socket closed; also the answer to an {@link ToWorker.Assign} that failed. */
    record Ended(EndReport report) implements FromWorker {}
}
