package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

final class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0", "1, 1", "65536, 65536", "64KiB, 65536", "64kib, -1", "64Ki, 65536", "64k, 64000", "64kB, 64000",
        "64KB, 64000", "1.5MB, 1500000", "1.5MiB, 1572864", "4 MiB, 4194304", "1GiB, 1073741824", "2T, 2000000000000",
        "-1, -1", "10B, 10", "0.5KiB, 512"
    })
    void sizesTakeIecAndSiUnits(String text, long bytes) {
        if (text.equals("64kib")) {
            assertThatThrownBy(() -> Units.parseSizeBytes(text)).hasMessageContaining("a size is");
        } else {
            assertThat(Units.parseSizeBytes(text)).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "k", "1.", ".5", "1e6", "0x10", "1_000", "64kb", "64iB", "1 2", "1.5", "NaN",
        "999999999999999999T", "1234567890123456789"})
    void badSizesAreRefused(String text) {
        assertThatThrownBy(() -> Units.parseSizeBytes(text)).isInstanceOf(Units.BadQuantityException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "1000000, 1000000", "10Gbit/s, 10000000000", "10G, 10000000000", "1.25GB/s, 10000000000",
        "100Mbps, 100000000", "1MiB/s, 8388608", "1Kibit/s, 1024", "8B/s, 64", "9.3 Gbit/s, 9300000000"
    })
    void aSmallBIsABitAndACapitalBAByte(String text, long bitsPerSecond) {
        assertThat(Units.parseRateBitsPerSecond(text)).isEqualTo(bitsPerSecond);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "10Gbit", "10GB", "0.5", "1m/s"})
    void badRatesAreRefused(String text) {
        assertThatThrownBy(() -> Units.parseRateBitsPerSecond(text)).isInstanceOf(Units.BadQuantityException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "10, PT10S", "0, PT0S", "1.5, PT1.5S", "1.5s, PT1.5S", "250ms, PT0.25S", "2h, PT2H", "1m30s, PT90S",
        "3min, PT3M", "30d, PT720H", "5us, PT0.000005S", "5µs, PT0.000005S", "7ns, PT0.000000007S", "-5s, PT-5S",
        "1 h 30 m, -"
    })
    void plainTimesAreSeconds(String text, String duration) {
        if (duration.equals("-")) {
            assertThatThrownBy(() -> Units.parseDuration(text)).isInstanceOf(Units.BadQuantityException.class);
        } else {
            assertThat(Units.parseDuration(text)).isEqualTo(Duration.parse(duration));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "1x", "10sec", "1.5.5s", "1s2", "0.5ns", "99999999999d", "PT10S"})
    void badTimesAreRefused(String text) {
        assertThatThrownBy(() -> Units.parseDuration(text)).isInstanceOf(Units.BadQuantityException.class);
    }

    @Test
    void whatIsWrittenReadsBackTheSame() {
        for (long seed = 0; seed < 2000; seed++) {
            RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            long factor = new long[] {1, 1000, 1024, 1_000_000, 1 << 20, 60_000_000_000L}[random.nextInt(6)];
            long value = random.nextLong(0, 100_000) * factor;
            assertThat(Units.parseSizeBytes(Units.formatSizeBytes(value))).as("seed %d", seed).isEqualTo(value);
            assertThat(Units.parseRateBitsPerSecond(Units.formatRateBitsPerSecond(value))).isEqualTo(value);
            Duration time = Duration.ofNanos(value);
            assertThat(Units.parseDuration(Units.formatDuration(time))).isEqualTo(time);
        }
    }
}
