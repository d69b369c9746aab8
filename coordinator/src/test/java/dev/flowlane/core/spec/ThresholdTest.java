package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThresholdTest {
    @ParameterizedTest
    @CsvSource({
        "throughput >= 9.3Gbit/s, throughput >= 9300Mbit/s",
        "throughput>1GB/s, throughput > 8Gbit/s",
        "rate >= 20k/s, rate >= 20000/s",
        "rate > 500, rate > 500/s",
        "p99 < 200us, p99 < 200us",
        "p99.99 <= 1.5ms, p99.99 <= 1500us",
        "intended-max < 1s, intended-max < 1s",
        "retransmitted-segments <= 0, retransmitted-segments <= 0"
    })
    void isWrittenSoThatItReadsBackToTheSame(String text, String written) throws Threshold.BadThresholdException {
        Threshold threshold = Threshold.parse(text);

        assertThat(threshold).hasToString(written);
        assertThat(Threshold.parse(written)).isEqualTo(threshold);
    }

    @ParameterizedTest
    @CsvSource({
        "p99 < 200us, 199999, true",
        "p99 < 200us, 200000, false",
        "p99 <= 200us, 200000, true",
        "throughput >= 1Gbit/s, 1e9, true",
        "throughput > 1Gbit/s, 1e9, false",
        "throughput > 1Gbit/s, 1.0000001e9, true",
        "throughput > 1Gbit/s, NaN, false"
    })
    void isKeptUpToItsLimit(String text, double figure, boolean met) throws Threshold.BadThresholdException {
        assertThat(Threshold.parse(text).isMetBy(figure)).isEqualTo(met);
    }

    @Test
    void whatWasNotMeasuredKeepsNothing() throws Threshold.BadThresholdException {
        assertThat(Threshold.parse("max < 1h").isMetBy(null)).isFalse();
    }
}
