package dev.flowlane.daemon.telemetry;

import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.IntervalReport;
import org.jspecify.annotations.Nullable;

/**
 * An interval with what its bytes hold, taken out once for everybody who wants it.
 *
 * @param tcpInfo at its end; of no length where the flow is not TCP
 * @param roundTrips null unless this end times round trips
 * @param intendedRoundTrips from their intended send times; null unless there is a pace, too
 */
record DecodedInterval(
        IntervalReport report,
        TcpInfo tcpInfo,
        @Nullable RecordedRoundTrips roundTrips,
        @Nullable RecordedRoundTrips intendedRoundTrips) {
    /** @throws IllegalArgumentException if what should be a histogram is none */
    static DecodedInterval of(IntervalReport report, RoundTripDecoder decoder) {
        return new DecodedInterval(
                report,
                TcpInfo.of(report.tcpInfo().toArray()),
                roundTrips(report.roundTripHistogram(), decoder),
                roundTrips(report.intendedRoundTripHistogram(), decoder));
    }

    private static @Nullable RecordedRoundTrips roundTrips(Bytes encoded, RoundTripDecoder decoder) {
        return encoded.size() == 0 ? null : decoder.decode(encoded);
    }
}
