package dev.flowlane.bus;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Which Kafka, which topics, and whatever else its client libraries are to be told: TLS, SASL, OAuth and every other
 * client property pass through under Kafka's own names. A schema registry is named by {@code
 * kafka.schema.registry.url}, as Confluent's serializers have it. Nothing in here may come from a run's spec.
 *
 * @param bootstrapServers {@code host:port[,host:port]}
 * @param prefix topic prefix, 1 to 100 of A-Z a-z 0-9 . _ -
 * @param kafka properties of every client ({@code kafka.*})
 * @param kafkaProducer properties of producers ({@code kafka.producer.*})
 * @param kafkaConsumer properties of consumers ({@code kafka.consumer.*})
 * @param kafkaAdmin properties of admin clients ({@code kafka.admin.*})
 */
public record BusSettings(
        String bootstrapServers,
        String prefix,
        Map<String, String> kafka,
        Map<String, String> kafkaProducer,
        Map<String, String> kafkaConsumer,
        Map<String, String> kafkaAdmin) {

    /** Environment variable and setting of the bootstrap servers. */
    public static final String BOOTSTRAP_VARIABLE = "FLOWLANE_KAFKA_BOOTSTRAP_SERVERS";

    /** Setting of the bootstrap servers, as {@link #fromEnvironment} takes it among its overrides. */
    public static final String BOOTSTRAP_SETTING = "kafka.bootstrap.servers";

    /** Environment variable of the topic prefix. */
    public static final String PREFIX_VARIABLE = "FLOWLANE_TOPIC_PREFIX";

    /** Setting of the topic prefix, as {@link #fromEnvironment} takes it among its overrides. */
    public static final String PREFIX_SETTING = "topic.prefix";

    private static final Pattern PREFIX_FORM = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    public BusSettings {
        if (bootstrapServers.isBlank()) {
            throw new IllegalArgumentException(
                    "no Kafka is named: set " + BOOTSTRAP_VARIABLE + " or give --bootstrap HOST:PORT");
        }
        if (!PREFIX_FORM.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    PREFIX_SETTING + ": '" + prefix + "' is not 1 to 100 characters of A-Z a-z 0-9 . _ -");
        }
        kafka = Map.copyOf(kafka);
        kafkaProducer = Map.copyOf(kafkaProducer);
        kafkaConsumer = Map.copyOf(kafkaConsumer);
        kafkaAdmin = Map.copyOf(kafkaAdmin);
        ClientProperties.refuseOurs("kafka.", kafka);
        ClientProperties.refuseOurs("kafka.producer.", kafkaProducer);
        ClientProperties.refuseOurs("kafka.consumer.", kafkaConsumer);
        ClientProperties.refuseOurs("kafka.admin.", kafkaAdmin);
        ClientProperties.refuseRegistry("kafka.producer.", kafkaProducer);
        ClientProperties.refuseRegistry("kafka.consumer.", kafkaConsumer);
        ClientProperties.refuseRegistry("kafka.admin.", kafkaAdmin);
        var _ = RegistrySettings.of(kafka);
    }

    /** Settings without any client property. */
    public static BusSettings of(String bootstrapServers, String prefix) {
        return new BusSettings(bootstrapServers, prefix, Map.of(), Map.of(), Map.of(), Map.of());
    }

    /** Where the schemas of this installation are registered, for messages; null: their ids are the release's. */
    public @Nullable String schemaRegistry() {
        RegistrySettings registry = RegistrySettings.of(kafka);
        return registry == null ? null : registry.where();
    }

    /**
     * Settings from environment variables, with settings from elsewhere on top.
     *
     * <p>{@code FLOWLANE_KAFKA_SSL_TRUSTSTORE_LOCATION} is {@code kafka.ssl.truststore.location}, {@code
     * FLOWLANE_KAFKA_PRODUCER_LINGER_MS} is {@code kafka.producer.linger.ms}, and so on; a variable that ends in
     * {@code _FILE} names a file that holds the value, for secrets. {@code FLOWLANE_KAFKA_CONFIG_FILE} names a file of
     * properties under Kafka's names; single variables stand above it.
     *
     * @param environment variables by name; what does not begin with {@code FLOWLANE_KAFKA_} and is not {@link
     *     #PREFIX_VARIABLE} is ignored
     * @param overrides settings of the command line by name: {@link #PREFIX_SETTING} and {@code kafka.*}, no secrets
     * @throws IllegalArgumentException if a setting is unknown, not to be set or missing; the message names it
     */
    public static BusSettings fromEnvironment(Map<String, String> environment, Map<String, String> overrides) {
        Map<String, String> settings = new TreeMap<>();
        variables(environment).forEach((setting, variable) -> settings.put(setting, variable.value()));
        String environmentPrefix = environment.getOrDefault(PREFIX_VARIABLE, "");
        if (!environmentPrefix.isBlank()) {
            settings.put(PREFIX_SETTING, environmentPrefix);
        }
        return fromSettings(settings, overrides);
    }

    /**
     * Settings from wherever they are kept, with settings of the command line on top.
     *
     * @param kept settings by name, as below; secrets may be among them
     * @param overrides settings of the command line by name: {@link #PREFIX_SETTING} and {@code kafka.*}, no secrets
     * @throws IllegalArgumentException if a setting is unknown, not to be set or missing; the message names it
     */
    public static BusSettings fromSettings(Map<String, String> kept, Map<String, String> overrides) {
        ClientProperties.refuseSecrets(overrides);
        Map<String, String> settings = new TreeMap<>(kept);
        settings.putAll(overrides);

        String bootstrap = "";
        String prefix = Topic.DEFAULT_PREFIX;
        Map<String, String> every = new TreeMap<>();
        Map<String, String> producer = new TreeMap<>();
        Map<String, String> consumer = new TreeMap<>();
        Map<String, String> admin = new TreeMap<>();
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String name = setting.getKey();
            String value = setting.getValue();
            if (name.equals(PREFIX_SETTING)) {
                prefix = value;
            } else if (name.equals(BOOTSTRAP_SETTING)) {
                bootstrap = value;
            } else if (name.startsWith("kafka.producer.")) {
                producer.put(name.substring("kafka.producer.".length()), value);
            } else if (name.startsWith("kafka.consumer.")) {
                consumer.put(name.substring("kafka.consumer.".length()), value);
            } else if (name.startsWith("kafka.admin.")) {
                admin.put(name.substring("kafka.admin.".length()), value);
            } else if (name.startsWith("kafka.")) {
                every.put(name.substring("kafka.".length()), value);
            } else {
                throw new IllegalArgumentException(
                        name + ": unknown setting of the bus; there are " + PREFIX_SETTING + " and kafka.*");
            }
        }
        return new BusSettings(bootstrap, prefix, every, producer, consumer, admin);
    }

    /**
     * A setting in the environment.
     *
     * @param name of the variable
     * @param value its value, or that of the file it names
     */
    public record Variable(String name, String value) {}

    /**
     * What the environment sets of {@code kafka.*}, by setting.
     *
     * @throws IllegalArgumentException if a variable's file cannot be read, or two variables set the same
     */
    public static SortedMap<String, Variable> variables(Map<String, String> environment) {
        return ClientProperties.variablesOf(environment);
    }

    /**
     * Whether the value of a client property, by Kafka's name, is not to be shown: passwords, what may hold one, and
     * whatever Kafka does not know.
     */
    public static boolean isSecret(String property) {
        String name = property;
        for (String client : List.of("producer.", "consumer.", "admin.")) {
            if (property.startsWith(client)) {
                name = property.substring(client.length());
            }
        }
        return !ClientProperties.isPublic(name);
    }

    /** Every setting by its name, secrets masked. */
    @Override
    public String toString() {
        return "BusSettings[" + BOOTSTRAP_SETTING + "=" + bootstrapServers + ", " + PREFIX_SETTING + "=" + prefix
                + ClientProperties.masked("kafka.", kafka)
                + ClientProperties.masked("kafka.producer.", kafkaProducer)
                + ClientProperties.masked("kafka.consumer.", kafkaConsumer)
                + ClientProperties.masked("kafka.admin.", kafkaAdmin) + "]";
    }
}
