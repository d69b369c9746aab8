package dev.flowlane.daemon.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.LatencyBucket;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Random;

/** Against the figures of the library itself, which looks at every counter for each. */
class RecordedRoundTripsTest {
    private static final double[] PERCENTS = {25, 50, 75, 90, 99, 99.9, 99.99, 100};

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 7, 100, 999, 1_000, 20_000})
    void figuresAreThoseOfTheHistogram(int samples) {
        for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Histogram histogram = new Histogram(3_600_000_000_000L, RoundTrips.SIGNIFICANT_DIGITS);
            for (int i = 0; i < samples; i++) {
                // From nothing at all to an hour, each magnitude as likely as any other.
                histogram.recordValue(Math.min((long) Math.exp(random.nextDouble() * 29) - 1, 3_600_000_000_000L));
            }

            RecordedRoundTrips recorded = RecordedRoundTrips.of(histogram);

            assertThat(recorded.samples()).isEqualTo(samples);
            for (double percent : PERCENTS) {
                assertThat(recorded.percentileNs(percent))
                        .as("p%s of %d, seed %d", percent, samples, seed)
                        .isEqualTo(histogram.getValueAtPercentile(percent));
            }
            assertThat(recorded.totalNs()).isEqualTo(samples == 0 ? 0 : sum(histogram));
            assertThat(samples == 0 ? 0 : recorded.totalNs() / samples).isEqualTo(histogram.getMean());
            bucketsAreThoseOf(histogram, RoundTrips.buckets(recorded));
        }
    }

    private static double sum(Histogram histogram) {
        double sum = 0;
        for (var value : histogram.recordedValues()) {
            sum += histogram.medianEquivalentValue(value.getValueIteratedTo()) * value.getCountAtValueIteratedTo();
        }
        return sum;
    }

    private static void bucketsAreThoseOf(Histogram histogram, List<LatencyBucket> buckets) {
        long below = 0;
        for (int i = 0; i < RoundTrips.boundsNs().size(); i++) {
            long upTo = histogram.getCountBetweenValues(0, RoundTrips.boundsNs().get(i));
            assertThat(buckets.get(i).getSamples()).isEqualTo(upTo - below);
            below = upTo;
        }
        assertThat(buckets.getLast().getSamples()).isEqualTo(histogram.getTotalCount() - below);
    }
}
