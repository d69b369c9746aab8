package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** End reports for tests. */
record Reports(
        EndOutcome outcome,
        @Nullable String message,
        long trafficStartedNs,
        long windowNs,
        long sentBytes,
        long receivedBytes,
        long transactions,
        @Nullable OpaqueBytes histogram,
        EndReport.Intervals intervals,
        long payloadErrors,
        @Nullable Datagrams datagrams) {

    /** What a report says that has drifted intervals. */
    static final String DRIFT = "receive CPU was 3, lane is {1}, from interval 7";

    /** A clean end of a run of 10 s in intervals of 1 s. */
    static Reports done(long sentBytes, long receivedBytes) {
        return new Reports(
                EndOutcome.DONE,
                null,
                1_000_000_000L,
                10_000_000_000L,
                sentBytes,
                receivedBytes,
                0,
                null,
                new EndReport.Intervals(10, 10, 0, 10, 0),
                0,
                null);
    }

    static Reports ended(EndOutcome outcome, @Nullable String message) {
        return new Reports(outcome, message, 0, 0, 0, 0, 0, null, EndReport.Intervals.NONE, 0, null);
    }

    Reports intervals(int expected, int published, int dropped, int drifted) {
        return new Reports(outcome, message, trafficStartedNs, windowNs, sentBytes, receivedBytes, transactions,
                histogram, new EndReport.Intervals(expected, published, dropped, published, drifted), payloadErrors,
                datagrams);
    }

    Reports payloadErrors(long errors) {
        return new Reports(outcome, message, trafficStartedNs, windowNs, sentBytes, receivedBytes, transactions,
                histogram, intervals, errors, datagrams);
    }

    Reports windowNs(long ns) {
        return new Reports(outcome, message, trafficStartedNs, ns, sentBytes, receivedBytes, transactions, histogram,
                intervals, payloadErrors, datagrams);
    }

    Reports trafficStartedNs(long ns) {
        return new Reports(outcome, message, ns, windowNs, sentBytes, receivedBytes, transactions, histogram,
                intervals, payloadErrors, datagrams);
    }

    Reports transactions(long count, @Nullable OpaqueBytes roundTrips) {
        return new Reports(outcome, message, trafficStartedNs, windowNs, sentBytes, receivedBytes, count, roundTrips,
                intervals, payloadErrors, datagrams);
    }

    /** Of one end: what it sent, and what it received and lost of the peer's. */
    Reports datagrams(long sent, long received, long lost) {
        return new Reports(outcome, message, trafficStartedNs, windowNs, sentBytes, receivedBytes, transactions,
                histogram, intervals, payloadErrors,
                new Datagrams(sent, received, lost, 0, 0, 0, 0, 0, 0, 0, received > 0 ? (Long) 1_500L : null));
    }

    EndReport of(String flowId, FlowRole role) {
        return new EndReport(
                flowId,
                role,
                outcome,
                message,
                trafficStartedNs,
                trafficStartedNs,
                windowNs,
                sentBytes,
                receivedBytes,
                0,
                0,
                transactions,
                histogram,
                null,
                1,
                1,
                intervals,
                intervals.drifted() > 0 ? DRIFT : null,
                payloadErrors,
                payloadErrors > 0 ? Long.valueOf(0) : null,
                new EndReport.Tcp(0L, 0L, 0L, 100_000L, 10_000L, 65_536L, 10L),
                new EndReport.CpuRatios(0.1, 0.2, 0, 0.3, 0, 0.4),
                EndReport.Worker.UNKNOWN,
                EndReport.ZeroCopy.NONE,
                null,
                List.of(new SocketOption("TCP_NODELAY", "true", "true")),
                KindFigures.NONE,
                datagrams);
    }
}
