package dev.flowlane.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzText;

import java.util.HashMap;
import java.util.Map;

/** Settings of Kafka's clients out of the environment and out of a file: merged or refused, and never a secret told. */
final class SettingsFuzzTest extends FuzzText {
    private static final String SECRET = "nobody-guesses-this-4b1d9e72";

    SettingsFuzzTest() {
        super(
                "FLOWLANE_KAFKA_BOOTSTRAP_SERVERS=a:9092\nkafka.security.protocol=SSL",
                "FLOWLANE_TOPIC_PREFIX=x\nkafka.producer.linger.ms=5\nFLOWLANE_KAFKA_SASL_JAAS_CONFIG=secret-7f3");
    }

    @Override
    protected void read(String text) {
        Map<String, String> environment = new HashMap<>();
        Map<String, String> overrides = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            String key = equals < 0 ? line : line.substring(0, equals);
            (key.startsWith("FLOWLANE_") ? environment : overrides)
                    .put(key, equals < 0 ? "" : line.substring(equals + 1));
        }
        environment.keySet().removeIf(name -> name.endsWith("_FILE"));
        // Not out of the input, which may have it elsewhere too, as the name of a broker.
        environment.put("FLOWLANE_KAFKA_SASL_JAAS_CONFIG", SECRET);
        environment.put("FLOWLANE_KAFKA_SSL_KEY_PASSWORD", SECRET);
        try {
            assertThat(BusSettings.fromEnvironment(environment, overrides).toString())
                    .doesNotContain(SECRET);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain(SECRET);
        }
    }
}
