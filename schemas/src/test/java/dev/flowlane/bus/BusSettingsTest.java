package dev.flowlane.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

final class BusSettingsTest {
    private static final String SERVERS = "FLOWLANE_KAFKA_BOOTSTRAP_SERVERS";

    @Test
    void environmentIsSortedIntoClients() {
        BusSettings settings = BusSettings.fromEnvironment(
                Map.of(
                        SERVERS, "kafka:9093",
                        "FLOWLANE_TOPIC_PREFIX", "lab",
                        "FLOWLANE_KAFKA_SECURITY_PROTOCOL", "SSL",
                        "FLOWLANE_KAFKA_PRODUCER_LINGER_MS", "7",
                        "FLOWLANE_KAFKA_CONSUMER_CLIENT_RACK", "r1",
                        "FLOWLANE_KAFKA_ADMIN_RETRIES", "3",
                        "FLOWLANE_STATE_DIR", "/elsewhere",
                        "HOME", "/root"),
                Map.of());

        assertThat(settings)
                .isEqualTo(new BusSettings(
                        "kafka:9093",
                        "lab",
                        Map.of("security.protocol", "SSL"),
                        Map.of("linger.ms", "7"),
                        Map.of("client.rack", "r1"),
                        Map.of("retries", "3")));
    }

    @Test
    void overridesWin() {
        BusSettings settings = BusSettings.fromEnvironment(
                Map.of(SERVERS, "kafka:9093", "FLOWLANE_TOPIC_PREFIX", "lab"),
                Map.of("kafka.bootstrap.servers", "localhost:1", "topic.prefix", "mine"));

        assertThat(settings).isEqualTo(BusSettings.of("localhost:1", "mine"));
    }

    @Test
    void secretComesFromAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("jaas"), "module required password=\"hunter2\";\n");

        BusSettings settings = BusSettings.fromEnvironment(
                Map.of(SERVERS, "kafka:9093", "FLOWLANE_KAFKA_SASL_JAAS_CONFIG_FILE", file.toString()), Map.of());

        assertThat(settings.kafka()).containsOnly(entry("sasl.jaas.config", "module required password=\"hunter2\";"));
    }

    @Test
    void aFileOfPropertiesIsTakenAsKafkasToolsTakeIt(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("client.properties"), """
                security.protocol=SASL_SSL
                sasl.jaas.config=module required password="hunter2";
                producer.linger.ms=3
                kafka.consumer.client.rack=r1
                """);

        BusSettings settings = BusSettings.fromEnvironment(
                Map.of(
                        SERVERS, "kafka:9093",
                        "FLOWLANE_KAFKA_CONFIG_FILE", file.toString(),
                        "FLOWLANE_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
                Map.of());

        assertThat(settings)
                .isEqualTo(new BusSettings(
                        "kafka:9093",
                        "flowlane",
                        Map.of(
                                "security.protocol", "SASL_PLAINTEXT",
                                "sasl.jaas.config", "module required password=\"hunter2\";"),
                        Map.of("linger.ms", "3"),
                        Map.of("client.rack", "r1"),
                        Map.of()));
    }

    @Test
    void aFileOfPropertiesThatIsNoneIsNamedAndNotQuoted(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("client.properties"), "password=\\u00hunter2\n");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> BusSettings.fromEnvironment(
                        Map.of(SERVERS, "kafka:9093", "FLOWLANE_KAFKA_CONFIG_FILE", file.toString()), Map.of()))
                .withMessageContaining("FLOWLANE_KAFKA_CONFIG_FILE")
                .withMessageContaining(file.toString())
                .withMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "kafka.sasl.jaas.config",
        "kafka.producer.ssl.key.password",
        "kafka.admin.ssl.keystore.password",
        "kafka.sasl.oauthbearer.client.credentials.client.secret"
    })
    void secretsAreRefusedOnACommandLineAndNotRepeated(String setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        BusSettings.fromEnvironment(Map.of(SERVERS, "kafka:9093"), Map.of(setting, "hunter2")))
                .withMessageStartingWith(setting + ": is a secret")
                .withMessageContaining("_FILE")
                .withMessageNotContaining("hunter2");
    }

    @Test
    void missingSecretFileIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BusSettings.fromEnvironment(
                        Map.of(SERVERS, "kafka:9093", "FLOWLANE_KAFKA_SSL_KEY_PASSWORD_FILE", "/no/such"), Map.of()))
                .withMessageContaining("FLOWLANE_KAFKA_SSL_KEY_PASSWORD_FILE")
                .withMessageContaining("/no/such");
    }

    @Test
    void secretsAreMasked() {
        BusSettings settings = new BusSettings(
                "kafka:9093",
                "flowlane",
                Map.of(
                        "ssl.keystore.password", "hunter2",
                        "sasl.jaas.config", "hunter2",
                        "sasl.oauthbearer.client.credentials.client.secret", "hunter2",
                        "some.plugin.token", "hunter2",
                        "security.protocol", "SASL_SSL"),
                Map.of("ssl.key.password", "hunter2"),
                Map.of(),
                Map.of());

        assertThat(settings.toString())
                .doesNotContain("hunter2")
                .contains("kafka.bootstrap.servers=kafka:9093", "kafka.security.protocol=SASL_SSL",
                        "kafka.ssl.keystore.password=*****", "kafka.producer.ssl.key.password=*****");
    }

    @Test
    void whatCorrectnessRestsOnCannotBeSet() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BusSettings.fromEnvironment(
                        Map.of(SERVERS, "kafka:9093", "FLOWLANE_KAFKA_CONSUMER_ISOLATION_LEVEL", "read_uncommitted"),
                        Map.of()))
                .withMessage("kafka.consumer.isolation.level: is set by Flowlane and cannot be changed");
    }

    @Test
    void unknownSettingIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BusSettings.fromEnvironment(Map.of(), Map.of("kafak.acks", "all")))
                .withMessageContaining("kafak.acks");
    }

    @Test
    void missingBootstrapServersAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BusSettings.fromEnvironment(Map.of(), Map.of()))
                .withMessageContaining(SERVERS);
    }

    @Test
    void prefixThatIsNoTopicNameIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BusSettings.of("kafka:9093", "a b"))
                .withMessageContaining("topic.prefix");
    }

    @Test
    void propertyOfEveryClientGoesOnlyToThoseThatKnowIt() {
        BusSettings settings = new BusSettings(
                "kafka:9093",
                "flowlane",
                Map.of("compression.type", "zstd", "security.protocol", "SSL", "some.plugin.url", "x"),
                Map.of("linger.ms", "3"),
                Map.of(),
                Map.of());

        assertThat(ClientProperties.consumer(settings, "c"))
                .doesNotContainKey("compression.type")
                .contains(entry("security.protocol", "SSL"), entry("some.plugin.url", "x"));
        assertThat(ClientProperties.producer(settings, "p", WriterProfile.CONTROL, null))
                .contains(entry("compression.type", "zstd"), entry("linger.ms", "3"), entry("acks", "all"));
    }
}
