package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ScaledTest {
    @Test
    void ratesHaveThreeDigitsAndAPrefix() {
        assertThat(Scaled.bitsPerSecond(0)).isEqualTo("0 bit/s");
        assertThat(Scaled.bitsPerSecond(999)).isEqualTo("999 bit/s");
        assertThat(Scaled.bitsPerSecond(999.6)).isEqualTo("1.00 kbit/s");
        assertThat(Scaled.bitsPerSecond(23_436_544_812.5)).isEqualTo("23.4 Gbit/s");
        assertThat(Scaled.bitsPerSecond(999_499_999)).isEqualTo("999 Mbit/s");
    }

    @Test
    void bytesAreDecimal() {
        assertThat(Scaled.bytes(512)).isEqualTo("512 B");
        assertThat(Scaled.bytes(65_536)).isEqualTo("65.5 kB");
        assertThat(Scaled.bytes(Long.MAX_VALUE)).isEqualTo("9.22 EB");
    }

    @Test
    void timesAreReadable() {
        assertThat(Scaled.nanos(0)).isEqualTo("0.00 ns");
        assertThat(Scaled.nanos(47_200)).isEqualTo("47.2 µs");
        assertThat(Scaled.nanos(999_700)).isEqualTo("1.00 ms");
        assertThat(Scaled.nanos(1_210_000)).isEqualTo("1.21 ms");
        assertThat(Scaled.nanos(3_000_000_000L)).isEqualTo("3.00 s");
        assertThat(Scaled.nanos(86_400_000_000_000L)).isEqualTo("86400 s");
    }

    @Test
    void sharesAreWholePercent() {
        assertThat(Scaled.percent(0.984)).isEqualTo("98 %");
    }
}
