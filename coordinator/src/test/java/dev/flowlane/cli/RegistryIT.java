package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.avro.Host;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.SchemaHistory;
import dev.flowlane.bus.Topic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fleet whose schemas are in a registry of another make, Apicurio, under ids that are that registry's: what Flowlane
 * wrote is read by Flink's SQL and by Kafka Connect as the README has it, with nothing but the registry to tell them
 * the schemas.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RegistryIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String RUN = "registry-1";

    /** More than Flowlane has schemas: so none of its ids can be one of the release by chance. */
    private static final int OTHERS = 20;

    @TempDir
    static Path folder = Path.of(".");

    private static RecipeTools tools = new RecipeTools(folder);
    private static final Map<String, FlowlaneProcess> SERVICES = new LinkedHashMap<>();
    private static @Nullable ApicurioProcess registry;
    private static String bootstrap = "";
    private static @Nullable JsonNode measured;

    @BeforeAll
    static void measure() throws Exception {
        tools = new RecipeTools(folder);
        registry = ApicurioProcess.start(tools, folder);
        for (int i = 0; i < OTHERS; i++) {
            registry().registerOther("other" + i);
        }
        Path port = folder.resolve("port");
        SERVICES.put("broker", FlowlaneProcess.start(folder.resolve("state-broker"), Map.of(), "broker", "--data-dir",
                folder.resolve("broker").toString(), "--port-file", port.toString()));
        await("the broker").atMost(PATIENCE).until(() -> Files.exists(port) && !Files.readString(port).isBlank());
        bootstrap = "127.0.0.1:" + Files.readString(port).strip();

        assertThat(run("topics", "create").expect(0).err()).contains("every schema is in the registry");
        service("coordinator", "coordinator", "--http-address", "127.0.0.1:0");
        for (String host : List.of("host-a", "host-b")) {
            service(host, "host-daemon", "--host-id", host, "--data-address", "127.0.0.1");
        }
        awaitHosts();
        // Commands wait for its answer for 10 s only.
        await("the coordinator").atMost(PATIENCE).until(() -> service("coordinator").err().contains(" ready http="));
        measured = run("run", "--run-id", RUN, "--sources", "host-a", "--destinations", "host-b", "--request-size",
                        "64", "--duration", "800ms", "--warmup", "200ms", "--interval", "200ms", "-o", "json")
                .expect(0)
                .json();
    }

    @AfterAll
    static void down() {
        SERVICES.values().stream().toList().reversed().forEach(service -> {
            service.handle().destroy();
            service.await();
            service.close();
        });
        if (registry != null) {
            registry.close();
        }
    }

    @Test
    @Order(1)
    void everyRecordBearsTheIdThatTheRegistryGave() {
        for (Topic<?> topic : Topic.all()) {
            String subject = topic.name("flowlane") + "-value";
            int id = registry().get("/subjects/" + subject + "/versions/latest").path("id").intValue();
            assertThat(id).as(subject).isGreaterThan(OTHERS);
            assertThat(registry().get("/schemas/ids/" + id).path("schema").textValue())
                    .contains(topic.type().getSimpleName());
            assertThat(SchemaHistory.bundled().byId(id)).as("id %s in ids.lock", id).isNull();
            // Nobody has named a baseline.
            Set<Integer> framed = framedIds(topic);
            assertThat(framed).as(topic.suffix()).isEqualTo(topic == Topic.BASELINES ? Set.of() : Set.of(id));
        }
        assertThat(framedIds("flowlane.dead-letters")).isEmpty();
    }

    @Test
    @Order(2)
    void commandsReadThroughTheRegistry() {
        assertThat(run("get", RUN, "-o", "json").expect(0).json()).isEqualTo(run());
        run("verify", RUN).expect(0);
    }

    @Test
    @Order(3)
    void theCoordinatorServesNoIdsBesideTheRegistrys() throws Exception {
        FlowlaneProcess coordinator = service("coordinator");
        Matcher ready = Pattern.compile("ready.*? http=\"?([^\"\\s]+:\\d+)").matcher(coordinator.err());
        assertThat(ready.find()).as(coordinator.err()).isTrue();

        HttpResponse<String> answer = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create("http://" + ready.group(1) + "/subjects")).build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains(registry().confluentUrl());
    }

    @Test
    @Order(4)
    void flinkReadsThroughTheRegistry() throws Exception {
        Path script = Files.writeString(
                folder.resolve("flink.sql"),
                Recipe.of("sql", "-- Flink SQL").with(Map.of(
                        "kafka1:9092", bootstrap,
                        "http://COORDINATOR", registry().confluentUrl(),
                        "'RUN'", "'" + RUN + "'")));

        RecipeTools.Printed printed = tools.java(
                        "flink", RecipeTools.recipes().resolve("flink/RunSql.java"), script.toString())
                .expectSuccess();

        assertThat(printed.rows("^row flow_id=(\\S+) seq=(\\d+) samples=(\\d+) ").stream()
                        .mapToLong(row -> Long.parseLong(row.group(3)))
                        .sum())
                .as(printed.text())
                .isEqualTo(run().path("transactions").longValue());
    }

    @Test
    @Order(5)
    void connectWritesResultsThroughTheRegistry() throws Exception {
        Path results = folder.resolve("results.txt");
        Path worker = Files.writeString(
                folder.resolve("worker.properties"),
                Recipe.of("properties", "# Kafka Connect: worker").with(Map.of(
                        "kafka1:9092", bootstrap,
                        "http://apicurio:8080", registry().address(),
                        "/tmp/connect.offsets", folder.resolve("connect.offsets").toString()))
                        + "listeners=http://127.0.0.1:0\n");
        Path sink = Files.writeString(
                folder.resolve("sink.properties"),
                Recipe.of("properties", "# Kafka Connect: sink")
                        .with(Map.of("/tmp/run-results.txt", results.toString())));

        tools.until(
                () -> Files.exists(results) && Files.readString(results).contains(RUN),
                RecipeTools.supported().resolve("bin/java").toString(), "-Xmx512m", "-cp", tools.jars("connect"),
                "org.apache.kafka.connect.cli.ConnectStandalone", worker.toString(), sink.toString());

        assertThat(Files.readAllLines(results)).singleElement().asString()
                .startsWith("Struct{run_id=" + RUN + ",")
                .contains(",received_bytes=" + run().path("received_bytes").longValue() + ",");
    }

    @Test
    @Order(6)
    void aCoordinatorWithOtherIdsDoesNotTakeOver() throws Exception {
        FlowlaneProcess with = service("coordinator");
        with.signal("TERM");
        with.await();

        FlowlaneProcess without = FlowlaneProcess.start(
                folder.resolve("state-without"), Map.of("FLOWLANE_KAFKA_BOOTSTRAP_SERVERS", bootstrap), "coordinator",
                "--http-address", "127.0.0.1:0");
        SERVICES.put("coordinator", without);

        await("a refusal").atMost(PATIENCE).until(() -> {
            assertThat(without.handle().isAlive()).as(without.err()).isTrue();
            return without.err().contains("its schema ids are not those of this release's ids.lock");
        });
        assertThat(without.err()).doesNotContain(" ready ");
    }

    private static void awaitHosts() {
        Set<String> online = new HashSet<>();
        try (BusReader reader = new Bus(BusSettings.fromEnvironment(environment(), Map.of())).reader("it-hosts")) {
            reader.assign(Topic.HOSTS, ReadFrom.BEGINNING);
            await("two hosts").atMost(PATIENCE).until(() -> {
                for (BusRecord<?> record : reader.poll(Duration.ofMillis(200))) {
                    Host host = record.as(Topic.HOSTS);
                    if (host != null) {
                        online.add(host.getHostId());
                    }
                }
                SERVICES.forEach((name, service) -> assertThat(service.handle().isAlive())
                        .as(name + ": " + service.out() + service.err())
                        .isTrue());
                return online.size() == 2;
            });
        }
    }

    private static Set<Integer> framedIds(Topic<?> topic) {
        return framedIds(topic.name("flowlane"));
    }

    /** Bytes 1 to 4 of every value that is on a topic now, as a stock client reads them. */
    private static Set<Integer> framedIds(String topic) {
        Set<Integer> ids = new HashSet<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            await(topic).atMost(PATIENCE).until(() -> {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    assertThat(record.value()[0]).isZero();
                    ids.add(ByteBuffer.wrap(record.value(), 1, Integer.BYTES).getInt());
                }
                return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            });
        }
        return ids;
    }

    private static Map<String, String> environment() {
        return Map.of(
                "FLOWLANE_KAFKA_BOOTSTRAP_SERVERS", bootstrap,
                "FLOWLANE_KAFKA_SCHEMA_REGISTRY_URL", registry().confluentUrl());
    }

    private static void service(String name, String... arguments) {
        SERVICES.put(name, FlowlaneProcess.start(folder.resolve("state-" + name), environment(), arguments));
    }

    private static FlowlaneProcess service(String name) {
        FlowlaneProcess service = SERVICES.get(name);
        if (service == null) {
            throw new AssertionError("no " + name);
        }
        return service;
    }

    private static FlowlaneProcess.Outcome run(String... arguments) {
        return FlowlaneProcess.start(folder.resolve("state-cli"), environment(), arguments).await();
    }

    private static ApicurioProcess registry() {
        if (registry == null) {
            throw new AssertionError("no registry");
        }
        return registry;
    }

    private static JsonNode run() {
        if (measured == null) {
            throw new AssertionError("nothing was measured");
        }
        return measured;
    }
}
