package dev.flowlane.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.HostCommandType;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunCommand;
import dev.flowlane.avro.RunCommandType;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusException;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Finding;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.Partitioner;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.bus.WriterProfile;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/** The bus against a real broker; every test has topics of its own. */
final class BusIT {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final AtomicInteger PREFIXES = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static @Nullable BrokerProcess broker;
    private static String bootstrap = "";

    private final String prefix = "it" + PREFIXES.incrementAndGet();
    private final Bus bus = new Bus(BusSettings.of(bootstrap, prefix));

    @BeforeAll
    static void startBroker() throws Exception {
        BrokerProcess started = BrokerProcess.start(folder.resolve("broker"));
        broker = started;
        bootstrap = started.bootstrap();
    }

    @AfterAll
    static void stopBroker() {
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void createdTopicsAreAsTheyShouldBe() {
        List<String> created = bus.admin().create(1);

        assertThat(created).hasSize(Topic.all().size() + 1).contains(prefix + ".runs", prefix + ".dead-letters");
        assertThat(bus.admin().create(1)).as("nothing left to create").isEmpty();
        assertThat(bus.admin().verify()).isEmpty();
    }

    @Test
    void missingTopicsAreFound() {
        List<Finding> findings = bus.admin().verify();

        assertThat(findings).hasSize(Topic.all().size() + 1).first().isEqualTo(new Finding(
                prefix + ".commands",
                "does not exist",
                "flowlane topics create --bootstrap " + bootstrap + " --topic-prefix " + prefix));
    }

    @Test
    void spoiltTopicsAreFound() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(
                            new NewTopic(prefix + ".host-commands", 1, (short) 1)
                                    .configs(Map.of("message.timestamp.type", "LogAppendTime")),
                            new NewTopic(prefix + ".commands", 3, (short) 1)
                                    .configs(Map.of("message.timestamp.type", "LogAppendTime"))))
                    .all()
                    .get();
            bus.admin().create(1);
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, prefix + ".runs"),
                            List.of(set("cleanup.policy", "delete"), set("max.message.bytes", "1000000")),
                            new ConfigResource(ConfigResource.Type.TOPIC, prefix + ".host-events"),
                            List.of(set("message.timestamp.type", "CreateTime"))))
                    .all()
                    .get();
        }

        List<Finding> findings = findings(4);

        assertThat(findings)
                .extracting(Finding::topic, Finding::problem)
                .containsExactly(
                        tuple(prefix + ".commands", "3 partitions; its order needs exactly 1"),
                        tuple(prefix + ".runs", "cleanup.policy: delete instead of compact"),
                        tuple(prefix + ".runs", "max.message.bytes: 1000000 instead of 16777216"),
                        tuple(prefix + ".host-events", "message.timestamp.type: CreateTime instead of LogAppendTime"));
        assertThat(findings.get(1).mend())
                .isEqualTo("kafka-configs.sh --bootstrap-server " + bootstrap + " --alter --entity-type topics"
                        + " --entity-name " + prefix + ".runs --add-config cleanup.policy=compact");
    }

    @Test
    void plainRecordsComeBackInOrderWithTheBrokersTime() {
        bus.admin().create(1);
        Instant before = Instant.now().minusSeconds(1);
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r")) {
            reader.assign(Topic.COMMANDS, ReadFrom.END);
            for (int i = 0; i < 10; i++) {
                writer.send(Topic.COMMANDS, "run-" + i, cancel("run-" + i), Instant.EPOCH).join();
            }

            List<BusRecord<?>> records = read(reader, 10);

            assertThat(records).extracting(BusRecord::key).startsWith("run-0", "run-1").endsWith("run-9");
            assertThat(records).extracting(r -> r.as(Topic.COMMANDS)).startsWith(cancel("run-0"));
            assertThat(records).allSatisfy(r -> assertThat(r.recordTime()).isAfter(before));
        }
    }

    @Test
    void resultsHaveTheirEventTime() {
        bus.admin().create(1);
        Instant eventTime = Instant.now().minusSeconds(600).truncatedTo(ChronoUnit.MILLIS);
        try (BusWriter writer = bus.writer("w", WriterProfile.TELEMETRY); BusReader reader = bus.reader("r")) {
            writer.learn(Topic.RUN_EVENTS);
            var sent = writer.send(Topic.RUN_EVENTS, "run-1", event("run-1", eventTime), eventTime);
            writer.flush();
            assertThat(sent).isCompleted();
            reader.assign(Topic.RUN_EVENTS, ReadFrom.since(eventTime));

            assertThat(read(reader, 1)).singleElement().satisfies(r -> assertThat(r.recordTime()).isEqualTo(eventTime));
        }
    }

    @Test
    void readingSinceATimeLeavesOutWhatIsOlder() {
        bus.admin().create(1);
        Instant middle = Instant.now().minusSeconds(100);
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r")) {
            writer.send(Topic.RUN_EVENTS, "run-1", event("old", middle), middle.minusSeconds(1)).join();
            writer.send(Topic.RUN_EVENTS, "run-1", event("new", middle), middle.plusSeconds(1)).join();

            reader.assign(Topic.RUN_EVENTS, ReadFrom.since(middle));

            assertThat(read(reader, 1)).extracting(r -> r.as(Topic.RUN_EVENTS)).containsExactly(event("new", middle));
        }
    }

    @Test
    void onlyCommittedTransactionsAreReadAndTheirOffsetsKept() {
        bus.admin().create(1);
        String group = prefix + "-coordinator";
        Map<TopicPartition, Long> next = new HashMap<>(Map.of(new TopicPartition(prefix + ".commands", 0), 7L));
        try (BusWriter writer = bus.transactionalWriter("t", group); BusReader reader = bus.reader("r")) {
            writer.initTransactions();
            writer.beginTransaction();
            writer.send(Topic.RUNS, "aborted", run("aborted")).join();
            writer.abortTransaction();
            writer.beginTransaction();
            writer.send(Topic.RUNS, "run-1", run("run-1")).join();
            writer.send(Topic.HOST_COMMANDS, "host-a", command("host-a")).join();
            writer.sendOffsets(next, group);
            writer.commitTransaction();
            writer.beginTransaction();
            writer.send(Topic.RUNS, "open", run("open")).join();

            reader.assign(Topic.RUNS, ReadFrom.BEGINNING);
            reader.assign(Topic.HOST_COMMANDS, ReadFrom.BEGINNING);
            List<BusRecord<?>> replayed = new ArrayList<>();
            while (!reader.caughtUp()) {
                replayed.addAll(reader.poll(Duration.ofMillis(200)));
            }

            assertThat(replayed).extracting(BusRecord::key).containsExactlyInAnyOrder("run-1", "host-a");
            writer.abortTransaction();
        }
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r")) {
            for (int i = 0; i < 9; i++) {
                writer.send(Topic.COMMANDS, "run-" + i, cancel("run-" + i)).join();
            }
            reader.assign(Topic.COMMANDS, ReadFrom.committed(group, ReadFrom.BEGINNING));

            assertThat(read(reader, 2)).extracting(BusRecord::key).containsExactly("run-7", "run-8");
            assertThat(reader.positions()).containsExactly(Map.entry(new TopicPartition(prefix + ".commands", 0), 9L));
        }
    }

    @Test
    void whatIsHeldBackIsReadLaterAndFromWhereItWas() {
        bus.admin().create(1);
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r")) {
            writer.send(Topic.COMMANDS, "run-1", cancel("run-1")).join();
            writer.send(Topic.HOST_COMMANDS, "host-a", command("host-a")).join();
            reader.assign(Topic.COMMANDS, ReadFrom.BEGINNING);
            reader.assign(Topic.HOST_COMMANDS, ReadFrom.BEGINNING);
            reader.holdBack(Topic.COMMANDS);
            List<BusRecord<?>> first = new ArrayList<>();
            while (!reader.caughtUp()) {
                first.addAll(reader.poll(Duration.ofMillis(200)));
            }

            assertThat(first).extracting(BusRecord::key).containsExactly("host-a");
            reader.goOn(Topic.COMMANDS);
            assertThat(read(reader, 1)).extracting(BusRecord::key).containsExactly("run-1");
        }
    }

    @Test
    void groupWithoutProgressReadsFromTheAlternative() {
        bus.admin().create(1);
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r")) {
            writer.send(Topic.COMMANDS, "run-1", cancel("run-1")).join();

            reader.assign(Topic.COMMANDS, ReadFrom.committed(prefix + "-nobody", ReadFrom.BEGINNING));

            assertThat(read(reader, 1)).extracting(BusRecord::key).containsExactly("run-1");
        }
    }

    @Test
    void laterWriterFencesTheEarlierOne() {
        bus.admin().create(1);
        try (BusWriter earlier = bus.transactionalWriter("t1", prefix + "-coordinator");
                BusWriter later = bus.transactionalWriter("t2", prefix + "-coordinator")) {
            earlier.initTransactions();
            earlier.beginTransaction();
            earlier.send(Topic.RUNS, "earlier", run("earlier")).join();

            later.initTransactions();

            assertThatThrownBy(earlier::commitTransaction)
                    .isInstanceOfAny(ProducerFencedException.class, InvalidProducerEpochException.class);
        }
    }

    @Test
    void garbageBecomesDeadLettersAndHoldsNothingUp() throws Exception {
        bus.admin().create(1);
        byte[] key = "run-1".getBytes(StandardCharsets.UTF_8);
        byte[] garbage = {0, 0, 0, 0, 99, 1};
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r")) {
            reader.assign(Topic.COMMANDS, ReadFrom.END);
            RecordMetadata at = sendRaw(".commands", key, garbage);
            sendRaw(".commands", key, null);
            sendRaw(".commands", null, garbage);
            sendRaw(".commands", new byte[] {(byte) 0xff}, garbage);
            writer.send(Topic.COMMANDS, "run-2", cancel("run-2")).join();

            assertThat(read(reader, 1)).extracting(BusRecord::key).containsExactly("run-2");
            assertThat(reader.malformed()).isEqualTo(4);
            List<ConsumerRecord<byte[], byte[]>> letters = deadLetters(4);
            assertThat(letters.getFirst().key()).isEqualTo(key);
            assertThat(letters.getFirst().value()).isEqualTo(garbage);
            assertThat(headers(letters.getFirst()))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "origin-topic", prefix + ".commands",
                            "origin-partition", "0",
                            "origin-offset", Long.toString(at.offset()),
                            "error", "schema id 99 is not in this release's ids.lock"));
            assertThat(letters)
                    .extracting(letter -> headers(letter).get("error"))
                    .contains("no value", "no key", "key is not UTF-8");
            assertThat(reader.lostDeadLetters()).isZero();
        }
    }

    @Test
    void onlookerCountsGarbageAndWritesNothing() throws Exception {
        bus.admin().create(1);
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r", OnMalformed.COUNT)) {
            sendRaw(".commands", new byte[] {'k'}, new byte[] {1});
            writer.send(Topic.COMMANDS, "run-2", cancel("run-2")).join();
            reader.assign(Topic.COMMANDS, ReadFrom.BEGINNING);

            assertThat(read(reader, 1)).hasSize(1);
            assertThat(reader.malformed()).isEqualTo(1);
        }
        assertThat(deadLetters(0)).isEmpty();
    }

    @Test
    void missingDeadLetterTopicIsCounted() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(prefix + ".commands", 1, (short) 1))).all().get();
        }
        BusReader reader = new Bus(new BusSettings(
                        bootstrap, prefix, Map.of(), Map.of("max.block.ms", "500"), Map.of(), Map.of()))
                .reader("r");
        try (BusWriter writer = bus.writer("w"); reader) {
            sendRaw(".commands", new byte[] {'k'}, new byte[] {1});
            writer.send(Topic.COMMANDS, "run-2", cancel("run-2")).join();
            reader.assign(Topic.COMMANDS, ReadFrom.BEGINNING);

            assertThat(read(reader, 1)).hasSize(1);
        }
        assertThat(reader.lostDeadLetters()).isEqualTo(1);
    }

    @Test
    void daemonReadsItsPartitionAndItsKeyOnly() throws Exception {
        bus.admin().create(1);
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r")) {
            int partitions = reader.partitionCount(Topic.HOST_COMMANDS);
            int partition = Partitioner.partitionFor("host-a", partitions);
            reader.assignPartition(Topic.HOST_COMMANDS, partition, ReadFrom.END);
            reader.onlyKey("host-a");
            for (int i = 0; i < 20; i++) {
                writer.send(Topic.HOST_COMMANDS, "host-" + i, command("host-" + i)).join();
            }
            RecordMetadata at =
                    writer.send(Topic.HOST_COMMANDS, "host-a", command("host-a")).join();

            assertThat(partitions).isEqualTo(4);
            assertThat(at.partition()).isEqualTo(partition);
            assertThat(read(reader, 1)).extracting(BusRecord::key).containsExactly("host-a");
        }
    }

    @Test
    void tombstonesAreReadFromCompactedTopicsAndRefusedElsewhere() {
        bus.admin().create(1);
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r")) {
            writer.send(Topic.HOSTS, "host-a", null).join();
            reader.assign(Topic.HOSTS, ReadFrom.BEGINNING);

            assertThat(read(reader, 1)).singleElement().satisfies(r -> assertThat(r.value()).isNull());
            assertThatThrownBy(() -> writer.send(Topic.COMMANDS, "run-1", null))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void readingBackDecodesOnlyWhatCompactionWouldLeave() throws Exception {
        bus.admin().create(1);
        Run newestOfA = run("a");
        newestOfA.setCoordinatorEpoch(3);
        try (BusWriter writer = bus.writer("w");
                BusReader reader = bus.reader("r", OnMalformed.COUNT)) {
            sendRaw(".runs", new byte[] {'a'}, new byte[] {1});
            writer.send(Topic.RUNS, "a", run("a")).join();
            writer.send(Topic.RUNS, "b", run("b")).join();
            writer.send(Topic.RUNS, "gone", run("gone")).join();
            writer.send(Topic.RUNS, "gone", null).join();
            writer.send(Topic.RUNS, "a", newestOfA).join();
            sendRaw(".runs", new byte[] {'b'}, new byte[] {1});
            writer.send(Topic.COMMANDS, "run-1", cancel("run-1")).join();
            writer.send(Topic.COMMANDS, "run-1", cancel("run-1")).join();
            reader.assign(Topic.RUNS, ReadFrom.BEGINNING);
            reader.assign(Topic.COMMANDS, ReadFrom.BEGINNING);
            List<BusRecord<?>> records = new ArrayList<>();
            long deadlineNs = System.nanoTime() + BOUND.toNanos();
            while (!reader.caughtUp() && System.nanoTime() < deadlineNs) {
                records.addAll(reader.pollNewest(Duration.ofMillis(200)));
            }

            assertThat(records)
                    .filteredOn(record -> record.topic() == (Topic<?>) Topic.RUNS)
                    .extracting(BusRecord::key, BusRecord::value)
                    .as("of b the newest cannot be read")
                    .containsExactly(tuple("b", run("b")), tuple("gone", null), tuple("a", newestOfA));
            assertThat(reader.malformed()).as("the older one of a is not looked at").isEqualTo(1);
            assertThat(records)
                    .extracting(BusRecord::key)
                    .as("other topics keep every record")
                    .filteredOn("run-1"::equals)
                    .hasSize(2);
        }
    }

    @Test
    void runOfTenMegabytesPassesAndOneOfTwentyDoesNot() {
        bus.admin().create(1);
        Run large = run("large");
        large.setReasons(List.of("x".repeat(10_000_000)));
        Run tooLarge = run("too-large");
        tooLarge.setReasons(List.of("x".repeat(20_000_000)));
        try (BusWriter writer = bus.writer("w"); BusReader reader = bus.reader("r")) {
            writer.send(Topic.RUNS, "large", large).join();
            reader.assign(Topic.RUNS, ReadFrom.BEGINNING);

            assertThat(read(reader, 1)).extracting(r -> r.as(Topic.RUNS)).containsExactly(large);
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(() -> writer.send(Topic.RUNS, "too-large", tooLarge).join())
                    .withCauseInstanceOf(RecordTooLargeException.class);
        }
    }

    @Test
    void wakeupEndsAPollEarly() {
        bus.admin().create(1);
        try (BusReader reader = bus.reader("r")) {
            reader.assign(Topic.COMMANDS, ReadFrom.END);
            reader.wakeup();
            long beganNs = System.nanoTime();

            assertThat(reader.poll(BOUND)).isEmpty();
            assertThat(System.nanoTime() - beganNs).isLessThan(BOUND.toNanos() / 2);
        }
    }

    @Test
    void missingTopicIsNamedWithTheMend() {
        try (BusReader reader = bus.reader("r")) {
            assertThatExceptionOfType(BusException.class)
                    .isThrownBy(() -> reader.assign(Topic.RUNS, ReadFrom.BEGINNING))
                    .withMessageContaining(prefix + ".runs does not exist")
                    .withMessageContaining("flowlane topics create");
        }
    }

    @Test
    void waitingForABrokerIsBounded() throws Exception {
        bus.admin().waitUntilReachable(BOUND);
        Bus nowhere = new Bus(BusSettings.of("127.0.0.1:" + FreePort.find(0), prefix));

        assertThatExceptionOfType(BusException.class)
                .isThrownBy(() -> nowhere.admin().waitUntilReachable(Duration.ofMillis(300)))
                .withMessageContaining("no Kafka broker answered at 127.0.0.1:")
                .withMessageContaining("within 300 ms");
    }

    @Test
    void serviceWaitsForTopicsThatSomebodyElseCreates() throws Exception {
        Thread creator = Thread.ofVirtual().start(() -> bus.admin().create(1));

        bus.admin().waitUntilUsable(BOUND);

        creator.join();
        assertThat(bus.admin().verify()).isEmpty();
    }

    @Test
    void waitingForTopicsIsBounded() {
        assertThatExceptionOfType(BusException.class)
                .isThrownBy(() -> bus.admin().waitUntilUsable(Duration.ofSeconds(3)))
                .withMessageContaining("topic " + prefix + ".commands does not exist")
                .withMessageContaining("flowlane topics create");
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }

    /** The findings when there are as many as expected: a changed configuration reaches the broker a moment later. */
    private List<Finding> findings(int count) {
        long deadlineNs = System.nanoTime() + BOUND.toNanos();
        List<Finding> findings;
        do {
            findings = bus.admin().verify();
        } while (findings.size() != count && System.nanoTime() < deadlineNs);
        return findings;
    }

    private static List<BusRecord<?>> read(BusReader reader, int count) {
        List<BusRecord<?>> records = new ArrayList<>();
        long deadlineNs = System.nanoTime() + BOUND.toNanos();
        while (records.size() < count && System.nanoTime() < deadlineNs) {
            records.addAll(reader.poll(Duration.ofMillis(200)));
        }
        return records;
    }

    private RecordMetadata sendRaw(String suffix, byte @Nullable [] key, byte @Nullable [] value) throws Exception {
        try (var producer = new KafkaProducer<byte @Nullable [], byte @Nullable []>(
                Map.<String, Object>of("bootstrap.servers", bootstrap),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            return producer.send(new ProducerRecord<>(prefix + suffix, key, value)).get();
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> deadLetters(int count) {
        TopicPartition partition = new TopicPartition(prefix + ".dead-letters", 0);
        List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            long deadlineNs = System.nanoTime() + BOUND.toNanos();
            do {
                consumer.poll(Duration.ofMillis(500)).forEach(letters::add);
            } while (letters.size() < count && System.nanoTime() < deadlineNs);
        }
        return letters;
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> letter) {
        Map<String, String> headers = new HashMap<>();
        letter.headers().forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        return headers;
    }

    private static RunCommand cancel(String runId) {
        return RunCommand.newBuilder()
                .setCommandType(RunCommandType.CANCEL)
                .setCommandId("command-1")
                .setRunId(runId)
                .build();
    }

    private static HostCommand command(String hostId) {
        return HostCommand.newBuilder()
                .setCommandType(HostCommandType.RELEASE)
                .setCommandId("command-1")
                .setHostId(hostId)
                .setRunId("run-1")
                .setCoordinatorEpoch(1)
                .build();
    }

    private static RunEvent event(String runId, Instant eventTime) {
        return RunEvent.newBuilder().setRunId(runId).setEventTime(eventTime).build();
    }

    private static Run run(String runId) {
        return Run.newBuilder().setRunId(runId).setCoordinatorEpoch(1).build();
    }
}
