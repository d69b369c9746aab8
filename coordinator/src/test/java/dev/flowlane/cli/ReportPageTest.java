package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Datagrams;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Objects;

/** The report of kinds of traffic whose payload goes another way, or whose figures are others, than a stream's. */
final class ReportPageTest {
    private static final long SECOND_NS = 1_000_000_000L;

    @Test
    void ofAReverseRunTheSourceReceives() {
        RunResult result = Samples.result("r1", TrafficKind.STREAM, Samples.flow("r1", 0).build()).build();
        spec(result).setReverse(true);

        String page = ReportPage.of(
                result,
                List.of(
                        interval(FlowRole.SOURCE, 0, 1_250_000_000L, 0),
                        interval(FlowRole.DESTINATION, 0, 0, 1_250_000_000L)),
                List.of());

        assertThat(page).contains("<title>flow 0: 10.0 Gbit/s at 0.5</title>").doesNotContain("flow 0: 0 bit/s");
    }

    @Test
    void bothDirectionsOfABidirectionalRunAreDrawn() {
        RunResult result = Samples.result("r1", TrafficKind.BIDIRECTIONAL, Samples.flow("r1", 0).build())
                .setBackwardThroughputBitsPerSecond(4e9)
                .build();

        String page = ReportPage.of(
                result,
                List.of(
                        interval(FlowRole.SOURCE, 0, 500_000_000L, 1_250_000_000L),
                        interval(FlowRole.DESTINATION, 0, 1_250_000_000L, 500_000_000L)),
                List.of());

        assertThat(page)
                .contains("flow 0 forward: 10.0 Gbit/s", "flow 0 backward: 4.00 Gbit/s")
                .contains("<dt>Backward</dt><dd>4.00 Gbit/s</dd>")
                .contains("<td class=\"word\">backward host-b → host-a</td>");
    }

    @Test
    void whatBecameOfDatagramsTakesThePlaceOfRetransmissions() {
        RunResult result = Samples.result("r1", TrafficKind.DATAGRAM_STREAM, Samples.flow("r1", 0).build())
                .setDatagrams(Datagrams.newBuilder()
                        .setSentMessages(10_000L)
                        .setReceivedMessages(9_990L)
                        .setLostMessages(10L)
                        .setLossRatio(0.001)
                        .build())
                .build();

        String page = ReportPage.of(result, List.of(), List.of());

        assertThat(page)
                .contains("<dt>Datagrams lost</dt><dd>10</dd>", "<dt>Loss</dt><dd>0.1000 %</dd>", "<h2>Datagrams</h2>")
                .doesNotContain("<dt>Retransmitted</dt>");
    }

    @Test
    void percentilesAreForReadingWithTheirNanosecondsBeside() {
        String page = ReportPage.of(Samples.requestResponse("r1"), List.of(), List.of());

        assertThat(page).contains("<td title=\"81000 ns\">81.0 µs</td>");
    }

    private static RunSpec spec(RunResult result) {
        return Objects.requireNonNull(result.getSpec());
    }

    private static FlowStats interval(FlowRole role, int seq, long receivedBytes, long sentBytes) {
        FlowStats stats = Samples.interval("r1", 0, role, seq, false);
        stats.setIntervalStartedNs(seq * SECOND_NS);
        stats.setReceivedBytes(receivedBytes);
        stats.setSentBytes(sentBytes);
        return stats;
    }
}
