package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Lanes on a real kernel: three hosts whose flows land on different CPUs by receive packet steering. lab-1 and lab-2
 * count as machines of their own, lab-3 is on this machine as its boot id says. Needs root.
 */
final class LanesIT {
    private static final int TRIALS = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** All CPUs of this machine. */
    private static final String EVERY_CPU =
            Integer.toHexString((1 << Math.min(30, Runtime.getRuntime().availableProcessors())) - 1);

    @TempDir
    static Path state = Path.of(".");

    private static Lab lab;

    @BeforeAll
    static void open() throws Exception {
        String impediment = Lab.impediment();
        Assumptions.assumeTrue(impediment.isEmpty(), impediment);
        Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "lanes need two CPUs at least");
        lab = Lab.open(state, 3);
        lab.startHost(1, "--machine-id", "machine-1");
        lab.startHost(2, "--machine-id", "machine-2");
        lab.startHost(3);
    }

    @AfterAll
    static void close() throws Exception {
        if (lab != null) {
            lab.close();
        }
    }

    @BeforeEach
    void steerByHash() throws Exception {
        for (int host = 1; host <= 3; host++) {
            lab.flowSteering(host, 0);
            lab.packetSteering(host, EVERY_CPU);
        }
        // Daemons look at their interfaces every two seconds.
        awaitSteering("HASHED");
    }

    @Test
    void twoFlowsNeverShareAReceiveCpu() {
        for (int trial = 0; trial < TRIALS; trial++) {
            JsonNode run = lab.run(1, 2, "--flows", "2", "--duration", "100ms", "--warmup", "0", "--interval", "1s");

            assertThat(run.path("state").textValue()).as("%s", run.path("reasons")).isEqualTo("COMPLETED");
            assertThat(cpus(run, "source_receive_cpu")).hasSize(2);
            assertThat(cpus(run, "destination_receive_cpu")).hasSize(2);
            assertThat(cpus(run, "source_application_cpu")).hasSize(2);
        }
    }

    @Test
    void flowsThatSwapCpusRunWhereTheOtherReceives() {
        JsonNode run = lab.run(1, 2, "--flows", "2", "--application-cpu", "cross", "--duration", "200ms",
                "--warmup", "0", "--interval", "1s", "--repeat", "2");

        assertThat(run.path("state").textValue()).as("%s", run.path("reasons")).isEqualTo("COMPLETED");
        JsonNode one = run.path("flows").path(0);
        JsonNode other = run.path("flows").path(1);
        for (String end : List.of("source", "destination")) {
            assertThat(one.path(end + "_application_cpu")).isEqualTo(other.path(end + "_receive_cpu"));
            assertThat(other.path(end + "_application_cpu")).isEqualTo(one.path(end + "_receive_cpu"));
        }
    }

    /** Not on its ports: a packet on a veth bears a hash that its socket drew at random, whatever the four-tuple. */
    @Test
    void aRunLikeAnEarlierOneHasItsLanes() {
        String[] two = {"--flows", "2", "--duration", "100ms", "--warmup", "0", "--interval", "1s"};
        JsonNode first = lab.run(1, 2, two);
        JsonNode second = lab.run(1, 2, Stream.concat(
                        Stream.of(two), Stream.of("--like", first.path("run_id").textValue()))
                .toArray(String[]::new));

        assertThat(second.path("state").textValue()).as("%s", second.path("reasons")).isEqualTo("COMPLETED");
        assertThat(lanes(second)).isEqualTo(lanes(first));
    }

    private static Set<List<Integer>> lanes(JsonNode run) {
        return StreamSupport.stream(run.path("flows").spliterator(), false)
                .map(flow -> Stream.of("source_receive_cpu", "source_application_cpu", "destination_receive_cpu",
                                "destination_application_cpu")
                        .map(name -> flow.path(name).intValue())
                        .toList())
                .collect(Collectors.toSet());
    }

    @Test
    void theCpusOfOneMachineAreNotCountedTwice() throws Exception {
        // Another daemon in the same namespace as lab-2, without the override: on lab-3's machine.
        lab.stopHost(2);
        lab.startHost(2);
        try {
            FlowlaneProcess.Outcome refused = lab.flowlane("run", "--sources", "lab-2", "--destinations", "lab-3",
                            "--flows", Integer.toString(Runtime.getRuntime().availableProcessors()))
                    .expect(5);
            assertThat(refused.err()).contains("REJECTED", "CPU", "lab-2", "lab-3");
        } finally {
            lab.stopHost(2);
            lab.startHost(2, "--machine-id", "machine-2");
        }
    }

    @Test
    void whoSteersIsRecognised() throws Exception {
        lab.packetSteering(2, "0");
        awaitSteering("FOLLOWS_SENDER");

        lab.flowSteering(2, 256);
        awaitSteering("FOLLOWS_RECEIVER");
        JsonNode followed = lab.run(1, 2, "--duration", "500ms", "--warmup", "100ms", "--interval", "100ms",
                "--set", "placement.destination-cpus=1");
        JsonNode flow = followed.path("flows").path(0);
        assertThat(flow.path("destination_receive_cpu").intValue())
                .as("%s", followed.path("reasons"))
                .isEqualTo(flow.path("destination_application_cpu").intValue())
                .isEqualTo(1);
    }

    @Test
    void ofTwoRunsAtOnceOneWaits() throws Exception {
        try (FlowlaneProcess first = lab.begin(onEveryCpu("first", "1h"))) {
            await().atMost(PATIENCE).until(() -> first.err().contains("RUNNING"));
            try (FlowlaneProcess second = lab.begin(onEveryCpu("second", "200ms"))) {
                await().atMost(PATIENCE).until(() -> second.err().contains("QUEUED"));
                assertThat(lab.flowlane("list").expect(0).out()).contains("second", "QUEUED", "first");
                assertThat(second.handle().isAlive()).isTrue();
                lab.flowlane("cancel", "first").expect(0);
                first.await().expect(130);
                second.await().expect(0);
            }
        }
        JsonNode one = lab.flowlane("get", "first", "-o", "json").json();
        JsonNode other = lab.flowlane("get", "second", "-o", "json").expect(0).json();
        assertThat(other.path("started_time").textValue()).isGreaterThan(one.path("ended_time").textValue());
    }

    private static String[] onEveryCpu(String runId, String duration) {
        return new String[] {
            "run", "--run-id", runId, "--sources", "lab-1", "--destinations", "lab-2", "--flows", "2",
            "--duration", duration, "--warmup", "0", "--interval", "200ms"
        };
    }

    @Test
    void changedPacketSteeringIsDrift() throws Exception {
        lab.packetSteering(2, "1");
        try (FlowlaneProcess running = startLong()) {
            lab.packetSteering(2, "2");
            disturbed(running.await().expect(6).jsonLines().getLast());
        }
    }

    @Test
    void movedThreadIsDrift() throws Exception {
        try (FlowlaneProcess running = startLong("--set", "placement.destination-cpus=1")) {
            for (int thread : lab.flowThreads(2)) {
                Lab.pin(thread, 0);
            }
            disturbed(running.await().expect(6).jsonLines().getLast());
        }
    }

    /** A run of twenty intervals, three of which are over. */
    private static FlowlaneProcess startLong(String... more) {
        List<String> arguments = new ArrayList<>(List.of("run", "--sources", "lab-1", "--destinations",
                "lab-2", "--duration", "6s", "--warmup", "0", "--interval", "300ms", "-o", "jsonl"));
        arguments.addAll(List.of(more));
        FlowlaneProcess running = lab.begin(arguments.toArray(String[]::new));
        await().atMost(PATIENCE).until(() -> running.out().lines().count() >= 6);
        return running;
    }

    /** All of them after the change, which comes a moment after the third of twenty, however long that moment is. */
    private static void disturbed(JsonNode lastLine) {
        assertThat(lastLine.path("state").textValue()).isEqualTo("DISTURBED");
        assertThat(lastLine.path("flows").path(0).path("drifted_intervals").intValue()).isGreaterThanOrEqualTo(4);
    }

    private static void awaitSteering(String expected) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lab.run(1, 2, "--duration", "50ms", "--warmup", "0",
                                "--interval", "50ms")
                        .path("flows")
                        .path(0)
                        .path("destination_steering")
                        .textValue())
                .isEqualTo(expected));
    }

    private static Set<Integer> cpus(JsonNode run, String name) {
        return new TreeSet<>(StreamSupport.stream(run.path("flows").spliterator(), false)
                .map(flow -> flow.path(name).intValue())
                .toList());
    }
}
