package dev.flowlane.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flowlane.bus.BusSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** What wins over what, where it came from, and what is said of a file that cannot be gone by. */
final class SettingsTest {
    private static final String GOOD = """
            bootstrap: kafka-1:9092
            kafka:
              security.protocol: SASL_SSL
              sasl: {jaas: {config: "login required password=\\"hunter2\\";"}}
              producer.linger.ms: 7
            coordinator: {http-address: "[::1]:9470"}
            host-daemon:
              data-address: [10.0.0.7, "[fd77::7]:7411"]
              max-workers: 16
            """;

    @TempDir
    Path directory = Path.of(".");

    private final Map<String, String> environment = new HashMap<>();

    @Test
    void eachLayerWinsOverTheNextAndSaysWhereItIs() throws IOException {
        write("home", "topic-prefix: home\n");
        assertThat(load(null).find(Setting.TOPIC_PREFIX)).isEqualTo(value("home", path("home") + ":1"));

        write("here", "\ntopic-prefix: here\n");
        assertThat(load(null).find(Setting.TOPIC_PREFIX)).isEqualTo(value("here", path("here") + ":2"));

        write("named", "topic-prefix: named\n");
        assertThat(load("named").find(Setting.TOPIC_PREFIX)).isEqualTo(value("named", path("named") + ":1"));

        environment.put("FLOWLANE_TOPIC_PREFIX", "variable");
        assertThat(load("named").find(Setting.TOPIC_PREFIX)).isEqualTo(value("variable", "FLOWLANE_TOPIC_PREFIX"));
        assertThat(load("named").bus(Map.of(BusSettings.PREFIX_SETTING, "flag", BusSettings.BOOTSTRAP_SETTING, "k:1")))
                .isEqualTo(BusSettings.of("k:1", "flag"));
    }

    @Test
    void aVariableNamesTheFileAndTheFlagWinsOverIt() throws IOException {
        write("named", "topic-prefix: named\n");
        write("other", "topic-prefix: other\n");
        environment.put(Settings.CONFIG_VARIABLE, path("other").toString());

        assertThat(load(null).find(Setting.TOPIC_PREFIX)).isEqualTo(value("other", path("other") + ":1"));
        assertThat(load("named").find(Setting.TOPIC_PREFIX)).isEqualTo(value("named", path("named") + ":1"));
    }

    @Test
    void noneIsNoFileAtAll() throws IOException {
        write("here", "no-such-key: 1\n");
        write("home", "topic-prefix: home\n");

        environment.put(Settings.CONFIG_VARIABLE, Settings.NONE);

        assertThat(load(null).find(Setting.TOPIC_PREFIX)).isNull();
    }

    @Test
    void kafkaPropertiesOfAllLayersAddUp() throws IOException {
        write("here", GOOD);
        write("home", "kafka: {security: {protocol: SSL}, client.rack: r1}\n");
        environment.put("FLOWLANE_KAFKA_SASL_MECHANISM", "PLAIN");
        environment.put("FLOWLANE_KAFKA_PRODUCER_LINGER_MS", "8");

        BusSettings bus = load(null).bus(Map.of("kafka.client.rack", "r2"));

        assertThat(bus)
                .isEqualTo(new BusSettings(
                        "kafka-1:9092",
                        "flowlane",
                        Map.of(
                                "security.protocol", "SASL_SSL",
                                "sasl.jaas.config", "login required password=\"hunter2\";",
                                "sasl.mechanism", "PLAIN",
                                "client.rack", "r2"),
                        Map.of("linger.ms", "8"),
                        Map.of(),
                        Map.of()));
    }

