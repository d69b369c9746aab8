package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * One figure over the trials of a run, of those that are COMPLETED or DISTURBED.
 *
 * @param flowNumber from 0; null: all flows in total
 * @param trials how many have the figure; at least 1
 * @param median the middle one; of an even number the mean of the two in the middle
 * @param spread maximum minus minimum
 * @param standardDeviation of the sample, the square root of sum((x - mean)^2) / (trials - 1); null of one trial
 * @param variationRatio coefficient of variation, standard deviation over mean; null of one trial,
 *     or when the mean is 0
 */
public record TrialStatistic(
        Metric metric,
        @Nullable Integer flowNumber,
        int trials,
        double median,
        double minimum,
        double maximum,
        double spread,
        double mean,
        @Nullable Double standardDeviation,
        @Nullable Double variationRatio) {

    /** What is compared. */
    public enum Metric {
        THROUGHPUT_BITS_PER_SECOND,
        TRANSACTIONS_PER_SECOND,
        ROUND_TRIP_P50_NS,
        ROUND_TRIP_P99_NS;

        private @Nullable Double of(Trial.Figures figures) {
            return switch (this) {
                case THROUGHPUT_BITS_PER_SECOND -> (Double) figures.throughputBitsPerSecond();
                case TRANSACTIONS_PER_SECOND -> (Double) figures.transactionsPerSecond();
                case ROUND_TRIP_P50_NS -> toDouble(figures.roundTripP50Ns());
                case ROUND_TRIP_P99_NS -> toDouble(figures.roundTripP99Ns());
            };
        }

        private static @Nullable Double toDouble(@Nullable Long value) {
            return value == null ? null : (Double) value.doubleValue();
        }
    }

    /**
     * Every figure in total, then of every flow. Streams have no transactions and no round trips.
     *
     * @param requestResponse whether they have
     */
    static List<TrialStatistic> over(List<Trial> trials, boolean requestResponse) {
        List<Trial> measured = trials.stream().filter(Trial::measured).toList();
        List<Metric> metrics = requestResponse
                ? List.of(Metric.values())
                : List.of(Metric.THROUGHPUT_BITS_PER_SECOND);
        List<TrialStatistic> statistics = new ArrayList<>();
        add(statistics, metrics, null, measured, Trial::total);
        int flows = measured.stream().mapToInt(trial -> trial.flows().size()).min().orElse(0);
        for (int flow = 0; flow < flows; flow++) {
            int number = flow;
            add(statistics, metrics, number, measured, trial -> trial.flows().get(number));
        }
        return statistics;
    }

    private static void add(
            List<TrialStatistic> statistics,
            List<Metric> metrics,
            @Nullable Integer flowNumber,
            List<Trial> trials,
            Function<Trial, Trial.Figures> figures) {
        for (Metric metric : metrics) {
            double[] values = trials.stream()
                    .map(figures)
                    .map(metric::of)
                    .filter(Objects::nonNull)
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            if (values.length > 0) {
                statistics.add(of(metric, flowNumber, values));
            }
        }
    }

    /** Of at least one value. */
    static TrialStatistic of(Metric metric, @Nullable Integer flowNumber, double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int count = sorted.length;
        double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
        double mean = Arrays.stream(sorted).sum() / count;
        double squares = Arrays.stream(sorted).map(value -> (value - mean) * (value - mean)).sum();
        Double deviation = count < 2 ? null : (Double) Math.sqrt(squares / (count - 1));
        double minimum = sorted[0];
        double maximum = sorted[count - 1];
        return new TrialStatistic(
                metric,
                flowNumber,
                count,
                median,
                minimum,
                maximum,
                maximum - minimum,
                mean,
                deviation,
                deviation == null || mean == 0 ? null : (Double) (deviation / mean));
    }
}
