package dev.flowlane.core.compare;

import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * One figure of two runs.
 *
 * @param trialsBefore values of the baseline; at least 1
 * @param trialsAfter values of the run; at least 1
 * @param relativeChange median after over median before, less 1; NaN when the median before is 0
 * @param intervalLow lower bound of its 95 % bootstrap interval; null with fewer than two trials on a side
 * @param intervalHigh upper bound
 * @param pValue two-sided p-value of the Mann-Whitney U test (H. B. Mann, D. R. Whitney, Annals of Mathematical
 *     Statistics 18, 1947): exact for samples without ties of up to 50 values, otherwise by the normal approximation
 *     with tie and continuity correction; null with fewer than two trials on a side
 */
public record Change(
        Figure figure,
        int trialsBefore,
        int trialsAfter,
        double medianBefore,
        double medianAfter,
        double relativeChange,
        @Nullable Double intervalLow,
        @Nullable Double intervalHigh,
        @Nullable Double pValue,
        Verdict verdict) {
    /** A difference counts as one if chance alone brings it about less often than this. */
    public static final double SIGNIFICANCE = 0.05;

    /** What can be said. */
    public enum Verdict {
        BETTER,
        WORSE,
        /** Chance explains the difference well enough. */
        NOT_SIGNIFICANT,
        /** Even trials that do not overlap at all could not be told from chance. */
        TOO_FEW_TRIALS
    }

    /**
     * Compares.
     *
     * @param before at least one finite value
     * @param after at least one finite value
     * @param seed of the bootstrap
     */
    public static Change of(Figure figure, double[] before, double[] after, long seed) {
        double medianBefore = Bootstrap.median(before);
        double medianAfter = Bootstrap.median(after);
        double change = medianBefore == 0 ? Double.NaN : medianAfter / medianBefore - 1;
        boolean repeated = before.length >= 2 && after.length >= 2;
        Bootstrap.Interval interval = repeated && Arrays.stream(before).allMatch(value -> value > 0)
                ? Bootstrap.ofRelativeChange(before, after, seed)
                : null;
        Double pValue = repeated ? (Double) pValue(before, after) : null;
        return new Change(
                figure,
                before.length,
                after.length,
                medianBefore,
                medianAfter,
                change,
                interval == null ? null : (Double) interval.low(),
                interval == null ? null : (Double) interval.high(),
                pValue,
                verdict(figure, before.length, after.length, medianAfter - medianBefore, pValue));
    }

    private static Verdict verdict(
            Figure figure, int before, int after, double difference, @Nullable Double pValue) {
        if (pValue == null || smallestPValue(before, after) >= SIGNIFICANCE) {
            return Verdict.TOO_FEW_TRIALS;
        }
        if (pValue >= SIGNIFICANCE || difference == 0) {
            return Verdict.NOT_SIGNIFICANT;
        }
        return difference > 0 == figure.moreIsBetter() ? Verdict.BETTER : Verdict.WORSE;
    }

    static double pValue(double[] before, double[] after) {
        return MannWhitneyUTest.withDefaults().test(before, after).getPValue();
    }

    /** Of samples that do not overlap: 2 over the number of ways to choose which values are whose. */
    static double smallestPValue(int before, int after) {
        double ways = 1;
        int fewer = Math.min(before, after);
        for (int i = 1; i <= fewer; i++) {
            ways = ways * (before + after - fewer + i) / i;
        }
        return 2 / ways;
    }
}
