package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.cli.FlowlaneProcess;
import dev.flowlane.cli.Lab;
import dev.flowlane.coordinator.Checked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;

/** Cables that are pulled, and hosts without ports: the hosts are network namespaces. Needs root. */
final class NetworkFaultsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** TCP_USER_TIMEOUT of a flow, a little less: what was sent last was sent before the cable was out. */
    private static final Duration USER_TIMEOUT = Duration.ofSeconds(9);

    /** TCP_USER_TIMEOUT of a flow, its report, and a machine that is kept from its work; the run itself is longer. */
    private static final Duration GONE_WITHIN = Duration.ofSeconds(50);

    private static final String[] SHORT = {"--duration", "300ms", "--warmup", "0", "--interval", "300ms"};

    @TempDir
    static Path state = Path.of(".");

    private static Lab lab;

    @BeforeAll
    static void open() throws Exception {
        String impediment = Lab.impediment();
        Assumptions.assumeTrue(impediment.isEmpty(), impediment);
        lab = Lab.open(state, 2);
        lab.startHost(1);
        lab.startHost(2);
    }

    @AfterAll
    static void close() throws Exception {
        if (lab != null) {
            lab.close();
        }
    }

    @AfterEach
    void check() {
        lab.dataCable(1, true);
        lab.dataCable(2, true);
        lab.managementCable(1, true);
        Checked.invariantsHold(lab.bus());
    }

    @Test
    @DisplayName("row 19: a data cable pulled in mid-run")
    void dataCablePulled() {
        FlowlaneProcess run = running("60s");

        long beganNs = System.nanoTime();
        lab.dataCable(1, false);
        FlowlaneProcess.Outcome outcome = run.await();

        assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(GONE_WITHIN);
        assertThat(outcome.exitCode()).as(outcome.err()).isIn(1, 6);
        JsonNode result = outcome.jsonLines().getLast();
        assertThat(result.path("state").textValue()).isIn("PARTIAL", "FAILED");
        // By whatever the kernel of the host without a cable says first: no route, or no acknowledgement in time.
        assertThat(result.path("reasons").toString()).contains("lab-1 (source) ended ");
        lab.dataCable(1, true);
        measured(lab.flowlane(Lab.runArguments(1, 2, SHORT)));
    }

    @Test
    @DisplayName("row 19: the data cable of the peer pulled in mid-run")
    void peersDataCablePulled() {
        FlowlaneProcess run = running("60s");

        long beganNs = System.nanoTime();
        lab.dataCable(2, false);
        FlowlaneProcess.Outcome outcome = run.await();

        // The source's own cable is in: nothing tells it but the time without an acknowledgement.
        Duration took = Duration.ofNanos(System.nanoTime() - beganNs);
        assertThat(took).isBetween(USER_TIMEOUT, GONE_WITHIN);
        assertThat(outcome.exitCode()).as(outcome.err()).isIn(1, 6);
        JsonNode result = outcome.jsonLines().getLast();
        assertThat(result.path("state").textValue()).isIn("PARTIAL", "FAILED");
        assertThat(result.path("reasons").toString()).contains("lab-1 (source) ended ").containsAnyOf("ETIMEDOUT",
                "EHOSTUNREACH");
        lab.dataCable(2, true);
        measured(lab.flowlane(Lab.runArguments(1, 2, SHORT)));
    }

    @Test
    @DisplayName("row 7: the management cable pulled in mid-run")
    void managementCablePulled() {
        FlowlaneProcess run = running("6s");

        lab.managementCable(1, false);
        // Longer than the run: nothing of its end is told in time. The lease of the host is longer.
        await("the traffic to end").pollDelay(Duration.ofSeconds(7)).atMost(PATIENCE).until(() -> true);
        lab.managementCable(1, true);

        JsonNode result = run.await().expect(0).jsonLines().getLast();
        assertThat(result.path("state").textValue()).isEqualTo("COMPLETED");
        assertThat(result.path("intervals_missing").intValue()).isZero();
    }

    @Test
    @DisplayName("row 15: no free port at the source")
    void portsExhausted() {
        lab.localPorts(1, "40000 40001");
        try {
            FlowlaneProcess.Outcome refused = lab.flowlane(Lab.runArguments(1, 2, "--flows", "3", "--exclusive", "none",
                    "--duration", "300ms", "--warmup", "0", "--interval", "100ms"));

            assertThat(refused.exitCode()).as(refused.err()).isIn(1, 5);
            assertThat(refused.out() + refused.err()).contains("EADDRNOTAVAIL", "ip_local_port_range");
        } finally {
            lab.localPorts(1, "32768 60999");
        }
        measured(lab.flowlane(Lab.runArguments(1, 2, SHORT)));
    }

    /** A run of which four intervals have been told. */
    private static FlowlaneProcess running(String duration) {
        FlowlaneProcess run = lab.begin("run", "--sources", "lab-1", "--destinations", "lab-2", "--duration", duration,
                "--warmup", "0", "--interval", "200ms", "-o", "jsonl");
        await("the run").atMost(PATIENCE).until(() -> run.out().lines().count() >= 4);
        return run;
    }

    private static void measured(FlowlaneProcess.Outcome outcome) {
        assertThat(outcome.expect(0).json().path("state").textValue()).isEqualTo("COMPLETED");
    }
}
