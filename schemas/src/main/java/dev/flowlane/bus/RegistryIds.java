package dev.flowlane.bus;

import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Ids of an external registry: what this release writes is looked up there once, and registered if it is missing; any
 * other id is asked for when a record bears it first. The ids of {@link SchemaHistory} mean nothing here. From any
 * thread.
 */
final class RegistryIds implements SchemaIds {
    /** Ids that nobody knows come from garbage; it may come without end, and the registry is not ours to load. */
    private static final int UNKNOWN_MAX = 20;

    private static final long UNKNOWN_PERIOD_NS = 10_000_000_000L;
    private static final long POLL_NS = 500_000_000L;

    private final RegistrySettings settings;
    private final String prefix;
    private final RegistryClient client;
    private final LongSupplier nanoTime;
    private final Map<Topic<?>, Integer> current = new ConcurrentHashMap<>();
    private final Map<Integer, RegisteredSchema> byId = new ConcurrentHashMap<>();
    /** Of {@link #byId(int)}, by its lock: asked in vain since {@code unknownSinceNs}. */
    private final Map<Integer, Boolean> unknown = new HashMap<>();

    private long unknownSinceNs;

    private RegistryIds(RegistrySettings settings, String prefix, LongSupplier nanoTime) {
        this.settings = settings;
        this.prefix = prefix;
        this.client = new RegistryClient(settings);
        this.nanoTime = nanoTime;
    }

    /** Of the registry that the settings name; null when they name none. */
    static @Nullable RegistryIds of(BusSettings settings) {
        return of(settings, System::nanoTime);
    }

    /** As {@link #of(BusSettings)}, by a clock that counts nanoseconds. */
    static @Nullable RegistryIds of(BusSettings settings, LongSupplier nanoTime) {
        RegistrySettings registry = RegistrySettings.of(settings.kafka());
        return registry == null ? null : new RegistryIds(registry, settings.prefix(), nanoTime);
    }

    /**
     * Learns the ids of what this release writes, unless they are known.
     *
     * @throws BusException if the registry does not answer, has not all schemas and must not be given them, or refuses
     *     one
     */
    synchronized void learn() {
        learn(settings.register());
    }

    /** As {@link #learn()}; schemas that are missing are registered whatever the settings say. */
    synchronized void register() {
        learn(true);
    }

    private void learn(boolean register) {
        SchemaHistory history = SchemaHistory.bundled();
        for (Topic<?> topic : Topic.all()) {
            if (!current.containsKey(topic)) {
                RegisteredSchema ours = history.latest(topic.subject());
                String subject = topic.name(prefix) + "-value";
                OptionalInt found = client.find(subject, ours.text());
                if (found.isEmpty() && !register) {
                    throw new BusException("schema registry at " + settings.where() + " has no such version of "
                            + subject + " as this release writes, and " + RegistrySettings.REGISTER
                            + " is false; an administrator registers it: flowlane topics create");
                }
                int id = found.isPresent() ? found.getAsInt() : client.register(subject, ours.text());
                byId.put(id, new RegisteredSchema(id, topic.subject(), ours.version(), ours.sha256(), ours.text()));
                current.put(topic, id);
            }
        }
    }

    /**
     * As {@link #learn}, trying again while nobody answers.
     *
     * @param timeoutNs most that is waited for an answer
     */
    void learn(long timeoutNs) {
        long beganNs = nanoTime.getAsLong();
        while (true) {
            try {
                learn();
                return;
            } catch (BusException e) {
                if (nanoTime.getAsLong() - beganNs >= timeoutNs || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                LockSupport.parkNanos(POLL_NS);
            }
        }
    }

    @Override
    public int current(Topic<?> topic) {
        Integer id = current.get(topic);
        if (id == null) {
            throw new IllegalStateException("the registry was not asked for " + topic.subject());
        }
        return id;
    }

    @Override
    public @Nullable RegisteredSchema byId(int id) {
        RegisteredSchema known = byId.get(id);
        return known != null ? known : ask(id);
    }

    private synchronized @Nullable RegisteredSchema ask(int id) {
        long nowNs = nanoTime.getAsLong();
        if (nowNs - unknownSinceNs >= UNKNOWN_PERIOD_NS) {
            unknown.clear();
            unknownSinceNs = nowNs;
        }
        if (id <= 0 || unknown.containsKey(id) || unknown.size() >= UNKNOWN_MAX) {
            return null;
        }
        // Also when there is no answer: the next records with this id do not wait for it.
        unknown.put(id, true);
        String text = client.schema(id);
        RegisteredSchema schema = text == null ? null : registered(id, text);
        if (schema != null) {
            unknown.remove(id);
            byId.put(id, schema);
        }
        return schema;
    }

    /** Versions are the registry's own count and are not asked for: 0. */
    private static @Nullable RegisteredSchema registered(int id, String text) {
        try {
            String name = new Schema.Parser().parse(text).getFullName();
            String subject = name;
            for (Topic<?> topic : Topic.all()) {
                if (topic.schema().getFullName().equals(name)) {
                    subject = topic.subject();
                }
            }
            return new RegisteredSchema(id, subject, 0, "", text);
        } catch (AvroRuntimeException | NullPointerException e) {
            // Another application's, of another kind; the last is what Avro 1.12 throws for a type that is nowhere.
            return null;
        }
    }

    @Override
    public List<RegisteredSchema> fixedVersions(Topic<?> topic) {
        return List.of();
    }

    @Override
    public String origin() {
        return "the schema registry at " + settings.where();
    }
}
