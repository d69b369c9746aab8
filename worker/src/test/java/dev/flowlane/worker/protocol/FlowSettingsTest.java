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

    private static FlowSettings datagrams(TrafficKind kind, int requestBytes, int responseBytes, boolean zerocopy) {
        return new FlowSettings(
                kind,
                requestBytes,
                responseBytes,
                1,
                null,
                1,
                0,
                1_000_000,
                Engine.BLOCKING,
                1,
                1,
                true,
                false,
                zerocopy,
                SocketOptions.DEFAULT,
                1,
                1,
                DatagramSettings.DEFAULT);
    }

    @Test
    void datagramsHaveRoomForAHeaderAndFitIntoAPacket() {
        TrafficKind stream = TrafficKind.DATAGRAM_STREAM;
        TrafficKind requests = TrafficKind.DATAGRAM_REQUEST_RESPONSE;
        assertThatThrownBy(() -> datagrams(stream, 23, 1, false))
                .hasMessage("requestBytes is 23, allowed is 24 to 65507");
        assertThatThrownBy(() -> datagrams(stream, 65_508, 1, false)).hasMessageStartingWith("requestBytes is 65508");
        assertThatThrownBy(() -> datagrams(requests, 24, 23, false)).hasMessageStartingWith("responseBytes is 23");
        assertThatThrownBy(() -> datagrams(stream, 24, 1, true)).hasMessageContaining("without a copy");
        assertThatThrownBy(() -> datagrams(TrafficKind.STREAM, 24, 1, false)).hasMessageContaining("STREAM");
        assertThatThrownBy(() -> new DatagramSettings(999_999, DatagramSettings.Offload.AUTO))
                .hasMessage("timeoutNs is 999999, allowed is 1000000 to 4000000000");
        assertThat(datagrams(stream, 24, 1, false).timesIntended()).isFalse();
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
