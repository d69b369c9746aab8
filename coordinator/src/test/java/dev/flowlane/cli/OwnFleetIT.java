package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.coordinator.Checked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The fleet that a {@code run} starts for itself, and what there is when parts of an installation are missing. */
final class OwnFleetIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path state = Path.of(".");

    /** The topics outlive their fleet; what it wrote on them is judged when it has gone. */
    @AfterEach
    void invariantsHold() throws Exception {
        Path metadata = state.resolve("broker/data/meta.properties");
        if (!Files.exists(metadata) || !Files.readString(metadata).contains("cluster.id")) {
            return; // None was ever started, or not on data that a broker can read.
        }
        if (!Files.exists(state.resolve("topics.created"))) {
            return; // It was stopped before it had topics.
        }
        Path portFile = state.resolve("judge-port");
        try (FlowlaneProcess broker = FlowlaneProcess.start(state, Map.of(), "broker", "--data-dir",
                state.resolve("broker").toString(), "--port-file", portFile.toString())) {
            await().atMost(PATIENCE).until(() -> Files.exists(portFile) && !Files.readString(portFile).isBlank());
            String bootstrap = "127.0.0.1:" + Files.readString(portFile).strip();
            Checked.invariantsHold(new Bus(BusSettings.of(bootstrap, "flowlane")));
            broker.signal("TERM");
            broker.await();
        }
    }

    @Test
    void runStartsWhatIsMissingAndLeavesNothingBehind() throws Exception {
        FlowlaneProcess command = FlowlaneProcess.start(state, Map.of(), "run", "--duration", "300ms", "-o", "json");
        List<ProcessHandle> processes = fleet();
        assertThat(processes).hasSize(4);

        JsonNode result = command.await().expect(0).json();
        assertThat(result.path("state").textValue()).as("%s", result.path("reasons")).isEqualTo("COMPLETED");
        assertThat(processes).noneMatch(ProcessHandle::isAlive);
        assertThat(state.resolve("fleet.json")).doesNotExist();
        FlowlaneProcess.run(state, "status").expect(1);

        // What was measured is still there for the next fleet.
        FlowlaneProcess.run(state, "up").expect(0);
        try {
            FlowlaneProcess.run(state, "get", result.path("run_id").textValue()).expect(0);
        } finally {
            FlowlaneProcess.run(state, "down").expect(0);
        }
    }

    @Test
    void twoRunsShareTheFleetOfTheFirst() throws Exception {
        FlowlaneProcess first = FlowlaneProcess.start(state, Map.of(), "run", "--duration", "300ms", "-o", "json");
        FlowlaneProcess second = FlowlaneProcess.start(state, Map.of(), "run", "--duration", "300ms", "-o", "json");

        JsonNode one = first.await().expect(0).json();
        JsonNode other = second.await().expect(0).json();
        assertThat(one.path("run_id")).isNotEqualTo(other.path("run_id"));
        FlowlaneProcess.run(state, "status").expect(1);
    }

    @Test
    void killingTheCommandEndsItsFleet() throws Exception {
        List<ProcessHandle> processes = new ArrayList<>();
        try (FlowlaneProcess command = FlowlaneProcess.start(state, Map.of(), "run", "--duration", "1h")) {
            await().atMost(PATIENCE).until(() -> command.err().contains("bit/s"));
            processes.addAll(fleet());
            List.copyOf(processes).forEach(process -> process.descendants().forEach(processes::add));
            assertThat(processes).hasSizeGreaterThan(4);
            // Closing kills it.
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(processes).noneMatch(ProcessHandle::isAlive));
        // The next one finds the remains and is not disturbed by them.
        FlowlaneProcess.run(state, "run", "--duration", "200ms", "--warmup", "0").expect(0);
    }

    @Test
    void interruptWhileTheFleetStartsStopsIt() throws Exception {
        try (FlowlaneProcess command = FlowlaneProcess.start(state, Map.of(), "run", "--duration", "1h")) {
            List<ProcessHandle> processes = fleet();
            command.signal("INT");

            command.await().expect(130);
            assertThat(processes).noneMatch(ProcessHandle::isAlive);
        }
    }

    @Test
    void aBackgroundFleetThatLostAProcessIsSaidToBeDamaged() throws Exception {
        FlowlaneProcess.run(state, "up").expect(0);
        try {
            long pid = pid("host-b");
            assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
            await().atMost(PATIENCE).until(() -> ProcessHandle.of(pid).isEmpty());

            FlowlaneProcess.run(state, "status").expect(1);
            FlowlaneProcess.run(state, "run", "--duration", "200ms")
                    .expectError(3, "host-b has ended", "flowlane down");
        } finally {
            FlowlaneProcess.run(state, "down").expect(0);
        }
    }

    @Test
    void aBrokenDataDirectoryIsToldWithTheMend() throws Exception {
        Path metadata = Files.createDirectories(state.resolve("broker/data")).resolve("meta.properties");
        Files.writeString(metadata, "this is not what Kafka wrote\n");

        FlowlaneProcess.Outcome outcome = FlowlaneProcess.run(state, "run", "--duration", "200ms");
        outcome.expectError(3, "broker ended", state.resolve("broker/data").toString());
        assertThat(state.resolve("fleet.json")).doesNotExist();
    }

    @Test
    void withoutACoordinatorTheRunIsNotStartedNotEvenLater() throws Exception {
        Path broker = state.resolve("broker-only");
        Path portFile = state.resolve("port");
        FlowlaneProcess brokerProcess = FlowlaneProcess.start(
                state, Map.of(), "broker", "--data-dir", broker.toString(), "--port-file", portFile.toString());
        FlowlaneProcess coordinator = null;
        try {
            await().atMost(PATIENCE).until(() -> Files.exists(portFile) && !Files.readString(portFile).isBlank());
            String bootstrap = "127.0.0.1:" + Files.readString(portFile).strip();
            Map<String, String> environment = Map.of("FLOWLANE_KAFKA_BOOTSTRAP_SERVERS", bootstrap);

            // No topics: the mend makes them.
            FlowlaneProcess.start(state, environment, "list").await().expectError(3, "flowlane topics create");
            FlowlaneProcess.start(state, environment, "topics", "create").await().expect(0);
            FlowlaneProcess.start(state, environment, "topics", "verify").await().expect(0);

            FlowlaneProcess.start(state, environment, "run", "--run-id", "early", "--source", "a", "--destination", "b")
                    .await()
                    .expectError(3, "no coordinator answered within 10 s", "flowlane coordinator --bootstrap "
                            + bootstrap);

            coordinator = FlowlaneProcess.start(
                    state, environment, "coordinator", "--state-dir", state.resolve("coordinator").toString());
            FlowlaneProcess started = coordinator;
            // Commands wait for its answer for 10 s only.
            await().atMost(PATIENCE).until(() -> started.err().contains(" ready http="));
            // Its answer to a command of now proves that it has read the one before.
            FlowlaneProcess.start(state, environment, "cancel", "nothing").await().expectError(5, "no run nothing");
            assertThat(FlowlaneProcess.start(state, environment, "list", "--active").await().expect(0).out()).isEmpty();
        } finally {
            if (coordinator != null) {
                coordinator.signal("TERM");
                coordinator.await();
            }
            brokerProcess.signal("TERM");
            brokerProcess.await();
        }
    }

    /** The processes of the fleet that is starting. */
    private List<ProcessHandle> fleet() {
        await().atMost(PATIENCE).until(() -> Files.exists(state.resolve("fleet.json")));
        List<ProcessHandle> processes = new ArrayList<>();
        record().path("processes")
                .forEach(process -> ProcessHandle.of(process.path("pid").longValue()).ifPresent(processes::add));
        return processes;
    }

    private long pid(String name) {
        for (JsonNode process : record().path("processes")) {
            if (process.path("name").textValue().equals(name)) {
                return process.path("pid").longValue();
            }
        }
        throw new AssertionError("no " + name);
    }

    private JsonNode record() {
        try {
            return new ObjectMapper().readTree(Files.readString(state.resolve("fleet.json")));
        } catch (IOException e) {
            throw new AssertionError("fleet.json cannot be read", e);
        }
    }
}
