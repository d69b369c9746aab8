package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.HostEventType;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.RunCommandAvro;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Records that come twice, late, in another order, or make no sense; topics that are not as they must be. */
@ExtendWith(SharedFleet.class)
final class RecordFaultsIT {
    private static final String SHORT = "duration: 300ms\nwarmup: 0s\ninterval: 300ms\n";

    @Test
    @DisplayName("row 8: duplicated, reordered and late commands of users")
    void commandsOfUsers(FaultFleet fleet) {
        // The same record twice, as a producer without idempotence sends it again.
        var submit = RunCommandAvro.submit("c-doubled", "doubled", "tests", FaultFleet.spec(SHORT), null);
        fleet.users().send(Topic.COMMANDS, "doubled", submit).join();
        fleet.users().send(Topic.COMMANDS, "doubled", submit).join();
        // Before there is anything to cancel, and after it is too late to begin.
        fleet.cancel("overtaken");
        fleet.users().send(Topic.COMMANDS, "late", RunCommandAvro.submit(
                "c-late", "late", "tests", FaultFleet.spec(SHORT), Instant.now().minusSeconds(60))).join();

        fleet.completed("doubled");
        assertThat(fleet.onlooker().awaitAnswer("cancel-overtaken").getCode()).isEqualTo("NOT_FOUND");
        RunEvent late = fleet.onlooker().awaitAnswer("c-late");
        assertThat(late.getCode()).isEqualTo("EXPIRED");
        assertThat(fleet.onlooker().count(Topic.RUN_RESULTS, "doubled")).isEqualTo(1);
        assertThat(fleet.onlooker().seen(Topic.RUN_EVENTS, event -> "c-doubled".equals(event.getCommandId())))
                .extracting(RunEvent::getCode)
                .allMatch(code -> code.equals("ACCEPTED") || code.equals("UNCHANGED"));
        assertThat(readyEvents(fleet, "doubled")).hasSize(2);
    }

    @Test
    @DisplayName("row 8: duplicated and reordered commands to hosts, in mid-run and after it")
    void commandsToHosts(FaultFleet fleet) throws Exception {
        String run = fleet.running("duration: 3s\nwarmup: 0s\ninterval: 200ms\n", 2);
        List<ConsumerRecord<byte[], byte[]>> commands = commandsOf(fleet, run);
        assertThat(commands).hasSizeGreaterThanOrEqualTo(6);
        Collections.shuffle(commands, new Random(8));

        sendAgain(fleet, commands);
        RunResult result = fleet.completed(run);
        sendAgain(fleet, commands);
        // What they lead to, if anything, is there when the next run is over.
        fleet.completed(fleet.submit(SHORT));

        assertThat(result.getIntervalsMissing()).isZero();
        assertThat(readyEvents(fleet, run).stream().map(event -> event.getReady().getFirst().getWorkerPid()).distinct())
                .as("workers of the run").hasSize(2);
        assertThat(fleet.onlooker().count(Topic.RUN_RESULTS, run)).isEqualTo(1);
    }

    private static List<HostEvent> readyEvents(FaultFleet fleet, String run) {
        fleet.events(FaultFleet.A, run, HostEventType.READY);
        fleet.events(FaultFleet.B, run, HostEventType.READY);
        return fleet.onlooker().seen(Topic.HOST_EVENTS, event -> event.getEventType() == HostEventType.READY
                && run.equals(event.getRunId()));
    }

