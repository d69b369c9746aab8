package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.RunStateName;
import org.junit.jupiter.api.Test;

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
}
