package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.page.Sighting;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;

final class LineProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private final Messages messages = new Messages(err, false, false);

    @Test
    void aLinePerStateAndInterval() {
        try (LineProgress progress = new LineProgress(messages)) {
            progress.event(Samples.event("r", RunEventType.STATE, RunStateName.RUNNING, ""));
            progress.run(Samples.run("r", TrafficKind.STREAM, RunStateName.RUNNING, 1));
            progress.interval(Samples.interval("r", 0, FlowRole.DESTINATION, 0, true));
            progress.interval(Samples.interval("r", 0, FlowRole.DESTINATION, 1, false));
        }

        assertThat(text()).isEqualTo("""
                RUNNING
                   1.00 s  10.0 Gbit/s  warm-up
                   2.00 s  10.0 Gbit/s
                """);
    }

    @Test
    void drift() {
        try (LineProgress progress = new LineProgress(messages)) {
            progress.event(Samples.event("r", RunEventType.LANE_DRIFT, RunStateName.RUNNING,
                    "moved to CPU 3\u001b[1m"));
        }

        assertThat(text()).isEqualTo("warning: moved to CPU 3\\u001b[1m\n");
    }

    @Test
    void onATerminalTheFlowsLineIsWrittenOver() {
        try (ScreenProgress progress = new ScreenProgress(err, messages, 200)) {
            progress.run(Samples.run("r", TrafficKind.REQUEST_RESPONSE, RunStateName.RUNNING, 1));
            progress.interval(Samples.interval("r", 0, FlowRole.SOURCE, 0, true));
            progress.interval(Samples.interval("r", 0, FlowRole.SOURCE, 1, false));
        }

        assertThat(text())
                .contains("flow 0   host-a → host-b  █ ")
                .contains("1.0 of 4.0 s, 3.0 s left  warm-up\n")
                .contains("20.0 k/s  p50        ?  p99        ?  max        ?\n")
                .contains("\u001b[3A\r\u001b[J")
                .contains("2.0 of 4.0 s, 2.0 s left\n")
                .endsWith("\u001b[3A\r\u001b[J");
    }

    @Test
    void onATerminalRoundTripsRetransmissionsAndLanesAreThere() {
        try (ScreenProgress progress = new ScreenProgress(err, messages, 200)) {
            progress.run(Samples.run("r", TrafficKind.REQUEST_RESPONSE, RunStateName.RUNNING, 1));
            progress.sighting(new Sighting.Trips("r", "r.0", true, 0, 12_300L, 45_600L, 7_890_000L, null));
            progress.sighting(new Sighting.Retransmits("r", "r.0", true, 0, 2L));
            progress.sighting(new Sighting.Retransmits("r", "r.0", false, 0, 1L));
            progress.sighting(new Sighting.Lane("r", "r.0", true, 0, 3, 2, false, null));
            progress.sighting(new Sighting.Lane("r", "r.0", false, 0, 5, 5, true, "moved\u001b[1m"));
            progress.sighting(new Sighting.CpuLoad("r", "r.0", true, 0, "host-a", 3, "APPLICATION",
                    new Sighting.CpuShares(0.1, 0.8, 0, 0.087, 0)));
            progress.sighting(new Sighting.CpuLoad("r", "other.0", false, 0, "host-b", 5, "RECEIVE",
                    new Sighting.CpuShares(0, 0, 0, 0.5, 0)));
            progress.interval(Samples.interval("r", 0, FlowRole.SOURCE, 0, false));
        }

        assertThat(text())
                .contains("p50  12.3 µs  p99  45.6 µs  max  7.89 ms  3 retransmitted\n")
                .contains("host-a receives on 2, runs on 3 (99 %)  →  host-b CPU 5  DRIFTED in 1 interval: moved"
                        + "\\u001b[1m\n");
    }

    @Test
    void onATerminalBothDirectionsHaveTheirRates() {
        FlowStats forward = Samples.interval("r", 0, FlowRole.DESTINATION, 0, false);
        forward.setSentBytes(2_500_000_000L);
        FlowStats backward = Samples.interval("r", 0, FlowRole.SOURCE, 0, false);
        backward.setReceivedBytes(500_000_000L);
        try (ScreenProgress progress = new ScreenProgress(err, messages, 200)) {
            progress.run(Samples.run("r", TrafficKind.BIDIRECTIONAL, RunStateName.RUNNING, 1));
            progress.interval(backward);
            progress.interval(forward);
        }

        assertThat(text()).contains("  10.0 Gbit/s  back 4.00 Gbit/s");
    }

    @Test
    void theChartBeginsAtZero() {
        assertThat(LiveFlow.chart(new ArrayDeque<>(List.of(0.0, 50.0, 100.0)))).isEqualTo("▁▅█");
        assertThat(LiveFlow.chart(new ArrayDeque<>(List.of(0.0)))).isEqualTo("▁");
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLineThatIsTooLongGoesOnInTheNextOneWithWholeCells() {
        List<String> cells = List.of("flow 0   host-a → host-b", "▆▅▆▅█               ", "   4.77 k/s",
                "p50    60.3 µs", "p99  3.70 ms", "max  25.0 ms");

        assertThat(Wrapped.folded(cells, 60)).containsExactly(
                "flow 0   host-a → host-b  ▆▅▆▅█                    4.77 k/s",
                "         p50    60.3 µs  p99  3.70 ms  max  25.0 ms");
        assertThat(Wrapped.folded(cells, 58)).containsExactly(
                "flow 0   host-a → host-b  ▆▅▆▅█",
                "            4.77 k/s  p50    60.3 µs  p99  3.70 ms",
                "         max  25.0 ms");
        assertThat(Wrapped.folded(cells, 200)).containsExactly(String.join("  ", cells));
        assertThat(Wrapped.folded(cells, 20)).allMatch(one -> Plain.width(one) <= 20);
        assertThat(Plain.cut("0123456789", 5)).isEqualTo("0123…");
    }
}
