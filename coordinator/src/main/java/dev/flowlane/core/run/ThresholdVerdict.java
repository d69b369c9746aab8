package dev.flowlane.core.run;

import dev.flowlane.core.spec.Threshold;
import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What became of one threshold.
 *
 * @param figure in the unit of the threshold's metric; null: it was not measured
 * @param trials of whose figures it is the median; 0: it is the figure of the run's only or last measurement
 */
public record ThresholdVerdict(Threshold threshold, @Nullable Double figure, int trials) {
    /** Whether it was kept; what was not measured is not. */
    public boolean met() {
        return threshold.isMetBy(figure);
    }

    /**
     * Judges a result. With repeat, figures that have statistics are judged by their median; all others by the last
     * trial.
     */
    public static List<ThresholdVerdict> of(RunOutcome run) {
        return run.spec().conduct().thresholds().stream()
                .map(threshold -> of(threshold, run))
                .toList();
    }

    private static ThresholdVerdict of(Threshold threshold, RunOutcome run) {
        TrialStatistic.Metric repeated = repeated(threshold.metric());
        for (TrialStatistic statistic : run.statistics()) {
            if (statistic.metric() == repeated && statistic.flowNumber() == null) {
                return new ThresholdVerdict(threshold, statistic.median(), statistic.trials());
            }
        }
        return new ThresholdVerdict(threshold, run.flowsMeasured() == 0 ? null : last(threshold.metric(), run), 0);
    }

    private static TrialStatistic.@Nullable Metric repeated(Threshold.Metric metric) {
        return switch (metric) {
            case THROUGHPUT -> TrialStatistic.Metric.THROUGHPUT_BITS_PER_SECOND;
            case RATE -> TrialStatistic.Metric.TRANSACTIONS_PER_SECOND;
            case P50 -> TrialStatistic.Metric.ROUND_TRIP_P50_NS;
            case P99 -> TrialStatistic.Metric.ROUND_TRIP_P99_NS;
            case P25, P75, P90, P999, P9999, MAX, MEAN, INTENDED_P50, INTENDED_P90, INTENDED_P99, INTENDED_P999,
                    INTENDED_MAX, RETRANSMITTED_SEGMENTS, DRIFTED_INTERVALS -> null;
        };
    }

    private static @Nullable Double last(Threshold.Metric metric, RunOutcome run) {
        RoundTrips trips = run.roundTrips();
        RoundTrips intended = run.intendedRoundTrips();
        return switch (metric) {
            case THROUGHPUT -> (Double) run.throughputBitsPerSecond();
            case RATE -> (Double) run.transactionsPerSecond();
            case P25 -> trips == null ? null : (Double) (double) trips.p25Ns();
            case P50 -> trips == null ? null : (Double) (double) trips.p50Ns();
            case P75 -> trips == null ? null : (Double) (double) trips.p75Ns();
            case P90 -> trips == null ? null : (Double) (double) trips.p90Ns();
            case P99 -> trips == null ? null : (Double) (double) trips.p99Ns();
            case P999 -> trips == null ? null : (Double) (double) trips.p999Ns();
            case P9999 -> trips == null ? null : (Double) (double) trips.p9999Ns();
            case MAX -> trips == null ? null : (Double) (double) trips.maxNs();
            case MEAN -> trips == null ? null : (Double) trips.meanNs();
            case INTENDED_P50 -> intended == null ? null : (Double) (double) intended.p50Ns();
            case INTENDED_P90 -> intended == null ? null : (Double) (double) intended.p90Ns();
            case INTENDED_P99 -> intended == null ? null : (Double) (double) intended.p99Ns();
            case INTENDED_P999 -> intended == null ? null : (Double) (double) intended.p999Ns();
            case INTENDED_MAX -> intended == null ? null : (Double) (double) intended.maxNs();
            case RETRANSMITTED_SEGMENTS -> toDouble(run.retransmittedSegments());
            case DRIFTED_INTERVALS -> (Double) (double) run.driftedIntervals();
        };
    }

    private static @Nullable Double toDouble(@Nullable Long value) {
        return value == null ? null : (Double) value.doubleValue();
    }
}
