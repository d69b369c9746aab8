package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flowlane.core.run.TrialStatistic.Metric;
import org.junit.jupiter.api.Test;

import java.util.List;

class TrialStatisticTest {
    @Test
    void figuresAreThoseOfATextbook() {
        // The mean is 5, and the squared differences to it sum up to 32.
        TrialStatistic statistic = TrialStatistic.of(Metric.TRANSACTIONS_PER_SECOND, 3, 9, 2, 4, 4, 5, 4, 5, 7);

        assertThat(statistic.flowNumber()).isEqualTo(3);
        assertThat(statistic.trials()).isEqualTo(8);
        assertThat(statistic.median()).isEqualTo(4.5);
        assertThat(statistic.minimum()).isEqualTo(2);
        assertThat(statistic.maximum()).isEqualTo(9);
        assertThat(statistic.spread()).isEqualTo(7);
        assertThat(statistic.mean()).isEqualTo(5);
        assertThat(statistic.standardDeviation()).isCloseTo(Math.sqrt(32.0 / 7), within(1e-12));
        assertThat(statistic.variationRatio()).isCloseTo(Math.sqrt(32.0 / 7) / 5, within(1e-12));
    }

    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        assertThat(TrialStatistic.of(Metric.ROUND_TRIP_P50_NS, null, 30, 10, 20).median()).isEqualTo(20);
    }

    @Test
    void oneTrialHasNoDeviationAndAMeanOfNothingNoCoefficient() {
        assertThat(TrialStatistic.of(Metric.ROUND_TRIP_P50_NS, null, 30).standardDeviation()).isNull();
        assertThat(TrialStatistic.of(Metric.ROUND_TRIP_P50_NS, null, 30).variationRatio()).isNull();
        assertThat(TrialStatistic.of(Metric.ROUND_TRIP_P50_NS, null, 0, 0).variationRatio()).isNull();
    }

    @Test
    void trialsThatWereNotMeasuredDoNotCount() {
        List<Trial> trials = List.of(
                trial(1, StateName.COMPLETED, 10), trial(2, StateName.DISTURBED, 30), trial(3, StateName.PARTIAL, 5));

        List<TrialStatistic> statistics = TrialStatistic.over(trials, false);

        assertThat(statistics).hasSize(2).allSatisfy(statistic -> {
            assertThat(statistic.trials()).isEqualTo(2);
            assertThat(statistic.median()).isEqualTo(20);
        });
        assertThat(statistics).extracting(TrialStatistic::flowNumber).containsExactly(null, 0);
    }

    private static Trial trial(int number, StateName state, double throughput) {
        Trial.Figures figures = new Trial.Figures(throughput, 0, null, null);
        return new Trial(number, number, state, List.of(), null, figures, 10, 0, List.of(figures));
    }
}
