package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flowlane.avro.FlowResult;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.HostCommandType;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunCommand;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.coordinator.wire.RunCommandAvro;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.IoEngine;
import dev.flowlane.core.spec.IoSettings;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.core.spec.SocketSettings;
import dev.flowlane.core.spec.Topology;
import dev.flowlane.core.spec.Traffic;
import dev.flowlane.core.spec.WhenBusy;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The coordinator's process and a real broker; the daemons are scripted. Each test has topics of its own. */
final class CoordinatorIT {
    /** Room for a machine that does something else at the same time; nothing here depends on how soon it is. */
    private static final Duration SOON = Duration.ofMinutes(2);

    /** Kafka's clients wait for 30 s and more with their end, if nobody tells them how long. */
    private static final Duration FAST = Duration.ofSeconds(15);

    private static final AtomicInteger TESTS = new AtomicInteger();
    private static BrokerProcess broker;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private String prefix;
    private Bus bus;
    private BusWriter users;
    private Onlooker onlooker;

    @BeforeAll
    static void startBroker() throws IOException {
        broker = BrokerProcess.start(0);
    }

    @AfterAll
    static void stopBroker() throws IOException {
        broker.close();
    }

    @BeforeEach
    void createTopics() {
        prefix = "it" + TESTS.incrementAndGet();
        bus = new Bus(BusSettings.of(broker.bootstrap(), prefix));
        bus.admin().create(1);
        // Created is not yet known to the broker.
        await("the topics").atMost(SOON).until(() -> bus.admin().verify().isEmpty());
        users = opened(bus.writer("users"));
        onlooker = opened(new Onlooker(bus));
    }

