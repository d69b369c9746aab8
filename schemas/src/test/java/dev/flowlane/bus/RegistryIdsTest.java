package dev.flowlane.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flowlane.avro.RunCommand;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Ids of an external registry, when it misbehaves above all; RegistryIT in the coordinator has a real one. */
final class RegistryIdsTest {
    private static final int FIRST_ID = 1_000;

    private final List<String> asked = new ArrayList<>();
    private final List<String> authorizations = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<Integer, String> schemas = new HashMap<>();
    private HttpServer server = server();
    private int refusal;

    /** Of the registry's clients: it stands still unless a test moves it. */
    private long nowNs = 1;

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void serve() {
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void whatIsMissingIsRegisteredOnceAndFoundLater() {
        RegistryIds first = registry(Map.of());
        first.learn();
        int asksOfTheFirst = asked.size();
        first.learn();

        assertThat(asked).hasSize(asksOfTheFirst);
        assertThat(first.current(Topic.COMMANDS)).isEqualTo(FIRST_ID);
        assertThat(ids).containsOnlyKeys(
                Topic.all().stream().map(topic -> topic.name("lab") + "-value").toArray(String[]::new));

        RegistryIds second = registry(Map.of("auto.register.schemas", "false"));
        second.learn();
        assertThat(second.current(Topic.COMMANDS)).isEqualTo(FIRST_ID);
        assertThat(asked.subList(asksOfTheFirst, asked.size())).noneMatch(path -> path.endsWith("/versions"));
    }

    @Test
    void recordsGoThroughTheRegistrysIds() {
        RegistryIds registry = registry(Map.of());
        registry.learn();
        Codec<RunCommand> codec = Codec.of(Topic.COMMANDS, registry);

        byte[] framed = codec.encode(CodecTest.cancel("run-1"));

        assertThat(ByteBuffer.wrap(framed, 1, 4).getInt()).isEqualTo(FIRST_ID);
        assertThat(codec.decode(framed)).isEqualTo(new Codec.Decoded.Value<>(CodecTest.cancel("run-1")));
    }

    @Test
    void anIdOfAnotherProcessIsAskedForOnce() {
        RegistryIds writer = registry(Map.of());
        writer.learn();
        byte[] framed = Codec.of(Topic.COMMANDS, writer).encode(CodecTest.cancel("run-1"));
        RegistryIds reader = registry(Map.of());
        reader.learn();
        // As a newer release would have it: the same record under an id that this one has not met.
        schemas.put(77, SchemaHistory.bundled().latest(Topic.COMMANDS.subject()).text());
        ByteBuffer.wrap(framed).putInt(1, 77);
        Codec<RunCommand> codec = Codec.of(Topic.COMMANDS, reader);

        assertThat(codec.decode(framed)).isEqualTo(new Codec.Decoded.Value<>(CodecTest.cancel("run-1")));
        assertThat(codec.decode(framed)).isEqualTo(new Codec.Decoded.Value<>(CodecTest.cancel("run-1")));
        assertThat(asked).filteredOn(path -> path.equals("/schemas/ids/77")).hasSize(1);
    }

    @Test
    void anIdOfAnotherSubjectIsNoRecordOfThisTopic() {
        RegistryIds registry = registry(Map.of());
        registry.learn();
        byte[] framed = Codec.of(Topic.COMMANDS, registry).encode(CodecTest.cancel("run-1"));
        ByteBuffer.wrap(framed).putInt(1, registry.current(Topic.RUNS));

        assertThat(Codec.of(Topic.COMMANDS, registry).decode(framed).toString())
                .contains("is of flowlane.runs-value, not of flowlane.commands-value");
    }

    @Test
    void garbageDoesNotLoadTheRegistry() {
        RegistryIds registry = registry(Map.of());
        registry.learn();
        int before = asked.size();

        for (int id = 5_000; id < 6_000; id++) {
            assertThat(registry.byId(id)).isNull();
        }
        assertThat(registry.byId(-1)).isNull();

        assertThat(asked.size() - before).isEqualTo(20);
        nowNs += Duration.ofSeconds(10).toNanos();
        assertThat(registry.byId(7_000)).isNull();
        assertThat(asked.size() - before).isEqualTo(21);
    }

    @Test
    void aRecordWhoseIdCannotBeAskedForSaysSo() {
        RegistryIds registry = registry(Map.of());
        registry.learn();
        byte[] framed = Codec.of(Topic.COMMANDS, registry).encode(CodecTest.cancel("run-1"));
        ByteBuffer.wrap(framed).putInt(1, 99);
        Codec<RunCommand> codec = Codec.of(Topic.COMMANDS, registry);
        server.stop(0);

        assertThat(codec.decode(framed).toString()).contains("schema id 99 cannot be looked up", "does not answer");
    }

    @Test
    void aRegistryThatIsAwayIsNamed() {
        server.stop(0);
        RegistryIds registry = registry(Map.of());

        assertThatExceptionOfType(BusException.class)
                .isThrownBy(() -> registry.learn(0))
                .withMessageContaining("schema registry at " + url() + " does not answer")
                .withMessageContaining("schema.registry.url");
    }

    @Test
    void aRefusalIsToldInTheRegistrysWords() {
        refusal = 409;

        assertThatExceptionOfType(BusException.class)
                .isThrownBy(() -> registry(Map.of()).learn())
                .withMessageContaining("register lab.commands-value: HTTP 409 not with us");
    }

    @Test
    void withoutLeaveToRegisterTheMendIsTold() {
        assertThatExceptionOfType(BusException.class)
                .isThrownBy(() -> registry(Map.of("auto.register.schemas", "false")).learn())
                .withMessageContaining("lab.commands-value")
                .withMessageContaining("flowlane topics create");
        RegistryIds administrator = registry(Map.of("auto.register.schemas", "false"));
        administrator.register();
        assertThat(ids).hasSize(Topic.all().size());
    }

    @Test
    void anotherServerIsAskedWhenTheFirstIsAway() {
        BusSettings settings = settings(Map.of("schema.registry.url", "http://127.0.0.1:1, " + url() + "/"));
        RegistryIds registry = RegistryIds.of(settings);
        assertThat(registry).isNotNull();
        registry.learn();

        assertThat(registry.current(Topic.COMMANDS)).isEqualTo(FIRST_ID);
    }

    @Test
    void credentialsAreSentAndNotShown() {
        BusSettings settings = settings(
                Map.of("schema.registry.url", url(), "basic.auth.user.info", "jo:hunter2"));
        RegistryIds registry = RegistryIds.of(settings);
        assertThat(registry).isNotNull();
        registry.learn();

        assertThat(authorizations).containsOnly("Basic am86aHVudGVyMg==");
        assertThat(settings.toString()).contains(url()).doesNotContain("hunter2");
        assertThat(String.valueOf(RegistrySettings.of(settings.kafka()))).contains(url()).doesNotContain("am86");
    }

    @Test
    void theRegistrysPropertiesDoNotReachKafkasClients() {
        BusSettings settings = settings(Map.of("schema.registry.url", url(), "auto.register.schemas", "false"));

        assertThat(ClientProperties.consumer(settings, "c")).doesNotContainKeys(
                "schema.registry.url", "auto.register.schemas");
        assertThat(ClientProperties.admin(settings)).doesNotContainKey("schema.registry.url");
    }

    @Test
    void badSettingsAreNamed() {
        refused(Map.of("schema.registry.url", "ftp://registry"), "kafka.schema.registry.url", "http://registry:8081");
        refused(Map.of("schema.registry.url", "http://jo:hunter2@registry"), "kafka.basic.auth.user.info");
        refused(Map.of("basic.auth.user.info", "jo:hunter2"), "kafka.schema.registry.url");
        refused(Map.of("schema.registry.url", url(), "auto.register.schemas", "maybe"), "true or false");
        refused(
                Map.of("schema.registry.url", url(), "basic.auth.user.info", "a:b", "bearer.auth.token", "t"),
                "one of them must go");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new BusSettings(
                        "k:1", "lab", Map.of(), Map.of("schema.registry.url", url()), Map.of(), Map.of()))
                .withMessageContaining("set kafka.schema.registry.url");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> BusSettings.fromSettings(
                        Map.of("kafka.bootstrap.servers", "k:1", "kafka.schema.registry.url", url()),
                        Map.of("kafka.bearer.auth.token", "hunter2")))
                .withMessageContaining("FLOWLANE_KAFKA_BEARER_AUTH_TOKEN_FILE")
                .withMessageNotContaining("hunter2");
    }

    private static void refused(Map<String, String> kafka, String... words) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> settings(kafka))
                .satisfies(refusal -> assertThat(refusal.getMessage()).contains(words).doesNotContain("hunter2"));
    }

    private RegistryIds registry(Map<String, String> more) {
        Map<String, String> kafka = new HashMap<>(more);
        kafka.put("schema.registry.url", url());
        RegistryIds registry = RegistryIds.of(settings(kafka), () -> nowNs);
        if (registry == null) {
            throw new AssertionError("no registry");
        }
        return registry;
    }

    private static BusSettings settings(Map<String, String> kafka) {
        return new BusSettings("k:1", "lab", kafka, Map.of(), Map.of(), Map.of());
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            asked.add(path);
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            if (authorization != null) {
                authorizations.add(authorization);
            }
            JsonNode body = new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes());
            String answer = answer(path, body.path("schema").asText());
            byte[] bytes = (answer.isEmpty() ? "{\"message\": \"not with us\"}" : answer)
                    .getBytes(StandardCharsets.UTF_8);
            int status = answer.isEmpty() ? refusal == 0 || !path.endsWith("/versions") ? 404 : refusal : 200;
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /** Empty: there is none. */
    private String answer(String path, String schema) {
        String[] parts = path.split("/", -1);
        if (path.startsWith("/schemas/ids/")) {
            String text = schemas.get(Integer.valueOf(parts[3]));
            return text == null ? "" : new ObjectMapper().createObjectNode().put("schema", text).toString();
        }
        if (path.endsWith("/versions") && refusal == 0) {
            ids.computeIfAbsent(parts[2], _ -> FIRST_ID + ids.size());
        }
        Integer id = ids.get(parts[2]);
        if (id != null && !schema.isEmpty()) {
            schemas.put(id, schema);
        }
        return id == null ? "" : "{\"id\": " + id + "}";
    }
}
