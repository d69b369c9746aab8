package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.TrafficKind;
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
        try (ScreenProgress progress = new ScreenProgress(err, messages)) {
            progress.run(Samples.run("r", TrafficKind.REQUEST_RESPONSE, RunStateName.RUNNING, 1));
            progress.interval(Samples.interval("r", 0, FlowRole.SOURCE, 0, true));
            progress.interval(Samples.interval("r", 0, FlowRole.SOURCE, 1, false));
        }

        assertThat(text())
                .contains("flow 0   host-a → host-b  █ ")
                .contains("20.0 k/s  1.0 of 4.0 s  warm-up")
                .contains("\u001b[1A\r\u001b[J")
                .contains("20.0 k/s  2.0 of 4.0 s\n")
                .endsWith("\u001b[1A\r\u001b[J");
    }

    @Test
    void theChartBeginsAtZero() {
        assertThat(ScreenProgress.chart(new ArrayDeque<>(List.of(0.0, 50.0, 100.0)))).isEqualTo("▁▅█");
        assertThat(ScreenProgress.chart(new ArrayDeque<>(List.of(0.0)))).isEqualTo("▁");
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
