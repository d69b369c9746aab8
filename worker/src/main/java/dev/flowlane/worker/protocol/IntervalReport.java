package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * One interval of one flow end.
 *
 * @param seq number at this end, from 0, warm-up included; numbers of dropped intervals are missing
 * @param warmup whether it lies before the measured window
 * @param startedWallNs wall clock at its begin, nanoseconds since 1970
 * @param endedWallNs wall clock at its end
 * @param intervalNs length by the monotonic clock
 * @param traffic in this interval
 * @param totalTraffic since traffic began, warm-up included
 * @param thread of the I/O thread in this interval
 * @param lane where it ran and received
 * @param tcpInfo struct tcp_info as the kernel returned it at the end of the interval; decode with posix.TcpInfo
 * @param roundTrips samples in the histogram
 * @param roundTripHistogram HdrHistogram, V2 compressed, nanoseconds, 3 significant digits; empty unless this is the
 *     source of request-response traffic
 * @param intendedRoundTripHistogram the same round trips, timed from when their requests were due; empty unless there
 *     is a pace, too
 * @param cpus one for each distinct CPU of the lane
 * @param receiveDelay how long what was received lay in the kernel; null unless timestamps were asked for
 * @param droppedIntervals intervals so far that were measured but could not be handed over
 */
public record IntervalReport(
        int seq,
        boolean warmup,
        long startedWallNs,
        long endedWallNs,
        long intervalNs,
        Traffic traffic,
        Traffic totalTraffic,
        ThreadUse thread,
        LaneSeen lane,
        Bytes tcpInfo,
        long roundTrips,
        Bytes roundTripHistogram,
        Bytes intendedRoundTripHistogram,
        List<CpuUse> cpus,
        @Nullable ReceiveDelay receiveDelay,
        int droppedIntervals) {
    public IntervalReport {
        cpus = List.copyOf(cpus);
    }

    /** Without receive delays. */
    public IntervalReport(
            int seq,
            boolean warmup,
            long startedWallNs,
            long endedWallNs,
            long intervalNs,
            Traffic traffic,
            Traffic totalTraffic,
            ThreadUse thread,
            LaneSeen lane,
            Bytes tcpInfo,
            long roundTrips,
            Bytes roundTripHistogram,
            Bytes intendedRoundTripHistogram,
            List<CpuUse> cpus,
            int droppedIntervals) {
        this(
                seq,
                warmup,
                startedWallNs,
                endedWallNs,
                intervalNs,
                traffic,
                totalTraffic,
                thread,
                lane,
                tcpInfo,
                roundTrips,
                roundTripHistogram,
                intendedRoundTripHistogram,
                cpus,
                null,
                droppedIntervals);
    }
}
