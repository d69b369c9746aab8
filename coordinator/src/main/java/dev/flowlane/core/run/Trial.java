package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/**
 * One of the measurements of a run with repeat: what statistics need of it. Its flows in full are results of their
 * own.
 *
 * @param number from 1
 * @param attempt that was measured
 * @param state what it is worth, judged as a run of its own
 * @param reasons why it is not COMPLETED, at most {@link #REASONS_MAX}
 * @param startedAt when START was sent; null when it never was
 * @param total sums of the flows; round trips are of the merged histogram of all flows
 * @param intervals measured ones of all flow ends
 * @param driftedIntervals those in which a flow left its lane
 * @param flows by flow number
 */
public record Trial(
        int number,
        int attempt,
        StateName state,
        List<String> reasons,
        @Nullable Instant startedAt,
        Figures total,
        int intervals,
        int driftedIntervals,
        List<Figures> flows) {
    /** A thousand trials that all lack the same things are one record. */
    static final int REASONS_MAX = 3;

    public Trial {
        reasons = List.copyOf(reasons);
        flows = List.copyOf(flows);
    }

    /**
     * What is compared between trials.
     *
     * @param roundTripP50Ns percentile 50 % in nanoseconds; null where no round trips were recorded
     * @param roundTripP99Ns percentile 99 % in nanoseconds; null where no round trips were recorded
     */
    public record Figures(
            double throughputBitsPerSecond,
            double transactionsPerSecond,
            @Nullable Long roundTripP50Ns,
            @Nullable Long roundTripP99Ns) {

        static Figures of(
                double throughputBitsPerSecond, double transactionsPerSecond, @Nullable RoundTrips roundTrips) {
            return new Figures(
                    throughputBitsPerSecond,
                    transactionsPerSecond,
                    roundTrips == null ? null : roundTrips.p50Ns(),
                    roundTrips == null ? null : roundTrips.p99Ns());
        }
    }

    /** Whether every flow has its whole window, so that its figures can be compared. */
    boolean measured() {
        return state == StateName.COMPLETED || state == StateName.DISTURBED;
    }
}
