package dev.flowlane.core.compare;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flowlane.core.compare.Change.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.SplittableRandom;
import java.util.stream.DoubleStream;

class ChangeTest {
    private static Change throughput(double[] before, double[] after) {
        return Change.of(Figure.THROUGHPUT_BITS_PER_SECOND, before, after, 1);
    }

    @Test
    void apartInEveryTrialIsADifference() {
        Change change = throughput(new double[] {100, 101, 102, 103, 104}, new double[] {90, 91, 92, 93, 94});

        assertThat(change.medianBefore()).isEqualTo(102);
        assertThat(change.medianAfter()).isEqualTo(92);
        assertThat(change.relativeChange()).isCloseTo(-0.098, within(0.001));
        // 2 of the 252 ways to choose five of ten: scipy.stats.mannwhitneyu(..., method="exact") says 0.0079365.
        assertThat(requireNonNull(change.pValue())).isCloseTo(2.0 / 252, within(1e-12));
        assertThat(change.verdict()).isEqualTo(Verdict.WORSE);
        assertThat(Change.of(Figure.ROUND_TRIP_P99_NS, new double[] {100, 101, 102, 103, 104},
                new double[] {90, 91, 92, 93, 94}, 1).verdict()).isEqualTo(Verdict.BETTER);
    }

    @Test
    void overlapIsNotOne() {
        Change change = throughput(new double[] {100, 103, 99, 104, 98}, new double[] {101, 97, 102, 105, 96});

        assertThat(requireNonNull(change.pValue())).isGreaterThan(0.5);
        assertThat(change.verdict()).isEqualTo(Verdict.NOT_SIGNIFICANT);
        assertThat(requireNonNull(change.intervalLow())).isNegative();
        assertThat(requireNonNull(change.intervalHigh())).isPositive();
    }

    @Test
    void tiesAreCorrectedFor() {
        // By hand: mid-ranks 1, 3, 3, 6 give U = 13 - 10 = 3 of 16; three twos and three threes are tied, so
        // sigma^2 = 4 * 4 / 12 * (9 - 2 * (3^3 - 3) / (8 * 7)) = 10.857; z = (8 - 3 - 0.5) / 3.295 = 1.366.
        double[] before = {1, 2, 2, 3};
        double[] after = {2, 3, 3, 4};

        assertThat(Change.pValue(before, after)).isCloseTo(0.172, within(0.0005));
    }

    @ParameterizedTest
    @CsvSource({"3, 3, 0.1", "4, 4, 0.02857", "5, 5, 0.0079365", "1, 20, 0.095238", "2, 8, 0.0444"})
    void theSmallestPossiblePValueIsCounted(int before, int after, double p) {
        assertThat(Change.smallestPValue(before, after)).isCloseTo(p, within(1e-4));
    }

    @Test
    void threeTrialsCannotTellAnything() {
        assertThat(throughput(new double[] {1, 2, 3}, new double[] {7, 8, 9}).verdict())
                .isEqualTo(Verdict.TOO_FEW_TRIALS);
        Change once = throughput(new double[] {4}, new double[] {8});
        assertThat(once.verdict()).isEqualTo(Verdict.TOO_FEW_TRIALS);
        assertThat(once.relativeChange()).isEqualTo(1);
        assertThat(once.pValue()).isNull();
        assertThat(once.intervalLow()).isNull();
    }

    @Test
    void theSameSeedGivesTheSameInterval() {
        double[] before = {100, 103, 99, 104, 98};
        double[] after = {111, 117, 112, 115, 106};

        Change one = Change.of(Figure.TRANSACTIONS_PER_SECOND, before, after, 7);

        assertThat(Change.of(Figure.TRANSACTIONS_PER_SECOND, before, after, 7)).isEqualTo(one);
        assertThat(requireNonNull(one.intervalLow())).isBetween(0.01, one.relativeChange());
        assertThat(requireNonNull(one.intervalHigh())).isBetween(one.relativeChange(), 0.20);
    }

    /** Coverage: of samples whose true change is known, the interval should hold it about 95 times in 100. */
    @Test
    void theIntervalHoldsTheTrueChangeMostOfTheTime() {
        SplittableRandom random = new SplittableRandom(42);
        int held = 0;
        for (int i = 0; i < 200; i++) {
            double[] before = DoubleStream.generate(() -> 100 + random.nextGaussian()).limit(15).toArray();
            double[] after = DoubleStream.generate(() -> 110 + random.nextGaussian()).limit(15).toArray();
            Bootstrap.Interval interval = Bootstrap.ofRelativeChange(before, after, i);
            held += interval.low() <= 0.1 && 0.1 <= interval.high() ? 1 : 0;
        }

        assertThat(held).isBetween(176, 200);
    }

    @Test
    void nothingBeforeHasNoRelativeChange() {
        Change change = throughput(new double[] {0, 0, 0, 0}, new double[] {1, 2, 3, 4});

        assertThat(change.relativeChange()).isNaN();
        assertThat(change.intervalLow()).isNull();
        assertThat(change.verdict()).isEqualTo(Verdict.BETTER);
    }
}
