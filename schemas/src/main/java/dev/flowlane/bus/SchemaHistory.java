package dev.flowlane.bus;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Every schema version ever published and its id: the content of {@code ids.lock} and {@code history/}, which are part
 * of the release. So writing and reading need no registry.
 */
public final class SchemaHistory implements SchemaIds {
    private static final class Bundled {
        static final SchemaHistory HISTORY =
                new SchemaHistory(resource("ids.lock"), path -> resource("history/" + path));
    }

    private final Map<Integer, RegisteredSchema> byId = new LinkedHashMap<>();

    /**
     * Reads a history.
     *
     * @param lock text of {@code ids.lock}
     * @param read text of a history file by its path {@code <subject>/v<version>.avsc}
     */
    SchemaHistory(String lock, Function<String, String> read) {
        for (LockLine line : LockLine.parseAll(lock)) {
            String text = read.apply(line.path());
            RegisteredSchema schema =
                    new RegisteredSchema(line.id(), line.subject(), line.version(), line.sha256(), text);
            if (byId.put(line.id(), schema) != null) {
                throw new IllegalStateException("ids.lock: id " + line.id() + " is there twice");
            }
        }
    }

    /** The history of this release. */
    public static SchemaHistory bundled() {
        return Bundled.HISTORY;
    }

    /** Every version of every subject in the order of their ids. */
    public List<RegisteredSchema> all() {
        return List.copyOf(byId.values());
    }

    /** The schema with this id, or null. */
    @Override
    public @Nullable RegisteredSchema byId(int id) {
        return byId.get(id);
    }

    /** Every version of a subject, oldest first; empty when there is no such subject. */
    public List<RegisteredSchema> versions(String subject) {
        List<RegisteredSchema> versions = new ArrayList<>();
        for (RegisteredSchema schema : byId.values()) {
            if (schema.subject().equals(subject)) {
                versions.add(schema);
            }
        }
        versions.sort(Comparator.comparingInt(RegisteredSchema::version));
        return versions;
    }

    /**
     * The version that this release writes.
     *
     * @throws IllegalStateException if the subject was never published
     */
    public RegisteredSchema latest(String subject) {
        List<RegisteredSchema> versions = versions(subject);
        if (versions.isEmpty()) {
            throw new IllegalStateException("ids.lock: no version of " + subject + " is published");
        }
        return versions.getLast();
    }

    @Override
    public int current(Topic<?> topic) {
        return latest(topic.subject()).id();
    }

    @Override
    public List<RegisteredSchema> fixedVersions(Topic<?> topic) {
        return versions(topic.subject());
    }

    @Override
    public String origin() {
        return "this release's ids.lock";
    }

    private static String resource(String path) {
        try (InputStream in = SchemaHistory.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("the build lacks the resource dev/flowlane/bus/" + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
