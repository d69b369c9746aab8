package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.CpuConnections;
import dev.flowlane.avro.FlowSummary;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.avro.WindowEnd;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.Collectors;

final class KindTableTest {
    @Test
    void aPlainStreamHasNothingOfTheKind() {
        FlowSummary flow = Samples.flow("r1", 0).build();
        RunResult result = Samples.result("r1", TrafficKind.STREAM, flow).build();

        assertThat(KindTable.of(result)).isEmpty();
        assertThat(KindTable.warnings(result, flow)).isEmpty();
    }

    @Test
    void bothDirectionsAreNamedAndSoIsWhatEndedThem() {
        RunResult result = Samples.result("r1", TrafficKind.BIDIRECTIONAL, Samples.flow("r1", 0)
                        .setBackwardSentBytes(1_000_000L)
                        .setBackwardReceivedBytes(1_000_000L)
                        .setBackwardThroughputBitsPerSecond(8e9)
                        .setWindowEnd(WindowEnd.BYTES)
                        .setBackwardWindowEnd(WindowEnd.DURATION)
                        .build())
                .build();
        RunSpec spec = result.getSpec();
        assertThat(spec).isNotNull();
        spec.setMostBytes(1_000_000L);

        assertThat(rendered(result))
                .contains("forward host-a → host-b")
                .containsPattern("backward host-b → host-a +8\\.00 Gbit/s +1\\.00 MB +1\\.00 MB")
                .contains("bytes, backward by duration");
        assertThat(TrafficText.course(spec)).isEqualTo(", at most 1.00 MB");
    }

    @Test
    void whereConnectionsWereReceivedIsShownAndOutsideTheLaneIsAWarning() {
        // Of these samples the source's lane is CPU 1, the destination's CPU 0.
        FlowSummary flow = Samples.flow("r1", 0)
                .setTransactions(400)
                .setFailedConnections(2)
                .setPortlessConnections(1)
                .setSourceConnections(List.of(new CpuConnections(1, 400L)))
                .setDestinationConnections(List.of(new CpuConnections(0, 300L), new CpuConnections(3, 100L)))
                .build();
        RunResult result =
                Samples.result("r1", TrafficKind.CONNECT_REQUEST_RESPONSE, flow).build();

        assertThat(rendered(result)).containsPattern("400 +2 +1: 100\\.0 % +0: 75\\.0 %, 3: 25\\.0 %");
        assertThat(KindTable.warnings(result, flow)).hasSize(3);
        assertThat(KindTable.warnings(result, flow).getFirst()).startsWith("flow 0: 2 connections failed");
        assertThat(KindTable.warnings(result, flow).get(1))
                .startsWith("flow 0: 1 of them found no free port at host-a; free some, name others with"
                        + " traffic.connection-ports");
        assertThat(KindTable.warnings(result, flow).getLast())
                .startsWith("flow 0: host-b received 100 of 400 connections outside its lane");
    }

    private static String rendered(RunResult result) {
        return KindTable.of(result).stream().map(TextTable::render).collect(Collectors.joining("\n"));
    }
}
