package dev.flowlane.core.compare;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Percentile bootstrap (B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13) of the relative
 * change of the median: both samples are drawn anew with replacement many times. The same seed gives the same interval.
 */
final class Bootstrap {
    static final int RESAMPLES = 10_000;
    private static final double TAIL = 0.025;

    private Bootstrap() {}

    /** Bounds of a ratio, the second not below the first. */
    record Interval(double low, double high) {}

    /**
     * 95 % interval of {@code median(after) / median(before) - 1}.
     *
     * @param before at least one value, positive ones
     * @param after at least one value
     */
    static Interval ofRelativeChange(double[] before, double[] after, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] changes = new double[RESAMPLES];
        double[] drawnBefore = new double[before.length];
        double[] drawnAfter = new double[after.length];
        for (int i = 0; i < RESAMPLES; i++) {
            draw(before, drawnBefore, random);
            draw(after, drawnAfter, random);
            changes[i] = medianOfOwn(drawnAfter) / medianOfOwn(drawnBefore) - 1;
        }
        Arrays.sort(changes);
        return new Interval(
                changes[(int) Math.floor(TAIL * (RESAMPLES - 1))],
                changes[(int) Math.ceil((1 - TAIL) * (RESAMPLES - 1))]);
    }

    /** The middle value; of an even number the mean of the two in the middle. */
    static double median(double[] values) {
        return medianOfOwn(values.clone());
    }

    private static double medianOfOwn(double[] values) {
        Arrays.sort(values);
        return (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
    }

    private static void draw(double[] from, double[] into, SplittableRandom random) {
        for (int i = 0; i < into.length; i++) {
            into[i] = from[random.nextInt(from.length)];
        }
    }
}
