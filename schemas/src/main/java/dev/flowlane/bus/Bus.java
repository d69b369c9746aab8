package dev.flowlane.bus;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * The way to the topics of one installation. Cheap: connections are opened by the readers and writers it hands out.
 * Where the settings name a schema registry, the first of them asks it for the ids that this release writes.
 */
public final class Bus {
    private final BusSettings settings;
    private final @Nullable RegistryIds registry;

    public Bus(BusSettings settings) {
        this.settings = settings;
        this.registry = RegistryIds.of(settings);
    }

    /**
     * Waits for the external schema registry, if there is one, to answer; afterwards readers and writers do not wait
     * for it.
     *
     * @throws BusException if it does not within {@code timeout}, or has not all schemas and takes none
     */
    public void waitForSchemas(Duration timeout) {
        if (registry != null) {
            registry.learn(timeout.toNanos());
        }
    }

    /**
     * Registers what the external schema registry lacks of this release's schemas, if there is one.
     *
     * @return whether there is one
     * @throws BusException if it does not answer, or does not take one of them
     */
    public boolean registerSchemas() {
        if (registry == null) {
            return false;
        }
        registry.register();
        return true;
    }

    /** Whose schema ids the records bear, for messages: {@code this release's ids.lock}, or a registry. */
    public String schemaIds() {
        return registry == null ? SchemaHistory.bundled().origin() : registry.origin();
    }

    /** Full name of a topic here. */
    public String topicName(Topic<?> topic) {
        return topic.name(settings.prefix());
    }

    /** A topic's name here without the prefix; the whole name when it is no topic of this installation. */
    public String suffixOf(String topicName) {
        String prefix = settings.prefix() + ".";
        return topicName.startsWith(prefix) ? topicName.substring(prefix.length()) : topicName;
    }

    /** Writer of single records, see {@link WriterProfile#CONTROL}. */
    public BusWriter writer(String clientId) {
        return writer(clientId, WriterProfile.CONTROL);
    }

    /**
     * Writer without transactions.
     *
     * @param clientId name in the broker's logs and metrics; distinct within the process
     * @param profile {@code CONTROL} or {@code TELEMETRY}
     */
    public BusWriter writer(String clientId, WriterProfile profile) {
        if (profile == WriterProfile.TRANSACTIONAL) {
            throw new IllegalArgumentException("a transactional writer needs a transactional id");
        }
        return new BusWriter(settings, codecs(), clientId, profile, null);
    }

    /**
     * Writer of transactions; {@link BusWriter#initTransactions} fences every earlier one with the same transactional
     * id.
     */
    public BusWriter transactionalWriter(String clientId, String transactionalId) {
        return new BusWriter(settings, codecs(), clientId, WriterProfile.TRANSACTIONAL, transactionalId);
    }

    /** Reader of a service: what cannot be decoded goes to the dead letters. */
    public BusReader reader(String clientId) {
        return reader(clientId, OnMalformed.DEAD_LETTER);
    }

    /** Reader with a choice of what happens to records that cannot be decoded. */
    public BusReader reader(String clientId, OnMalformed onMalformed) {
        return new BusReader(settings, codecs(), clientId, onMalformed);
    }

    /** @throws BusException if there is an external registry, which does not answer */
    private Codecs codecs() {
        if (registry != null) {
            registry.learn();
        }
        return new Codecs(registry);
    }

    /**
     * A place in the line for a seat that one process of this installation has at a time, see {@link Seat}.
     *
     * @param groupId consumer group of those who want it; nothing else may use it
     * @param topic one with a single partition
     */
    public Seat seat(String clientId, String groupId, Topic<?> topic) {
        return new Seat(settings, clientId, groupId, topic);
    }

    /** What nobody could decode. */
    public DeadLetterBox deadLetters() {
        return new DeadLetterBox(settings);
    }

    /** Creating and checking the topics. */
    public TopicAdmin admin() {
        return new TopicAdmin(settings);
    }
}
