package dev.flowlane.coordinator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Environment;
import dev.flowlane.avro.EnvironmentFact;
import dev.flowlane.avro.RunHost;
import dev.flowlane.core.run.HostEnvironment;
import org.junit.jupiter.api.Test;

import java.util.List;

class EnvironmentAvroTest {
    private static HostEnvironment.Of host(String hostId, String fingerprint, String kernel) {
        return new HostEnvironment.Of(
                hostId,
                new HostEnvironment(fingerprint, List.of(new HostEnvironment.Fact("kernel.release", kernel))));
    }

    @Test
    void equalEnvironmentsAreWrittenOnce() {
        List<HostEnvironment.Of> hosts = List.of(
                host("a", "f1", "6.1"),
                host("b", "f2", "6.2"),
                host("c", "f1", "6.1"),
                new HostEnvironment.Of("d", HostEnvironment.UNKNOWN));

        assertThat(EnvironmentAvro.hosts(hosts))
                .containsExactly(
                        new RunHost("a", "f1"), new RunHost("b", "f2"), new RunHost("c", "f1"), new RunHost("d", ""));
        assertThat(EnvironmentAvro.environments(hosts))
                .containsExactly(
                        new Environment("f1", List.of(new EnvironmentFact("kernel.release", "6.1"))),
                        new Environment("f2", List.of(new EnvironmentFact("kernel.release", "6.2"))));
        assertThat(EnvironmentAvro.notes(hosts)).isEmpty();
    }

    @Test
    void whatDoesNotFitIsToldOf() {
        String large = "x".repeat(EnvironmentAvro.MAX_CHARACTERS - 20);
        List<HostEnvironment.Of> hosts =
                List.of(host("a", "f1", large), host("b", "f2", large), host("c", "f3", "6"));

        assertThat(EnvironmentAvro.environments(hosts))
                .extracting(Environment::getFingerprint)
                .containsExactly("f1");
        assertThat(EnvironmentAvro.notes(hosts)).singleElement().asString().startsWith("2 of 3 different environments");
    }

    @Test
    void aHostThatTellsNothingHasNone() {
        assertThat(EnvironmentAvro.fromAvro(null)).isEqualTo(HostEnvironment.UNKNOWN);
    }
}
