package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Environment;
import dev.flowlane.avro.EnvironmentFact;
import dev.flowlane.avro.RunHost;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.TrafficKind;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** What is not the same on both sides of a comparison, besides the figures. */
final class RunComparisonTest {
    @Test
    void factsThatDifferAreListedHostByHost() {
        RunResult before = run("before", "host-a", "host-b",
                List.of("cpu.governor=performance", "kernel.release=6.1.0", "nic.eth0.ring.rx=1024 of 4096"));
        RunResult after = run("after", "host-a", "host-b",
                List.of("cpu.governor=powersave", "kernel.release=6.1.0", "sysctl.net.core.rmem_max=212992"));

        RunComparison comparison = RunComparison.of(List.of(before), List.of(after), 1);

        assertThat(comparison.environmentDifferences()).containsExactlyInAnyOrder(
                new RunComparison.Difference("host-a", "cpu.governor", "performance", "powersave"),
                new RunComparison.Difference("host-a", "nic.eth0.ring.rx", "1024 of 4096", "-"),
                new RunComparison.Difference("host-a", "sysctl.net.core.rmem_max", "-", "212992"),
                new RunComparison.Difference("host-b", "cpu.governor", "performance", "powersave"),
                new RunComparison.Difference("host-b", "nic.eth0.ring.rx", "1024 of 4096", "-"),
                new RunComparison.Difference("host-b", "sysctl.net.core.rmem_max", "-", "212992"));
        assertThat(ComparisonText.table(comparison, false)).contains("The environments differ:", "performance",
                "powersave");
        assertThat(ComparisonText.json(comparison).path("environment_differences").size()).isEqualTo(6);
    }

    @Test
    void aHostThatTookPartOnOneSideOnlyIsNamed() {
        RunResult before = run("before", "host-a", "host-b", List.of("kernel.release=6.1.0"));
        RunResult after = run("after", "host-a", "host-c", List.of("kernel.release=6.1.0"));

        assertThat(RunComparison.of(List.of(before), List.of(after), 1).environmentDifferences()).containsExactly(
                new RunComparison.Difference("host-b", "host", "took part", "-"),
                new RunComparison.Difference("host-c", "host", "-", "took part"));
    }

    private static RunResult run(String runId, String source, String destination, List<String> facts) {
        // One environment for both: equal machines have equal ones.
        String fingerprint = String.join("|", facts);
        List<EnvironmentFact> all = new ArrayList<>();
        for (String fact : facts) {
            String[] words = fact.split("=", 2);
            all.add(new EnvironmentFact(words[0], words[1]));
        }
        return Samples.result(runId, TrafficKind.STREAM, Samples.flow(runId, 0).build())
                .setHosts(List.of(new RunHost(source, fingerprint), new RunHost(destination, fingerprint)))
                .setEnvironments(List.of(new Environment(fingerprint, all)))
                .build();
    }
}
