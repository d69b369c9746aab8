package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.CpuUse;
import dev.flowlane.avro.CpuUseKind;
import dev.flowlane.avro.Datagrams;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.ThresholdVerdict;
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
                List.of(),
                List.of());

        assertThat(page).contains("<title>flow 0: 10.0 Gbit/s at 0.5</title>",
                "stream, reverse (the destination sends)")
                .doesNotContain("flow 0: 0 bit/s");
    }

    @Test
    void bothDirectionsOfABidirectionalRunAreDrawn() {
        RunResult result = Samples.result("r1", TrafficKind.BIDIRECTIONAL, Samples.flow("r1", 0).build())
                .setBackwardThroughputBitsPerSecond(4e9)
                .setBackwardReceivedBytes(1_500_000_000L)
                .build();

        String page = ReportPage.of(
                result,
                List.of(
                        interval(FlowRole.SOURCE, 0, 500_000_000L, 1_250_000_000L),
                        interval(FlowRole.DESTINATION, 0, 1_250_000_000L, 500_000_000L)),
                List.of(),
                List.of());

        assertThat(page)
                .contains("flow 0 forward: 10.0 Gbit/s", "flow 0 backward: 4.00 Gbit/s")
                .contains("<dt>Backward</dt><dd>4.00 Gbit/s</dd>")
                .contains("<dt>Received forward</dt>", "<dt>Received backward</dt><dd>1.50 GB</dd>")
                .contains("<td class=\"word\" data-label=\"Direction\">backward host-b → host-a</td>");
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

        FlowStats interval = interval(FlowRole.DESTINATION, 0, 1_250_000_000L, 0);
        interval.setDatagrams(
                Datagrams.newBuilder().setReceivedMessages(9_990L).setLostMessages(10L).build());
        String page = ReportPage.of(result, List.of(interval), List.of(), List.of());

        assertThat(page)
                .contains("<strong>Datagrams lost over time</strong>", "<title>flow 0: 10/s at 0.5</title>")
                .contains("<dt>Datagrams lost</dt><dd>10</dd>", "<dt>Loss</dt><dd>0.1000 %</dd>", "<h2>Datagrams</h2>")
                .doesNotContain("<dt>Retransmitted</dt>");
    }

    @Test
    void percentilesAreForReadingWithTheirNanosecondsBeside() {
        String page = ReportPage.of(Samples.requestResponse("r1"), List.of(), List.of(), List.of());

        assertThat(page).contains("<td data-label=\"p99\" title=\"81000 ns\">81.0 µs</td>");
    }

    @Test
    void ofConnectionsThatComeAndGoTheFailedOnesAreToldAndNoRetransmissions() {
        RunResult result = Samples.result("r1", TrafficKind.CONNECT_REQUEST_RESPONSE, Samples.flow("r1", 0).build())
                .setFailedConnections(3)
                .build();

        assertThat(ReportPage.of(result, List.of(), List.of(), List.of()))
                .contains("<dt>Failed connections</dt><dd>3</dd>")
                .doesNotContain("Retransmitted");
    }

    @Test
    void aMissedThresholdIsMarkedAndCountedAtTheHead() {
        RunResult result = Samples.result("r1", TrafficKind.STREAM, Samples.flow("r1", 0).build())
                .setThresholds(List.of(
                        ThresholdVerdict.newBuilder().setThreshold("throughput >= 30Gbit/s").setMeasured(23e9)
                                .setUnit("bit/s").setMet(false).build(),
                        ThresholdVerdict.newBuilder().setThreshold("throughput >= 1Gbit/s").setMeasured(23e9)
                                .setUnit("bit/s").setMet(true).build()))
                .build();

        assertThat(ReportPage.of(result, List.of(), List.of(), List.of()))
                .contains("<div class=\"missed\"><dt>Thresholds MISSED</dt><dd>1 of 2</dd>")
                .contains("<td class=\"word missed\">MISSED</td>", "<td class=\"word kept\">kept</td>");
    }

    @Test
    void everyCpuOfALaneHasAChartAndItsMeans() {
        RunResult result = Samples.result("r1", TrafficKind.STREAM, Samples.flow("r1", 0).build()).build();
        List<CpuUse> uses = List.of(
                cpuUse(0, 0, true, 0), cpuUse(0, 1, false, 500_000_000L), cpuUse(0, 2, false, 100_000_000L),
                cpuUse(1, 1, false, 500_000_000L));

        String page = ReportPage.of(
                result, List.of(interval(FlowRole.DESTINATION, 2, 1_250_000_000L, 0)), List.of(), uses);

        assertThat(page)
                .contains("<figcaption>host-a CPU 3: app, flows 0, 1</figcaption>")
                .contains("In the measured window user 10.0 %, system 20.0 %, irq 0.0 %, softirq 30.0 %, steal 0.0 %")
                .contains("<td data-label=\"Softirq\">30.0 %</td><td data-label=\"Steal\">0.0 %</td>"
                        + "<td data-label=\"I/O wait\">0.0 %</td><td data-label=\"Idle\">40.0 %</td>");
    }

    /** 10 % user, 20 % system, so much softirq, and idle for the rest of a second. */
    private static CpuUse cpuUse(int flow, int seq, boolean warmup, long softirqNs) {
        return CpuUse.newBuilder()
                .setRunId("r1")
                .setFlowId("r1." + flow)
                .setHostId("host-a")
                .setFlowRole(FlowRole.SOURCE)
                .setSeq(seq)
                .setEventTime(Samples.SUBMITTED)
                .setWarmup(warmup)
                .setIntervalStartedNs(seq * SECOND_NS)
                .setIntervalNs(SECOND_NS)
                .setCpu(3)
                .setCpuUse(CpuUseKind.APPLICATION)
                .setUserNs(100_000_000L)
                .setSystemNs(200_000_000L)
                .setIrqNs(0)
                .setSoftirqNs(softirqNs)
                .setIowaitNs(0)
                .setStealNs(0)
                .setIdleNs(700_000_000L - softirqNs)
                .build();
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
