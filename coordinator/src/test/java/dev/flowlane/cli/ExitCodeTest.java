package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.ThresholdVerdict;
import dev.flowlane.avro.TrafficKind;
import org.junit.jupiter.api.Test;

import java.util.stream.Stream;

final class ExitCodeTest {
    @Test
    void scriptsCanRelyOnTheNumbers() {
        assertThat(ExitCode.of(RunStateName.COMPLETED)).isEqualTo(0);
        assertThat(ExitCode.of(RunStateName.FAILED)).isEqualTo(1);
        assertThat(ExitCode.of(RunStateName.REJECTED)).isEqualTo(5);
        assertThat(ExitCode.of(RunStateName.EXPIRED)).isEqualTo(5);
        assertThat(ExitCode.of(RunStateName.PARTIAL)).isEqualTo(6);
        assertThat(ExitCode.of(RunStateName.DISTURBED)).isEqualTo(6);
        assertThat(ExitCode.of(RunStateName.CANCELLED)).isEqualTo(130);
    }

    @Test
    void aMissedThresholdMattersToACompletedRunOnly() {
        assertThat(ExitCode.of(result(RunStateName.COMPLETED, true))).isEqualTo(0);
        assertThat(ExitCode.of(result(RunStateName.COMPLETED, true, false))).isEqualTo(99);
        assertThat(ExitCode.of(result(RunStateName.DISTURBED, false))).isEqualTo(6);
        assertThat(ExitCode.of(result(RunStateName.COMPLETED))).isEqualTo(0);
    }

    private static RunResult result(RunStateName state, Boolean... met) {
        RunResult result = Samples.result("r", TrafficKind.STREAM).build();
        result.setState(state);
        result.setThresholds(Stream.of(met)
                .map(kept -> ThresholdVerdict.newBuilder().setThreshold("throughput > 1").setMet(kept).build())
                .toList());
        return result;
    }
}
