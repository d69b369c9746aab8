package dev.flowlane.worker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FlowSettingsTest {
    private static FlowSettings settings(long durationMs, long warmupMs, long intervalMs) {
        return new FlowSettings(
                TrafficKind.STREAM,
                1,
                1,
                1,
                null,
                durationMs * 1_000_000,
                warmupMs * 1_000_000,
                intervalMs * 1_000_000,
                Engine.BLOCKING,
                1,
                1,
                true,
                false,
                false,
                SocketOptions.DEFAULT,
                1,
                1);
    }

    @ParameterizedTest
    @CsvSource({"1000, 0, 1000, 0, 1", "1000, 1, 1000, 1, 1", "1001, 1000, 1000, 1, 2", "250, 150, 100, 2, 3"})
    void intervalsAreRoundedUp(long durationMs, long warmupMs, long intervalMs, int warmup, int measured) {
        FlowSettings settings = settings(durationMs, warmupMs, intervalMs);
        assertThat(settings.warmupIntervals()).isEqualTo(warmup);
        assertThat(settings.measuredIntervals()).isEqualTo(measured);
    }

    @Test
    void theValueOutOfRangeIsNamed() {
        assertThatThrownBy(() -> settings(0, 0, 100)).hasMessageStartingWith("durationNs is 0, allowed is 1 to ");
        assertThatThrownBy(() -> settings(1, 0, 0)).hasMessageStartingWith("intervalNs is 0");
        assertThatThrownBy(() -> settings(1, -1, 1)).hasMessageStartingWith("warmupNs is -1000000");
        assertThatThrownBy(() -> settings(20_000_000, 0, 1)).hasMessageStartingWith("intervals is 20000000");
    }
}
