package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Everything one flow end measured, as its host reported it. Unless said otherwise a number covers the measured window.
 *
 * @param message what a person should know when the outcome is not DONE
 * @param trafficStartedNs wall clock of the end's host at the first payload byte, nanoseconds since 1970; 0: there was
 *     none
 * @param windowStartedNs wall clock of the end's host at the begin of the measured window; 0: it never began
 * @param windowNs length of the measured window by the monotonic clock
 * @param transactions responses completely received (source) or requests completely answered (destination)
 * @param roundTripHistogram HdrHistogram V2 compressed, nanoseconds; of the end that asks, of timed traffic only
 * @param intendedRoundTripHistogram the same round trips from when their requests were due; open loop only
 * @param driftReason how the end left its lane in the first drifted interval, and since when; null when it did not
 * @param payloadErrors receive calls whose payload did not match the pattern
 * @param firstPayloadErrorOffset stream offset of the first wrong byte
 * @param messagesDueNotSent open loop: messages that were due in the window and not sent when it ended
 * @param socketOptions what was asked of the socket and what the kernel made of it
 * @param ofKind what only some kinds of traffic have
 * @param datagrams what became of the datagrams at this end; null for a flow over TCP, and where nothing happened
 */
public record EndReport(
        String flowId,
        FlowRole role,
        EndOutcome outcome,
        @Nullable String message,
        long trafficStartedNs,
        long windowStartedNs,
        long windowNs,
        long sentBytes,
        long receivedBytes,
        long warmupSentBytes,
        long warmupReceivedBytes,
        long transactions,
        @Nullable OpaqueBytes roundTripHistogram,
        @Nullable OpaqueBytes intendedRoundTripHistogram,
        long sendCalls,
        long receiveCalls,
        Intervals intervals,
        @Nullable String driftReason,
        long payloadErrors,
        @Nullable Long firstPayloadErrorOffset,
        Tcp tcp,
        @Nullable CpuRatios cpu,
        Worker worker,
        ZeroCopy zeroCopy,
        @Nullable Long messagesDueNotSent,
        List<SocketOption> socketOptions,
        KindFigures ofKind,
        @Nullable Datagrams datagrams) {
    public EndReport {
        socketOptions = List.copyOf(socketOptions);
    }

    /**
     * Reporting periods of one end.
     *
     * @param expected that a clean run has at this end, warm-up included
     * @param published acknowledged by the broker, warm-up included
     * @param dropped measured but lost on the way
     * @param measured published ones of the measured window
     * @param drifted measured ones in which the flow left its lane
     */
    public record Intervals(int expected, int published, int dropped, int measured, int drifted) {
        /** No interval, and none known to be expected. */
        public static final Intervals NONE = new Intervals(0, 0, 0, 0, 0);
    }

    /** What TCP_INFO said; null where the kernel does not tell. The first three are counts over the measured window. */
    public record Tcp(
            @Nullable Long retransmittedSegments,
            @Nullable Long reorderingSeen,
            @Nullable Long deliveredCe,
            @Nullable Long smoothedRttNs,
            @Nullable Long rttVarianceNs,
            @Nullable Long sendWindowBytes,
            @Nullable Long congestionWindowSegments) {
        /** Nothing is known. */
        public static final Tcp UNKNOWN = new Tcp(null, null, null, null, null, null, null);
    }

    /** Shares of the measured window, 0 to 1, mean over the distinct CPUs of the end's lane. */
    public record CpuRatios(double user, double system, double irq, double softirq, double steal, double idle) {}

    /** What the I/O thread cost and suffered; null where the kernel does not tell. */
    public record Worker(
            @Nullable Long userNs,
            @Nullable Long systemNs,
            long longestTurnNs,
            @Nullable Long involuntarySwitches,
            @Nullable Long runDelayNs) {
        /** Nothing is known. */
        public static final Worker UNKNOWN = new Worker(null, null, 0, null, null);
    }

    /**
     * Copies that were spared, or were to be.
     *
     * @param completions sends with MSG_ZEROCOPY that the kernel told to be complete
     * @param copies those of them whose payload it copied after all
     * @param receivedBytes payload whose pages were mapped instead of copied (TCP_ZEROCOPY_RECEIVE)
     */
    public record ZeroCopy(long completions, long copies, long receivedBytes) {
        /** There was none. */
        public static final ZeroCopy NONE = new ZeroCopy(0, 0, 0);
    }

    /** The coordinator's own word about an end that is over without a report of its host. */
    static EndReport unreported(String flowId, FlowRole role, String why) {
        return new EndReport(
                flowId,
                role,
                EndOutcome.UNKNOWN,
                why,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                0,
                0,
                Intervals.NONE,
                null,
                0,
                null,
                Tcp.UNKNOWN,
                null,
                Worker.UNKNOWN,
                ZeroCopy.NONE,
                null,
                List.of(),
                KindFigures.NONE,
                null);
    }

    /**
     * Without what only the result needs, and what takes most of the room: histograms, socket options, what only some
     * kinds of traffic have.
     */
    EndReport slim() {
        return new EndReport(
                flowId,
                role,
                outcome,
                message,
                trafficStartedNs,
                windowStartedNs,
                windowNs,
                sentBytes,
                receivedBytes,
                warmupSentBytes,
                warmupReceivedBytes,
                transactions,
                null,
                null,
                sendCalls,
                receiveCalls,
                intervals,
                driftReason,
                payloadErrors,
                firstPayloadErrorOffset,
                tcp,
                cpu,
                worker,
                zeroCopy,
                messagesDueNotSent,
                List.of(),
                KindFigures.NONE,
                datagrams);
    }
}
