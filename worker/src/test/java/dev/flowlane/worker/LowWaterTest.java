package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LowWaterTest {
    @ParameterizedTest
    @CsvSource({"1", "100", "600"})
    void aSlowStreamHasNoMark(long megabitsPerSecond) {
        assertThat(LowWater.markBytes(megabitsPerSecond * 125_000, 1_000_000_000)).isEqualTo(LowWater.NONE_BYTES);
    }

    @ParameterizedTest
    @CsvSource({"1, 8192", "5, 32768", "10, 65536", "25, 262144", "400, 262144"})
    void theMarkIsWhatComesInATenthOfAMillisecond(long gigabitsPerSecond, int mark) {
        assertThat(LowWater.markBytes(gigabitsPerSecond * 125_000_000, 1_000_000_000)).isEqualTo(mark);
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void noTimeAtAllIsNotInfinitelyFast(long elapsedNs) {
        assertThat(LowWater.markBytes(4 << 20, elapsedNs)).isEqualTo(LowWater.MOST_BYTES);
    }
}
