package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Everything one flow end measured. {@code warmup} and {@code measured} are the exact sums of the traffic of all its
 * intervals, dropped ones included.
 *
 * @param message what a person should know when the outcome is not DONE
 * @param trafficStartedWallNs wall clock of this end's first payload byte, nanoseconds since 1970; 0 when there was
 *     none
 * @param windowStartedWallNs wall clock at which the measured window began; 0 when it never did
 * @param windowNs length of the measured window by the monotonic clock
 * @param roundTripHistogram of the measured window, as in {@link IntervalReport}; null unless this is the source of
 *     request-response traffic
 * @param intendedRoundTripHistogram the same round trips, timed from when their requests were due; null unless there is
 *     a pace, too
 * @param intervalsExpected that a clean run of these settings has at this end
 * @param intervalsCut that this end made, dropped ones included
 * @param measuredIntervalsCut those of them that lie in the measured window
 * @param intervalsDropped those of them that were measured but could not be handed over
 * @param firstPayloadErrorOffset offset, in the received direction's stream, of the first wrong byte
 * @param cpuShare null when /proc/stat did not tell
 * @param thread of the I/O thread in the measured window
 * @param dueNotSent messages of the measured window that were due at its end and not sent any more, because the source
 *     could not keep up; of random times as many as are to be expected; null unless this is the source and has a pace
 * @param socketOptions what was asked of the socket and what the kernel made of it; empty when no traffic began
 * @param ofKind what only some kinds of traffic have
 */
public record EndReport(
        String flowId,
        Role role,
        Outcome outcome,
        @Nullable String message,
        long trafficStartedWallNs,
        long windowStartedWallNs,
        long windowNs,
        Traffic warmup,
        Traffic measured,
        @Nullable Bytes roundTripHistogram,
        @Nullable Bytes intendedRoundTripHistogram,
        int intervalsExpected,
        int intervalsCut,
        int measuredIntervalsCut,
        int intervalsDropped,
        @Nullable Long firstPayloadErrorOffset,
        TcpSummary tcp,
        @Nullable CpuShare cpuShare,
        ThreadUse thread,
        @Nullable Long dueNotSent,
        List<AppliedOption> socketOptions,
        KindFigures ofKind) {
    public EndReport {
        socketOptions = List.copyOf(socketOptions);
    }

    /** The report of an end that never carried traffic. */
    public static EndReport withoutTraffic(
            String flowId, Role role, Outcome outcome, @Nullable String message, int intervalsExpected) {
        return new EndReport(
                flowId,
                role,
                outcome,
                message,
                0,
                0,
                0,
                Traffic.NONE,
                Traffic.NONE,
                null,
                null,
                intervalsExpected,
                0,
                0,
                0,
                null,
                TcpSummary.UNKNOWN,
                null,
                ThreadUse.NONE,
                null,
                List.of(),
                KindFigures.NONE);
    }

    /** Receive calls whose payload was wrong, warm-up included. */
    public long payloadErrors() {
        return warmup.payloadErrors() + measured.payloadErrors();
    }
}