    @AfterEach
    void closeAll() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        Checked.invariantsHold(bus);
    }

    @Test
    void aRunGoesFromItsCommandToItsResult() throws Exception {
        JavaProcess coordinator = startedCoordinator();
        fleet(coordinator, "a", "b");

        submit("c-1", "run-1", spec(2, Duration.ofSeconds(2)));

        RunEvent answer = onlooker.awaitAnswer("c-1");
        RunResult result = onlooker.await("the result", Topic.RUN_RESULTS, run -> run.getRunId().equals("run-1"))
                .getFirst();
        assertThat(answer.getCode()).isEqualTo("ACCEPTED");
        assertThat(result.getState()).isEqualTo(RunStateName.COMPLETED);
        assertThat(result.getReasons()).isEmpty();
        assertThat(result.getFlowsMeasured()).isEqualTo(2);
        assertThat(result.getReceivedBytes()).isEqualTo(2 * ScriptedFleet.SENT_BYTES).isEqualTo(result.getSentBytes());
        assertThat(result.getThroughputBitsPerSecond()).isEqualTo(2 * ScriptedFleet.SENT_BYTES * 8 / 2.0);
        assertThat(result.getSubmitToTrafficNs()).isPositive();
        List<FlowResult> flows = onlooker.await("flow results", Topic.FLOW_RESULTS, flow -> true);
        assertThat(flows).extracting(FlowResult::getReceivedBytes).contains(ScriptedFleet.SENT_BYTES);
        assertThat(flows).extracting(FlowResult::getSourceApplicationCpu).allMatch(cpu -> cpu >= 0);
        // Users read of the end at the same time as the coordinator learns that it has been written.
        await("the end over HTTP").atMost(SOON)
                .until(() -> "COMPLETED".equals(json(coordinator, "/runs/run-1").path("state").textValue()));
        assertThat(json(coordinator, "/runs/run-1").path("claims")).isEmpty();
        assertThat(json(coordinator, "/hosts")).extracting(host -> host.path("liveness").textValue())
                .containsExactly("ONLINE", "ONLINE");
        assertThat(get(coordinator, "/metrics").body()).contains(
                "flowlane_runs_total{outcome=\"completed\"} 1.0",
                "flowlane_commands_total{outcome=\"accepted\",type=\"submit\"} 1.0",
                "flowlane_coordinator_epoch 1.0",
                "flowlane_claims{machine=\"machine-of-a\"} 0.0",
                "flowlane_run_state{run_id=\"run-1\",state=\"completed\"} 1.0",
                "flowlane_host_state{host=\"a\",state=\"online\"} 1",
                "flowlane_host_info{host=\"a\",machine=\"machine-of-a\"} 1",
                "flowlane_host_last_heartbeat_time_seconds{host=\"a\"}",
                "flowlane_placement_seconds_count 1",
                "flowlane_consumer_lag_records");
    }

    @Test
    void anUnknownHostIsAnswered() throws Exception {
        JavaProcess coordinator = startedCoordinator();
        fleet(coordinator, "a", "b");

        submit("c-1", "run-1", spec(List.of("a"), List.of("nowhere"), 1, Duration.ofSeconds(1)));

        RunEvent answer = onlooker.awaitAnswer("c-1");
        assertThat(answer.getCode()).isEqualTo("REJECTED");
        assertThat(answer.getMessage()).contains("nowhere", "online are a, b");
        onlooker.awaitState("run-1", RunStateName.REJECTED);
    }

    @Test
    void sameIdSameSpecIsUnchangedAndOtherSpecAConflict() throws Exception {
        JavaProcess coordinator = startedCoordinator();
        fleet(coordinator, "a", "b");
        submit("c-1", "run-1", spec(1, Duration.ofSeconds(1)));
        onlooker.awaitState("run-1", RunStateName.COMPLETED);

        submit("c-2", "run-1", spec(1, Duration.ofSeconds(1)));
        submit("c-3", "run-1", spec(1, Duration.ofSeconds(3)));

        assertThat(onlooker.awaitAnswer("c-2").getCode()).isEqualTo("UNCHANGED");
        assertThat(onlooker.awaitAnswer("c-3").getCode()).isEqualTo("CONFLICT");
    }

    @Test
    void garbageIsOneDeadLetterAndTheNextCommandIsAnswered() throws Exception {
        JavaProcess coordinator = startedCoordinator();
        fleet(coordinator, "a", "b");
        Map<String, Object> properties = Map.of("bootstrap.servers", broker.bootstrap());
        try (KafkaProducer<String, String> anybody =
                new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            anybody.send(new ProducerRecord<>(bus.topicName(Topic.COMMANDS), "run-1", "not Avro at all")).get();
        }

        submit("c-1", "run-1", spec(1, Duration.ofSeconds(1)));

        assertThat(onlooker.awaitAnswer("c-1").getCode()).isEqualTo("ACCEPTED");
        await("the count").atMost(SOON).until(() -> get(coordinator, "/metrics").body().lines()
                .anyMatch(line -> line.equals("flowlane_dead_letters_total{topic=\"commands\"} 1.0")));
    }

    @Test
    void senselessCommandsAreAnswered() throws Exception {
        startedCoordinator();
        RunCommand withoutSpec = RunCommandAvro.submit("c-1", "run-1", "me", spec(1, Duration.ofSeconds(1)), null);
        withoutSpec.setSpec(null);
        users.send(Topic.COMMANDS, "run-1", withoutSpec).join();
        submit("c-2", "no good id", spec(1, Duration.ofSeconds(1)));
        users.send(Topic.COMMANDS, "another-key", RunCommandAvro.cancel("c-3", "run-1", "me", null, null)).join();
        users.send(Topic.COMMANDS, "run-2", RunCommandAvro.cancel("c-4", "run-2", "me", null, null)).join();

        assertThat(onlooker.awaitAnswer("c-1")).returns("REJECTED", RunEvent::getCode)
                .extracting(RunEvent::getMessage).asString().contains("a SUBMIT needs one");
        assertThat(onlooker.awaitAnswer("c-2").getCode()).isEqualTo("REJECTED");
        assertThat(onlooker.awaitAnswer("c-3").getCode()).isEqualTo("REJECTED");
        assertThat(onlooker.awaitAnswer("c-4").getCode()).isEqualTo("NOT_FOUND");
    }

    @Test
    void aKilledCoordinatorIsFollowedByOneThatKnowsWhatItKnew() throws Exception {
        JavaProcess first = startedCoordinator();
        ScriptedFleet fleet = fleet(first, "a", "b");
        submit("c-1", "ended", spec(1, Duration.ofSeconds(1)));
        onlooker.awaitState("ended", RunStateName.COMPLETED);
        fleet.hold("running");
        // Both CPUs of each host.
        submit("c-2", "running", spec(2, Duration.ofSeconds(60)));
        onlooker.awaitState("running", RunStateName.RUNNING);
        submit("c-3", "queued", spec(1, Duration.ofSeconds(1)));
        onlooker.awaitState("queued", RunStateName.QUEUED);
        first.kill();
        // What hosts and users say while nobody listens is not lost.
        fleet.letGo("running");
        submit("c-4", "meanwhile", spec(List.of("a"), List.of("nowhere"), 1, Duration.ofSeconds(1)));

        JavaProcess second = startedCoordinator();

        onlooker.awaitState("running", RunStateName.COMPLETED);
        onlooker.awaitState("queued", RunStateName.COMPLETED);
        assertThat(onlooker.awaitAnswer("c-4").getCode()).isEqualTo("REJECTED");
        assertThat(json(second, "/runs/ended").path("state").textValue()).isEqualTo("COMPLETED");
        assertThat(onlooker.await("the epoch", Topic.RUNS, run -> run.getRunId().equals(RunAvro.EPOCH_KEY)))
                .extracting(Run::getCoordinatorEpoch)
                .containsExactly(1L, 2L);
        assertThat(fleet.epoch()).isEqualTo(2);
        // Every run was answered once and has one result.
        for (String runId : List.of("ended", "running", "queued")) {
            assertThat(onlooker.await(runId, Topic.RUN_RESULTS, result -> result.getRunId().equals(runId))).hasSize(1);
        }
        assertThat(onlooker.await("answers", SOON, 4, Topic.RUN_EVENTS,
                        event -> event.getEventType() == RunEventType.ANSWER))
                .extracting(RunEvent::getCommandId)
                .containsExactlyInAnyOrder("c-1", "c-2", "c-3", "c-4");
    }

    @Test
    void aSecondCoordinatorStandsByUntilTheFirstIsStopped() throws Exception {
        JavaProcess first = startedCoordinator();
        fleet(first, "a", "b");
        JavaProcess second = opened(JavaProcess.coordinator(broker.bootstrap(), prefix));
        await("the standby").atMost(SOON).until(() -> second.output().contains("standing by"));
        assertThat(second.http()).isEmpty();

        first.terminate();

        assertThat(first.waitFor(SOON)).contains(143);
        await("the take-over").atMost(SOON).until(() -> second.http().isPresent());
        submit("c-1", "run-1", spec(1, Duration.ofSeconds(1)));
        assertThat(onlooker.awaitAnswer("c-1").getCode()).isEqualTo("ACCEPTED");
        onlooker.awaitState("run-1", RunStateName.COMPLETED);
        assertThat(second.output()).contains("epoch=2 ").doesNotContain("\tat ");
    }

    @Test
    void aRunIsCancelled() throws Exception {
        JavaProcess coordinator = startedCoordinator();
        ScriptedFleet fleet = fleet(coordinator, "a", "b");
        fleet.hold("run-1");
        submit("c-1", "run-1", spec(1, Duration.ofSeconds(60)));
        onlooker.awaitState("run-1", RunStateName.RUNNING);

        users.send(Topic.COMMANDS, "run-1", RunCommandAvro.cancel("c-2", "run-1", "me", "enough", null)).join();

        assertThat(onlooker.awaitAnswer("c-2").getCode()).isEqualTo("CANCELLING");
        onlooker.awaitState("run-1", RunStateName.CANCELLED);
    }

    @Test
    void aSilentBrokerEndsReadinessButNotTheRuns() throws Exception {
        JavaProcess coordinator = startedCoordinator();
        ScriptedFleet fleet = fleet(coordinator, "a", "b");
        fleet.hold("run-1");
        submit("c-1", "run-1", spec(1, Duration.ofSeconds(60)));
        onlooker.awaitState("run-1", RunStateName.RUNNING);

        broker.pause();
        try {
            await("unready").atMost(SOON)
                    .until(() -> get(coordinator, "/readyz").statusCode() == 503);
            assertThat(get(coordinator, "/livez").statusCode()).isEqualTo(200);
            assertThat(get(coordinator, "/readyz?verbose").body()).contains("[-]kafka", "Kafka has not answered");
        } finally {
            broker.resume();
        }

        await("ready again").atMost(SOON)
                .until(() -> get(coordinator, "/readyz").statusCode() == 200);
        assertThat(json(coordinator, "/runs/run-1").path("state").textValue()).isEqualTo("RUNNING");
        fleet.letGo("run-1");
        onlooker.awaitState("run-1", RunStateName.COMPLETED);
    }

    @Test
    void aKilledBrokerIsWaitedForAndNothingIsLost() throws Exception {
        JavaProcess coordinator = startedCoordinator();
        ScriptedFleet fleet = fleet(coordinator, "a", "b");
        fleet.hold("run-1");
        submit("c-1", "run-1", spec(1, Duration.ofSeconds(60)));
        onlooker.awaitState("run-1", RunStateName.RUNNING);

        broker.killAndRestart();
        fleet.letGo("run-1");
        submit("c-2", "run-2", spec(1, Duration.ofSeconds(1)));

        onlooker.awaitState("run-1", RunStateName.COMPLETED);
        onlooker.awaitState("run-2", RunStateName.COMPLETED);
        assertThat(onlooker.awaitAnswer("c-2").getCode()).isEqualTo("ACCEPTED");
        await("ready again").atMost(SOON)
                .until(() -> get(coordinator, "/readyz").statusCode() == 200);
    }

    /** As a host reads its START late that was away from Kafka while it came. */
    @Test
    void aStartThatComesAgainEndsNothingTwice() throws Exception {
        Onlooker orders = opened(new Onlooker(bus, Topic.HOST_COMMANDS));
        ScriptedFleet fleet = fleet(startedCoordinator(), "a", "b");
        fleet.hold("run-1");
        submit("c-1", "run-1", spec(1, Duration.ofSeconds(2)));
        List<HostCommand> starts = orders.await("the STARTs", SOON, 2, Topic.HOST_COMMANDS,
                order -> order.getCommandType() == HostCommandType.START && order.getRunId().equals("run-1"));
        await("both").atMost(SOON).until(() -> fleet.starts("run-1") == 2);
        fleet.letGo("run-1");

        for (HostCommand start : starts) {
            users.send(Topic.HOST_COMMANDS, start.getHostId(), start).join();
        }

        await("the copies").atMost(SOON).until(() -> fleet.starts("run-1") == 4);
        onlooker.awaitState("run-1", RunStateName.COMPLETED);
    }

    /**
     * What hosts said before they had a run is no word of its loss, though a coordinator that takes over may read it
     * once more.
     */
    @Test
    void aRunThatHadWaitedOutlivesTheCoordinatorThatBeganIt() throws Exception {
        JavaProcess first = startedCoordinator();
        ScriptedFleet fleet = fleet(first, "a", "b");
        fleet.hold("first");
        fleet.hold("second");
        // Both CPUs of each host.
        submit("c-1", "first", spec(2, Duration.ofSeconds(2)));
        onlooker.awaitState("first", RunStateName.RUNNING);
        submit("c-2", "second", spec(2, Duration.ofSeconds(60)));
        onlooker.awaitState("second", RunStateName.QUEUED);
        int told = fleet.heartbeats();
        await("words without the second run").atMost(SOON).until(() -> fleet.heartbeats() >= told + 4);
        fleet.letGo("first");
        onlooker.awaitState("second", RunStateName.RUNNING);

        first.kill();
        startedCoordinator();

        fleet.letGo("second");
        onlooker.awaitState("second", RunStateName.COMPLETED);
    }

    @Test
    void endOfInputEndsItInOrderAndFast() throws Exception {
        JavaProcess coordinator = startedCoordinator("--exit-with-stdin");
        long beganNs = System.nanoTime();

        coordinator.closeInput();

        assertThat(coordinator.waitFor(SOON)).contains(0);
        assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(FAST);
        assertThat(coordinator.output()).contains("stopped");
    }

    @Test
    void missingTopicsAreNamedWithTheMendAndWaitedFor() throws Exception {
        String other = prefix + "-other";
        JavaProcess coordinator = opened(JavaProcess.coordinator(broker.bootstrap(), other));
        await("the complaint").atMost(SOON).until(() -> coordinator.output().contains(
                "topic " + other + ".commands: does not exist. To mend it: flowlane topics create --bootstrap "
                        + broker.bootstrap() + " --topic-prefix " + other));

        new Bus(BusSettings.of(broker.bootstrap(), other)).admin().create(1);

        await("ready").atMost(SOON).until(() -> coordinator.http().isPresent());
    }

    /** Hosts that the coordinator knows. */
    private ScriptedFleet fleet(JavaProcess coordinator, String... hostIds) {
        ScriptedFleet fleet = opened(new ScriptedFleet(bus, 2, hostIds));
        for (String hostId : hostIds) {
            await("host " + hostId).atMost(SOON)
                    .until(() -> get(coordinator, "/hosts/" + hostId).statusCode() == 200);
        }
        return fleet;
    }

    private JavaProcess startedCoordinator(String... more) throws IOException {
        JavaProcess coordinator = opened(JavaProcess.coordinator(broker.bootstrap(), prefix, more));
        await("the coordinator").atMost(SOON).until(() -> {
            assertThat(coordinator.isAlive()).as(coordinator.output()).isTrue();
            return coordinator.http().isPresent();
        });
        return coordinator;
    }

    private void submit(String commandId, String runId, RunSpec spec) {
        users.send(Topic.COMMANDS, runId, RunCommandAvro.submit(commandId, runId, "me", spec, null)).join();
    }

    static RunSpec spec(int flows, Duration duration) {
        return spec(List.of("a"), List.of("b"), flows, duration);
    }

    private static RunSpec spec(List<String> sources, List<String> destinations, int flows, Duration duration) {
        return new RunSpec(
                sources,
                destinations,
                Topology.PAIR,
                flows,
                new Traffic.Stream(),
                duration,
                Duration.ZERO,
                Duration.ofSeconds(1),
                RunSpec.ANY_IP_VERSION,
                new PlacementPolicy(
                        new ApplicationCpu.SameCore(), Exclusive.STRICT, Smt.AVOID, null, null, false, 64),
                new IoSettings(IoEngine.EPOLL, 65_536, 65_536, true),
                new SocketSettings(true, null, null, null, null),
                WhenBusy.QUEUE);
    }

    private JsonNode json(JavaProcess coordinator, String path) throws Exception {
        HttpResponse<String> response = get(coordinator, path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new ObjectMapper().readTree(response.body());
    }

    private HttpResponse<String> get(JavaProcess coordinator, String path) throws Exception {
        URI uri = URI.create("http://" + coordinator.http().orElseThrow() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }
}
