package dev.flowlane.bus;

import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Properties of the Kafka clients: ours, what a user adds, and what no user may change. */
final class ClientProperties {
    /** Correctness rests on these. */
    private static final Set<String> OURS = Set.of(
            ProducerConfig.ACKS_CONFIG,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.PARTITIONER_CLASS_CONFIG,
            ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.GROUP_ID_CONFIG,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
            CommonClientConfigs.CLIENT_ID_CONFIG);

    private static final String VARIABLE_PREFIX = "FLOWLANE_KAFKA_";
    private static final String FILE_SUFFIX = "_FILE";

    /** Names a file of properties, in the form that Kafka's own tools take with {@code --command-config}. */
    static final String CONFIG_FILE_VARIABLE = "FLOWLANE_KAFKA_CONFIG_FILE";

    /**
     * A service that starts together with its broker is connected within a quarter of a second after the broker
     * listens.
     */
    private static final Map<String, String> COMMON = Map.of(
            CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, "20",
            CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, "250",
            CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, "20",
            CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG, "250",
            CommonClientConfigs.METADATA_MAX_AGE_CONFIG, "60000",
            // Kafka's own client telemetry: one round trip less at the start.
            CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, "false",
            // Kafka's own default makes an MBean of each of some hundred figures a client, which nobody here reads.
            CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");

    private ClientProperties() {}

    static Map<String, Object> producer(
            BusSettings settings, String clientId, WriterProfile profile, @Nullable String transactionalId) {
        Map<String, Object> properties = common(settings, clientId);
        // Topic metadata that was learnt stays: a send after a quiet hour does not wait for the broker.
        properties.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, "86400000");
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicLayout.deadLetters().maxMessageBytes());
        properties.putAll(profile.properties());
        add(properties, settings.kafka(), ProducerConfig.configNames());
        properties.putAll(settings.kafkaProducer());
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        if (transactionalId != null) {
            properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        }
        return properties;
    }

    static Map<String, Object> consumer(BusSettings settings, String clientId) {
        Map<String, Object> properties = common(settings, clientId);
        properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, "1");
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "500");
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "15000");
        add(properties, settings.kafka(), ConsumerConfig.configNames());
        properties.putAll(settings.kafkaConsumer());
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        // Only after records were lost under a reader (topic made anew, retention): take everything that is left.
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return properties;
    }

    /** A consumer that only is a member of its group, see {@link Seat}. */
    static Map<String, Object> seat(BusSettings settings, String clientId, String groupId) {
        Map<String, Object> properties = consumer(settings, clientId);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        // The least that brokers allow by default (group.min.session.timeout.ms).
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "6000");
        properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, "1500");
        properties.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, "60000");
        // Whoever has the seat keeps it when others come.
        properties.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        return properties;
    }

    static Map<String, Object> admin(BusSettings settings) {
        Map<String, Object> properties = common(settings, "flowlane-admin-" + ProcessHandle.current().pid());
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "15000");
        add(properties, settings.kafka(), AdminClientConfig.configNames());
        properties.putAll(settings.kafkaAdmin());
        return properties;
    }

    private static Map<String, Object> common(BusSettings settings, String clientId) {
        Map<String, Object> properties = new HashMap<>(COMMON);
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        return properties;
    }

    /**
     * A property of every client goes to those that know it; one that no client knows (a plug-in's own) goes to all.
     */
    private static void add(Map<String, Object> properties, Map<String, String> everyClient, Set<String> known) {
        everyClient.forEach((name, value) -> {
            if (known.contains(name) || (!isKnown(name) && !RegistrySettings.PROPERTIES.contains(name))) {
                properties.put(name, value);
            }
        });
    }

    private static boolean isKnown(String name) {
        return ProducerConfig.configNames().contains(name)
                || ConsumerConfig.configNames().contains(name)
                || AdminClientConfig.configNames().contains(name);
    }

    static void refuseOurs(String settingPrefix, Map<String, String> properties) {
        for (String name : properties.keySet()) {
            if (OURS.contains(name)) {
                throw new IllegalArgumentException(settingPrefix + name + ": is set by Flowlane and cannot be changed");
            }
        }
    }

    static void refuseRegistry(String settingPrefix, Map<String, String> properties) {
        for (String name : properties.keySet()) {
            if (RegistrySettings.PROPERTIES.contains(name)) {
                throw new IllegalArgumentException(settingPrefix + name
                        + ": there is one registry for all clients; set kafka." + name);
            }
        }
    }

    /**
     * Settings {@code kafka.*} from variables {@code FLOWLANE_KAFKA_*}; {@code ..._FILE} is read from the file it
     * names.
     */
    static SortedMap<String, BusSettings.Variable> variablesOf(Map<String, String> environment) {
        SortedMap<String, BusSettings.Variable> settings = new TreeMap<>();
        String file = environment.getOrDefault(CONFIG_FILE_VARIABLE, "");
        settingsIn(file).forEach((setting, value) ->
                settings.put(setting, new BusSettings.Variable(CONFIG_FILE_VARIABLE, value)));
        environment.forEach((variable, value) -> {
            if (!variable.startsWith(VARIABLE_PREFIX) || value.isEmpty() || variable.equals(CONFIG_FILE_VARIABLE)) {
                return;
            }
            boolean inFile = variable.endsWith(FILE_SUFFIX);
            String name = inFile ? variable.substring(0, variable.length() - FILE_SUFFIX.length()) : variable;
            String key = name.substring(VARIABLE_PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.');
            if (inFile && environment.containsKey(name)) {
                throw new IllegalArgumentException(variable + " and " + name + " are both set; one of them must go");
            }
            settings.put(
                    "kafka." + key,
                    new BusSettings.Variable(variable, inFile ? readSecret(variable, value) : value));
        });
        return settings;
    }

    /** The names are Kafka's; single variables stand above the file. */
    private static Map<String, String> settingsIn(String file) {
        Map<String, String> settings = new TreeMap<>();
        if (file.isEmpty()) {
            return settings;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file))) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            // Without the cause's message where it might quote a line of the file.
            String why = e instanceof IOException || e instanceof InvalidPathException ? ": " + e : ": not a file of"
                    + " properties, one NAME=VALUE a line";
            throw new IllegalArgumentException(CONFIG_FILE_VARIABLE + ": cannot read " + file + why, e);
        }
        properties.stringPropertyNames().forEach(name -> settings.put(
                name.startsWith("kafka.") ? name : "kafka." + name, properties.getProperty(name).strip()));
        return settings;
    }

    /**
     * Refuses what must not be on a command line, which every user of the machine can read.
     *
     * @throws IllegalArgumentException naming the property, never its value
     */
    static void refuseSecrets(Map<String, String> settings) {
        for (String setting : settings.keySet()) {
            String name = setting.replaceFirst("^kafka\\.(producer\\.|consumer\\.|admin\\.)?", "");
            if (!isPublic(name) && (isKnown(name) || RegistrySettings.PROPERTIES.contains(name))) {
                throw new IllegalArgumentException(setting + ": is a secret, and everybody on this machine can read a"
                        + " command line; put it into a file and name that with " + CONFIG_FILE_VARIABLE + ", or with "
                        + VARIABLE_PREFIX + name.toUpperCase(Locale.ROOT).replace('.', '_') + FILE_SUFFIX);
            }
        }
    }

    private static String readSecret(String variable, String file) {
        try {
            return Files.readString(Path.of(file)).stripTrailing();
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException(variable + ": cannot read " + file + ": " + e, e);
        }
    }

    /** {@code , name=value} for each, in the order of the names; only what is known not to be a secret is shown. */
    static String masked(String settingPrefix, Map<String, String> properties) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(properties).forEach((name, value) -> text.append(", ")
                .append(settingPrefix)
                .append(name)
                .append('=')
                .append(isPublic(name) ? value : "*****"));
        return text.toString();
    }

    static boolean isPublic(String name) {
        if (RegistrySettings.PROPERTIES.contains(name)) {
            return RegistrySettings.PUBLIC.contains(name);
        }
        for (ConfigDef definition :
                List.of(ProducerConfig.configDef(), ConsumerConfig.configDef(), AdminClientConfig.configDef())) {
            ConfigDef.ConfigKey key = definition.configKeys().get(name);
            if (key != null) {
                // Kafka calls these plain strings, but tokens and passwords travel in them.
                return key.type != ConfigDef.Type.PASSWORD && !name.contains("jaas") && !name.contains("secret");
            }
        }
        return false;
    }
}
