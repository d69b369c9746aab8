package dev.flowlane.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.Checked;
import dev.flowlane.coordinator.TestFolders;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A fleet on a Kafka that lets nobody in without a password and allows only what {@code flowlane topics acls} has
 * granted: what each role can do, what it cannot, and that no secret shows up where it does not belong.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SecureFleetIT {
    private static final String PREFIX = "secure";
    private static final String COORDINATOR = "flowlane-coordinator";
    private static final String DAEMON = "flowlane-daemon";
    private static final String USER = "flowlane-user";
    private static final String ANALYTICS = "flowlane-analytics";

    @TempDir
    static Path folder = Path.of(".");

    private static SecureBroker broker;
    private static Bus admin;
    private static final List<FlowlaneProcess> SERVICES = new ArrayList<>();
    /** Everything that commands have written. */
    private static final StringBuilder SAID = new StringBuilder();
    /** Every command line that was seen while the fleet was at work. */
    private static final Set<String> COMMAND_LINES = new TreeSet<>();

    @BeforeAll
    static void startFleet() throws Exception {
        Path kafka = Files.createDirectories(folder.resolve("kafka"));
        broker = SecureBroker.start(kafka, List.of(COORDINATOR, DAEMON, USER, ANALYTICS));
        admin = new Bus(BusSettings.fromEnvironment(environment(SecureBroker.ADMIN), Map.of()));
        run(SecureBroker.ADMIN, "topics", "create").expect(0);
        run(SecureBroker.ADMIN, "topics", "acls", "--apply").expect(0);

        service("coordinator", COORDINATOR, "coordinator", "--http-address", "127.0.0.1:0");
        for (String host : List.of("host-a", "host-b")) {
            service(host, DAEMON, "host-daemon", "--host-id", host, "--data-address", "127.0.0.1");
        }
        Set<String> online = new HashSet<>();
        try (BusReader reader = admin.reader("it-hosts")) {
            reader.assign(Topic.HOSTS, ReadFrom.BEGINNING);
            await("two hosts").atMost(Duration.ofMinutes(2)).until(() -> {
                for (BusRecord<?> record : reader.poll(Duration.ofMillis(200))) {
                    Host host = record.as(Topic.HOSTS);
                    if (host != null) {
                        online.add(host.getHostId());
                    }
                }
                assertThat(SERVICES).as(() -> outputs()).allMatch(service -> service.handle().isAlive());
                return online.size() == 2;
            });
        }
        // Commands wait for its answer for 10 s only.
        await("the coordinator").atMost(Duration.ofMinutes(2))
                .until(() -> SERVICES.getFirst().err().contains(" ready http="));
    }

    @AfterAll
    static void stopFleet() {
        SERVICES.reversed().forEach(service -> {
            service.handle().destroy();
            service.await();
            service.close();
        });
        if (broker != null) {
            broker.close();
        }
    }

    private static Map<String, String> environment(String user) {
        return Map.of(
                "FLOWLANE_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap(),
                "FLOWLANE_TOPIC_PREFIX", PREFIX,
                "FLOWLANE_LOG_LEVEL", "DEBUG",
                "FLOWLANE_KAFKA_CONFIG_FILE", broker.clientFile(user).toString());
    }

    private static void service(String name, String user, String... arguments) {
        SERVICES.add(FlowlaneProcess.start(folder.resolve("state-" + name), environment(user), arguments));
    }

    private static FlowlaneProcess.Outcome run(String user, String... arguments) throws IOException {
        FlowlaneProcess command = FlowlaneProcess.start(folder.resolve("state-cli"), environment(user), arguments);
        while (isRunning(command)) {
            COMMAND_LINES.addAll(commandLines());
        }
        FlowlaneProcess.Outcome outcome = command.await();
        SAID.append(outcome.out()).append(outcome.err());
        return outcome;
    }

    /** Whether it still runs after a while: reading all of /proc without a break would disturb what is measured. */
    private static boolean isRunning(FlowlaneProcess command) {
        try {
            command.handle().onExit().get(200, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Set<String> commandLines() throws IOException {
        Set<String> lines = new TreeSet<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                try {
                    lines.add(Files.readString(process.resolve("cmdline"), ISO_8859_1).replace('\0', ' '));
                } catch (IOException e) {
                    // No process, or not any more.
                }
            }
        }
        return lines;
    }

    private static String outputs() {
        StringBuilder all = new StringBuilder();
        SERVICES.forEach(service -> all.append(service.out()).append(service.err()));
        return all.toString();
    }

    @Test
    @Order(1)
    void aRunCompletesWithTheLeastRights() throws Exception {
        JsonNode result = run(USER, "run", "--run-id", "r1", "--sources", "host-a", "--destinations", "host-b",
                        "--duration", "1s", "--interval", "200ms", "--traffic", "request-response", "-o", "json")
                .expect(0)
                .json();

        assertThat(result.path("state").textValue()).as("%s", result.path("reasons")).isEqualTo("COMPLETED");
        run(USER, "list").expect(0);
        run(USER, "hosts", "list").expect(0);
        run(USER, "get", "r1").expect(0);
        run(USER, "baselines", "set", "usual", "r1").expect(0);
        Checked.invariantsHold(admin);
    }

    @Test
    @Order(2)
    void analyticsReadResultsInAGroupOfTheirOwnAndWriteNothing() throws Exception {
        Properties properties = broker.client(ANALYTICS);
        properties.setProperty("group.id", PREFIX + "-analytics-nightly");
        properties.setProperty("auto.offset.reset", "earliest");
        List<String> results = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> job =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            job.subscribe(List.of(name("run-results"), name("flow-stats")));
            await("a result").atMost(Duration.ofMinutes(1)).until(() -> {
                job.poll(Duration.ofMillis(200)).forEach(record -> results.add(record.topic()));
                return results.contains(name("run-results")) && results.contains(name("flow-stats"));
            });
            job.commitSync();
        }

        for (String topic : topics()) {
            assertCannotWrite(ANALYTICS, topic);
        }
        FlowlaneProcess.Outcome refused = run(ANALYTICS, "submit", "--sources", "host-a", "--destinations", "host-b");
        refused.expectError(ExitCode.NOT_ALLOWED, "Kafka does not allow this");
    }

    @Test
    @Order(3)
    void noRoleCanDoWhatIsAnotherRoles() throws Exception {
        for (String topic : List.of("commands", "host-commands", "runs", "run-events", "run-results", "flow-results",
                "baselines")) {
            assertCannotWrite(DAEMON, name(topic));
        }
        for (String topic : List.of("host-commands", "runs", "hosts", "host-events", "run-events", "run-results",
                "flow-results", "flow-stats", "cpu-placement", "dead-letters")) {
            assertCannotWrite(USER, name(topic));
        }
        for (String topic : List.of("commands", "hosts", "host-events", "flow-stats", "baselines")) {
            assertCannotWrite(COORDINATOR, name(topic));
        }
        // The keys of runs are for those who have to prove that they know them.
        assertCannotRead(USER, name("host-commands"));
        assertCannotRead(ANALYTICS, name("host-commands"));
        assertCannotRead(DAEMON, name("commands"));
        assertCannotRead(DAEMON, name("run-results"));
    }

    @Test
    @Order(4)
    void whoIsNotKnownIsToldSoWithoutAWordOfTheSecret() throws Exception {
        Path wrong = Files.writeString(
                folder.resolve("wrong.properties"),
                Files.readString(broker.clientFile(USER))
                        .replaceFirst("password=\"[0-9a-f]+\"", "password=\"not-the-password\""));
        Map<String, String> environment = new HashMap<>(environment(USER));
        environment.put("FLOWLANE_KAFKA_CONFIG_FILE", wrong.toString());

        FlowlaneProcess.Outcome refused =
                FlowlaneProcess.start(folder.resolve("state-cli"), environment, "list").await();

        refused.expectError(ExitCode.NOT_ALLOWED, "Kafka does not let us in");
        assertThat(refused.out() + refused.err()).doesNotContain("not-the-password");
        FlowlaneProcess.Outcome onCommandLine = FlowlaneProcess.run(folder.resolve("state-cli"), "list",
                "--bootstrap", broker.bootstrap(), "--kafka", "sasl.jaas.config=also-secret");
        onCommandLine.expectError(ExitCode.USAGE, "sasl.jaas.config", "FLOWLANE_KAFKA_CONFIG_FILE");
        assertThat(onCommandLine.err()).doesNotContain("also-secret");
    }

    /** After everything above: in what was said, in files, in arguments, in records. */
    @Test
    @Order(5)
    void noSecretIsWhereItDoesNotBelong() throws Exception {
        Set<String> keys = new HashSet<>();
        List<ConsumerRecord<byte[], byte[]>> records = everything(keys);
        assertThat(keys).as("keys of runs in host-commands").isNotEmpty();
        List<String> secrets = new ArrayList<>(broker.passwords());
        secrets.addAll(keys);
        COMMAND_LINES.addAll(commandLines());
        assertThat(COMMAND_LINES).as("workers were seen").anyMatch(line -> line.contains("WorkerMain"));

        assertThat(where(secrets, SAID.toString())).as("standard output and error of commands").isEmpty();
        assertThat(outputs()).contains("epoch");
        assertThat(where(secrets, outputs())).as("logs of services").isEmpty();
        assertThat(where(secrets, String.join("\n", COMMAND_LINES))).as("command lines").isEmpty();
        for (Path file : TestFolders.tree(folder)) {
            // The broker's have the passwords.
            if (Files.isRegularFile(file) && !file.startsWith(folder.resolve("kafka"))
                    && !file.endsWith("wrong.properties")) {
                assertThat(where(secrets, Files.readString(file, ISO_8859_1))).as("%s", file).isEmpty();
            }
        }
        assertThat(records).extracting(ConsumerRecord::topic).contains(name("run-results"), name("runs"));
        for (ConsumerRecord<byte[], byte[]> record : records) {
            List<String> banned = record.topic().equals(name("host-commands")) ? broker.passwords() : secrets;
            String text = text(record.key()) + text(record.value())
                    + Stream.of(record.headers().toArray()).map(header -> text(header.value())).toList();
            assertThat(where(banned, text)).as("%s", record.topic()).isEmpty();
        }
    }

    /** Which of them are in the text; not the secrets, which would be in a log then. */
    private static List<Integer> where(List<String> secrets, String text) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < secrets.size(); i++) {
            if (text.contains(secrets.get(i))) {
                found.add(i);
            }
        }
        return found;
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, ISO_8859_1);
    }

    /** Every record of every topic; the keys of runs, as bytes and as people write bytes, go into {@code keys}. */
    private static List<ConsumerRecord<byte[], byte[]>> everything(Set<String> keys) throws IOException {
        try (BusReader reader = admin.reader("it-keys")) {
            reader.assign(Topic.HOST_COMMANDS, ReadFrom.BEGINNING);
            while (!reader.caughtUp()) {
                for (BusRecord<?> record : reader.poll(Duration.ofMillis(200))) {
                    HostCommand command = record.as(Topic.HOST_COMMANDS);
                    if (command != null && command.getExpect() != null) {
                        add(command.getExpect().getRunKey(), keys);
                    }
                }
            }
        }
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> all = new KafkaConsumer<>(
                broker.client(SecureBroker.ADMIN), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = topics().stream()
                    .flatMap(topic -> all.partitionsFor(topic).stream())
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            all.assign(partitions);
            all.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = all.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> all.position(end.getKey()) < end.getValue())) {
                all.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }

    private static void add(ByteBuffer key, Set<String> keys) {
        byte[] bytes = new byte[key.remaining()];
        key.duplicate().get(bytes);
        keys.add(new String(bytes, ISO_8859_1));
        keys.add(HexFormat.of().formatHex(bytes));
        keys.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
    }

    private static void assertCannotWrite(String user, String topic) throws IOException {
        Properties properties = broker.client(user);
        // Without it, only the right to the topic counts.
        properties.setProperty("enable.idempotence", "false");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>(topic, new byte[1], new byte[1])).get())
                    .as("%s writes to %s", user, topic)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(TopicAuthorizationException.class);
        }
    }

    private static void assertCannotRead(String user, String topic) throws IOException {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                broker.client(user), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            assertThatThrownBy(() -> consumer.poll(Duration.ofMinutes(1)))
                    .as("%s reads %s", user, topic)
                    .isInstanceOf(TopicAuthorizationException.class);
        }
    }

    private static List<String> topics() {
        return Stream.concat(Topic.all().stream().map(topic -> topic.name(PREFIX)), Stream.of(name("dead-letters")))
                .toList();
    }

    private static String name(String suffix) {
        return PREFIX + "." + suffix;
    }
}