    @Test
    void defaultsOfOptionsAreThoseOfTheirProgram() throws IOException {
        write("here", GOOD);
        Settings settings = load(null);

        assertThat(settings.defaultOf(Setting.Program.HOST_DAEMON, "--data-address"))
                .isEqualTo("10.0.0.7,[fd77::7]:7411");
        assertThat(settings.defaultOf(Setting.Program.HOST_DAEMON, "--http-address")).isNull();
        assertThat(settings.defaultOf(Setting.Program.COORDINATOR, "--http-address")).isEqualTo("[::1]:9470");
        assertThat(settings.defaultOf(Setting.Program.COORDINATOR, "--max-workers")).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
        "bootstrp: h:1                          | here:1: unknown key 'bootstrp'; did you mean bootstrap?",
        "host-daemon: {max-worker: 1}           | did you mean host-daemon.max-workers?",
        "max-workers: 1                         | did you mean host-daemon.max-workers?",
        "host-daemons: {max-workers: 1}         | unknown key 'host-daemons'",
        "zebra: 1                               | unknown key 'zebra' There are bootstrap, topic-prefix",
        "kafka: 1                               | unknown key 'kafka'",
        "kafka.: 1                              | unknown key 'kafka.'",
        "bootstrap:                             | bootstrap wants a value",
        "bootstrap: [a:1, b:1]                  | bootstrap wants a value",
        "'host-daemon: {data-address: []}'      | host-daemon.data-address is an empty list",
        "'{bootstrap: a, kafka.bootstrap.servers: b}' | bootstrap is set twice",
        "'{bootstrap: a, bootstrap: b}'         | is not YAML: Duplicate field",
        "- bootstrap                            | is not a mapping of settings",
        "'{bootstrap: &a h:1, topic-prefix: *a}' | is an alias",
        "'bootstrap: \"'                        | is not YAML"
    })
    void whatIsWrongInAFileIsOneMessageWithItsPlace(String text, String message) throws IOException {
        write("here", text + "\n");

        assertThatThrownBy(() -> load(null))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("here")
                .hasMessageContaining(message);
    }

    @Test
    void aFileThatIsNamedHasToBeThere() {
        assertThatThrownBy(() -> load("nowhere"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("--config: there is no file " + path("nowhere") + "; name one, or 'none' for none");
    }

    @Test
    void theFlagIsFoundAmongTheArguments() {
        assertThat(Settings.flag("run", "--config", "a.yaml")).isEqualTo("a.yaml");
        assertThat(Settings.flag("--config=b.yaml", "run")).isEqualTo("b.yaml");
        assertThat(Settings.flag("run", "--", "--config", "a")).isNull();
        assertThat(Settings.flag("run", "--config")).isNull();
    }

    @Test
    void secretsAreKnownWhicheverClientTheyAreOf() {
        assertThat(BusSettings.isSecret("sasl.jaas.config")).isTrue();
        assertThat(BusSettings.isSecret("producer.ssl.keystore.password")).isTrue();
        assertThat(BusSettings.isSecret("plugin.of.somebody")).isTrue();
        assertThat(BusSettings.isSecret("consumer.client.rack")).isFalse();
    }

    /** Every subset of layers, written in every style, against the rule in its plainest form. */
    @Test
    void whicheverLayersHaveAKeyTheFirstOfThemDecides() throws IOException {
        List<String> layers = List.of("named", "here", "home");
        List<String> properties = List.of("client.rack", "producer.linger.ms", "admin.retries", "ssl.key.password");
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            environment.clear();
            SortedMap<String, String> expected = new TreeMap<>();
            for (String layer : layers.reversed()) {
                SortedMap<String, String> content = new TreeMap<>();
                for (Setting setting : Setting.values()) {
                    if (random.nextInt(3) == 0) {
                        content.put(setting.key(), layer + random.nextInt(100));
                    }
                }
                for (String property : properties) {
                    if (random.nextInt(3) == 0) {
                        content.put("kafka." + property, layer + random.nextInt(100));
                    }
                }
                write(layer, yaml(content, random));
                expected.putAll(content);
            }
            // One variable for both programs' state: it may stand for itself only.
            for (Setting setting : List.of(Setting.TOPIC_PREFIX, Setting.HOST_ID, Setting.OUTPUT)) {
                if (random.nextInt(3) == 0) {
                    environment.put(setting.variable(), "variable");
                    expected.put(setting.key(), "variable");
                }
            }
            for (String property : properties) {
                if (random.nextInt(3) == 0) {
                    environment.put(
                            "FLOWLANE_KAFKA_" + property.toUpperCase(Locale.ROOT).replace('.', '_'), "variable");
                    expected.put("kafka." + property, "variable");
                }
            }

            Settings settings = load("named");

            SortedMap<String, String> found = new TreeMap<>();
            for (Setting setting : Setting.values()) {
                Value value = settings.find(setting);
                if (value != null) {
                    found.put(setting.key(), value.text());
                    String where = value.text().replaceAll("[0-9]+$", "");
                    assertThat(value.origin())
                            .as("seed %s, %s", seed, setting)
                            .contains(where.equals("variable") ? setting.variable() : "/" + where + ":");
                }
            }
            settings.kafka().forEach((name, value) -> found.put("kafka." + name, value.text()));
            assertThat(found).as("seed %s", seed).isEqualTo(expected);
        }
    }

    /** Whatever lies there: settings, or one message. */
    @Test
    void damagedFilesAreSettingsOrOneMessage() {
        int understood = 0;
        int refused = 0;
        for (long seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = GOOD.getBytes(StandardCharsets.UTF_8);
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) "\0\n\t{}[]:,-&*!|>'\"%@`#?aA0 \u007f".charAt(
                        random.nextInt(26));
            }
            String text = new String(bytes, 0, random.nextInt(3) == 0 ? random.nextInt(bytes.length) : bytes.length,
                    StandardCharsets.UTF_8);
            try {
                ConfigFile.parse("f", text).forEach((key, value) -> assertThat(value.texts()).isNotEmpty());
                understood++;
            } catch (ConfigException e) {
                assertThat(e.getMessage()).as("seed %s", seed).startsWith("f").doesNotContain("\n");
                refused++;
            }
        }
        assertThat(understood).isPositive();
        assertThat(refused).isPositive();
    }

    private static String yaml(SortedMap<String, String> content, Random random) {
        List<String> lines = new ArrayList<>();
        Map<String, List<String>> sections = new TreeMap<>();
        content.forEach((key, value) -> {
            String written = random.nextBoolean() ? value : '"' + value + '"';
            int dot = key.indexOf('.');
            if (dot > 0 && random.nextInt(4) > 0) {
                sections.computeIfAbsent(key.substring(0, dot), _ -> new ArrayList<>())
                        .add("  " + key.substring(dot + 1) + ": " + written);
            } else {
                lines.add(key + ": " + written);
            }
        });
        sections.forEach((section, inside) -> {
            lines.add(section + ":");
            lines.addAll(inside);
        });
        return String.join("\n", lines) + "\n";
    }

    private Settings load(@Nullable String named) {
        return Settings.load(environment, named == null ? null : path(named).toString(), path("here"), path("home"));
    }

    private Path path(String layer) {
        return directory.resolve(layer);
    }

    private void write(String layer, String text) throws IOException {
        Files.writeString(path(layer), text);
    }

    private static Value value(String text, String origin) {
        return new Value(List.of(text), origin);
    }
}