    /** Everything that hosts were told of a run so far, as it lies on the topic. */
    private static List<ConsumerRecord<byte[], byte[]>> commandsOf(FaultFleet fleet, String run) {
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
        byte[] id = run.getBytes(StandardCharsets.UTF_8);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", fleet.bootstrap(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            String topic = fleet.bus().topicName(Topic.HOST_COMMANDS);
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    if (record.value() != null && contains(record.value(), id)) {
                        found.add(record);
                    }
                }
            }
        }
        return found;
    }

    private static boolean contains(byte[] whole, byte[] part) {
        for (int i = 0; i + part.length <= whole.length; i++) {
            if (Arrays.equals(whole, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    private static void sendAgain(FaultFleet fleet, List<ConsumerRecord<byte[], byte[]>> records) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = anybody(fleet)) {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                producer.send(new ProducerRecord<>(
                        record.topic(), record.partition(), record.key(), record.value(), record.headers())).get();
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> anybody(FaultFleet fleet) {
        return new KafkaProducer<>(Map.of("bootstrap.servers", fleet.bootstrap(), "max.request.size", "2000000"),
                new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Test
    @DisplayName("row 9: poison records on every topic that somebody acts on")
    void poison(FaultFleet fleet) throws Exception {
        int before = fleet.bus().deadLetters().letters().size();
        byte[] huge = new byte[900_000];
        new Random(9).nextBytes(huge);
        List<byte[]> poison = new ArrayList<>(List.of(
                "not Avro at all".getBytes(StandardCharsets.UTF_8),
                new byte[0],
                // An id that nobody has given out, and one that belongs to another topic's type.
                ByteBuffer.allocate(9).put((byte) 0).putInt(Integer.MAX_VALUE).putInt(7).array(),
                ByteBuffer.allocate(9).put((byte) 0).putInt(1).putInt(-1).array(),
                huge));
        List<Topic<?>> topics =
                List.of(Topic.COMMANDS, Topic.HOST_EVENTS, Topic.HOSTS, Topic.HOST_COMMANDS, Topic.RUNS);
        String run = fleet.running("duration: 3s\nwarmup: 0s\ninterval: 200ms\n", 2);
        int sent = 0;
        try (KafkaProducer<byte[], byte[]> producer = anybody(fleet)) {
            for (Topic<?> topic : topics) {
                for (byte[] value : poison) {
                    producer.send(new ProducerRecord<>(fleet.bus().topicName(topic), 0,
                            FaultFleet.A.getBytes(StandardCharsets.UTF_8), value)).get();
                    sent++;
                }
            }
            // A key that is none; a tombstone where there is nothing to forget.
            producer.send(new ProducerRecord<>(fleet.bus().topicName(Topic.COMMANDS), 0, null, huge)).get();
            producer.send(new ProducerRecord<>(
                    fleet.bus().topicName(Topic.COMMANDS), 0, new byte[] {-1, -2}, new byte[1])).get();
            producer.send(new ProducerRecord<>(
                    fleet.bus().topicName(Topic.COMMANDS), 0, new byte[] {'x'}, null)).get();
            sent += 3;
        }
        int atLeast = before + sent - poison.size();

        assertThat(fleet.completed(run).getIntervalsMissing()).isZero();
        fleet.completed(fleet.submit(SHORT));
        // The daemon of that partition writes those of host-commands: there may be none.
        await("the dead letters").atMost(FaultFleet.PATIENCE)
                .until(() -> fleet.bus().deadLetters().letters().size() >= atLeast);
        // Whoever starts now reads all of it again.
        fleet.kill(FaultFleet.COORDINATOR);
        fleet.mend();
        fleet.completed(fleet.submit(SHORT));
    }

    @Test
    @DisplayName("row 22: a topic with the wrong policy, and none")
    void wrongTopics(FaultFleet fleet) throws Exception {
        ConfigResource runs = new ConfigResource(ConfigResource.Type.TOPIC, fleet.bus().topicName(Topic.RUNS));
        fleet.kill(FaultFleet.COORDINATOR);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", fleet.bootstrap()))) {
            alter(admin, runs, "delete");
            try {
                fleet.start(FaultFleet.COORDINATOR);
                await("the complaint").atMost(FaultFleet.PATIENCE).until(() -> fleet.said(FaultFleet.COORDINATOR)
                        .contains("topic " + runs.name() + ": "));
                assertThat(fleet.said(FaultFleet.COORDINATOR)).contains("cleanup.policy", "To mend it:");
                assertThat(fleet.status(FaultFleet.COORDINATOR, "/readyz")).isEqualTo(503);
                fleet.flowlane("topics", "verify").await().expect(3);
            } finally {
                alter(admin, runs, "compact");
            }
        }
        fleet.mend();
        assertThat(fleet.flowlane("topics", "verify", "--topic-prefix", "nowhere").await().expect(3).out())
                .contains("nowhere.commands", "flowlane topics create");
    }

    private static void alter(Admin admin, ConfigResource topic, String policy) throws Exception {
        admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(
                new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET)))).all().get();
    }

    @Test
    @DisplayName("row 23: two runs that want the same CPUs")
    void sameCpus(FaultFleet fleet) {
        // Over loopback each flow takes two CPUs of this machine.
        String everyCpu = "flows: " + Math.max(1, Runtime.getRuntime().availableProcessors() / 2) + "\n";
        // Long enough for the others to come while it goes on.
        fleet.submit("first", everyCpu + "duration: 4s\nwarmup: 0s\ninterval: 400ms\n");
        fleet.submit("second", everyCpu + SHORT);
        fleet.submit("third", everyCpu + SHORT);
        fleet.submit("impatient", everyCpu + SHORT + "when-busy: reject\n");

        fleet.onlooker().awaitState("second", RunStateName.QUEUED);
        RunResult first = fleet.completed("first");
        RunResult second = fleet.completed("second");
        RunResult third = fleet.completed("third");

        assertThat(second.getStartedTime()).isAfterOrEqualTo(first.getEndedTime());
        assertThat(third.getStartedTime()).isAfterOrEqualTo(second.getEndedTime());
        assertThat(fleet.onlooker().awaitAnswer("c-impatient").getCode()).isEqualTo("REJECTED");
        assertThat(fleet.awaitIntervals("third", FlowRole.SOURCE, 1)).isNotEmpty();
    }
}
