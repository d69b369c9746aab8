package dev.flowlane.daemon.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flowlane.avro.LatencyBucket;
import dev.flowlane.worker.protocol.Bytes;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;

/** Against the figures of the library itself, which looks at every counter for each. */
class RecordedRoundTripsTest {
    private static final double[] PERCENTS = {25, 50, 75, 90, 99, 99.9, 99.99, 100};
    private static final long HOUR_NS = 3_600_000_000_000L;

    private final RoundTripDecoder decoder = new RoundTripDecoder();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 7, 100, 999, 1_000, 20_000})
    void figuresAreThoseOfTheHistogram(int samples) {
        for (long seed = 0; seed < 20; seed++) {
            Histogram histogram = histogram(new Random(seed), samples);

            RecordedRoundTrips recorded = decoder.decode(encoded(histogram));

            assertThat(recorded.samples()).isEqualTo(samples);
            long[] percentilesNs = recorded.percentilesNs(PERCENTS);
            for (int i = 0; i < PERCENTS.length; i++) {
                assertThat(percentilesNs[i])
                        .as("p%s of %d, seed %d", PERCENTS[i], samples, seed)
                        .isEqualTo(histogram.getValueAtPercentile(PERCENTS[i]));
            }
            assertThat(recorded.maxNs()).isEqualTo(histogram.getMaxValue());
            assertThat(recorded.totalNs()).isEqualTo(samples == 0 ? 0 : sum(histogram));
            assertThat(samples == 0 ? 0 : recorded.totalNs() / samples).isEqualTo(histogram.getMean());
            bucketsAreThoseOf(histogram, RoundTrips.buckets(recorded));
        }
    }

    @Test
    void aRoundTripOfNothingIsTheLongestOfItsKind() {
        Histogram histogram = new Histogram(HOUR_NS, RoundTrips.SIGNIFICANT_DIGITS);
        histogram.recordValueWithCount(0, 5);

        RecordedRoundTrips recorded = decoder.decode(encoded(histogram));

        assertThat(recorded.maxNs()).isZero();
        assertThat(recorded.samples()).isEqualTo(5);
        assertThat(recorded.percentilesNs(50)).containsExactly(0);
    }

    @Test
    void theLongestTimesAreCountersToo() {
        Histogram histogram = new Histogram(Long.MAX_VALUE, RoundTrips.SIGNIFICANT_DIGITS);
        histogram.recordValueWithCount(Long.MAX_VALUE, Long.MAX_VALUE / 2);
        histogram.recordValue(1);

        RecordedRoundTrips recorded = decoder.decode(encoded(histogram));

        assertThat(recorded.size()).isEqualTo(2);
        assertThat(recorded.highestNs(1)).isEqualTo(Long.MAX_VALUE);
        assertThat(recorded.count(1)).isEqualTo(Long.MAX_VALUE / 2);
    }

    /** Sums over intervals go to the coordinator in place of a report, and are read as any histogram. */
    @Test
    void whatIsAddedUpIsTheHistogramsSumToTheByte() {
        Histogram sum = new Histogram(1, HOUR_NS, RoundTrips.SIGNIFICANT_DIGITS);
        RecordedRoundTrips recorded = decoder.decode(encoded(sum));
        for (long seed = 0; seed < 30; seed++) {
            Histogram one = histogram(new Random(seed), (int) (seed * seed));
            sum.add(one);
            recorded = recorded.plus(decoder.decode(encoded(one)));
        }

        assertThat(recorded.samples()).isEqualTo(sum.getTotalCount());
        assertThat(recorded.compressed()).isEqualTo(encoded(sum));
    }

    @Test
    void garbageIsNoHistogram() {
        for (byte[] garbage : List.of(new byte[0], new byte[] {1, 2, 3}, new byte[100])) {
            assertThatThrownBy(() -> decoder.decode(Bytes.copyOf(garbage)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not a compressed HdrHistogram");
        }
    }

    @Test
    void anotherPrecisionIsRefusedAndNotMisread() {
        Histogram coarse = new Histogram(HOUR_NS, 2);
        coarse.recordValue(20_000);

        assertThatThrownBy(() -> decoder.decode(encoded(coarse)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 digits");
    }

    /** A histogram cut short or with wrong bits is refused or is another histogram, and is over soon either way. */
    @Test
    void noBytesBreakTheDecoder() {
        byte[] sound = encoded(histogram(new Random(3), 1_000)).toArray();
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            byte[] wrong = i % 2 == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
            if (wrong.length > 0) {
                wrong[random.nextInt(wrong.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                assertThat(decoder.decode(Bytes.copyOf(wrong)).size()).isNotNegative();
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageStartingWith("not a compressed HdrHistogram");
            }
        }

        assertThat(decoder.decode(Bytes.copyOf(sound)).samples()).as("nothing is left of them").isEqualTo(1_000);
    }

    /** From nothing at all to an hour, each magnitude as likely as any other. */
    private static Histogram histogram(Random random, int samples) {
        Histogram histogram = new Histogram(HOUR_NS, RoundTrips.SIGNIFICANT_DIGITS);
        for (int i = 0; i < samples; i++) {
            histogram.recordValue(Math.min((long) Math.exp(random.nextDouble() * 29) - 1, HOUR_NS));
        }
        return histogram;
    }

    /** As a worker sends it. */
    static Bytes encoded(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer, Deflater.DEFAULT_COMPRESSION);
        return Bytes.copyOf(Arrays.copyOf(buffer.array(), length));
    }

    private static double sum(Histogram histogram) {
        double sum = 0;
        for (var value : histogram.recordedValues()) {
            sum += histogram.medianEquivalentValue(value.getValueIteratedTo()) * value.getCountAtValueIteratedTo();
        }
        return sum;
    }

    private static void bucketsAreThoseOf(Histogram histogram, List<LatencyBucket> buckets) {
        long[] boundsNs = RoundTrips.boundsNs();
        long below = 0;
        for (int i = 0; i < boundsNs.length; i++) {
            long upTo = histogram.getCountBetweenValues(0, boundsNs[i]);
            assertThat(buckets.get(i).getSamples()).isEqualTo(upTo - below);
            below = upTo;
        }
        assertThat(buckets.getLast().getSamples()).isEqualTo(histogram.getTotalCount() - below);
    }
}
