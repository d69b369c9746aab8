package dev.flowlane.bus;

import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaFormatter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The schemas as they lie in the source tree, and the publishing of new versions of them. */
final class SchemaFolder {
    static final String PUBLISH =
            "mvn -pl schemas test -Dtest=SchemaHistoryTest -Dflowlane.schemas.publish=true";

    private static final String LOCK_HEADER =
            "# id subject version sha256-of-history/<subject>/v<version>.avsc. Append only: see README.md.\n";

    private final Path avro;
    private final Path history;
    private final Path lock;

    SchemaFolder(Path avro, Path published) {
        this.avro = avro;
        this.history = published.resolve("history");
        this.lock = published.resolve("ids.lock");
    }

    /** This module's own. */
    static SchemaFolder ofModule() {
        Path module = Path.of(System.getProperty("basedir", "."));
        return new SchemaFolder(module.resolve("src/main/avro"), module);
    }

    /** The schema of a topic as it is in {@code src/main/avro}, self-contained, in the form of the history files. */
    String current(Topic<?> topic) throws IOException {
        Schema.Parser parser = new Schema.Parser();
        for (Path common : files(avro.resolve("common"))) {
            parser.parse(Files.readString(common));
        }
        String own = Files.readString(file(topic));
        for (Topic<?> other : Topic.all()) {
            // A record of another topic inside this one.
            if (own.contains('"' + other.type().getName() + '"')) {
                parser.parse(Files.readString(file(other)));
            }
        }
        return SchemaFormatter.format("json/pretty", parser.parse(own)) + "\n";
    }

    private Path file(Topic<?> topic) {
        return avro.resolve(topic.type().getSimpleName() + ".avsc");
    }

    List<LockLine> lines() throws IOException {
        return Files.exists(lock) ? LockLine.parseAll(Files.readString(lock)) : List.of();
    }

    SchemaHistory history() throws IOException {
        return new SchemaHistory(Files.exists(lock) ? Files.readString(lock) : "", path -> {
            try {
                return Files.readString(history.resolve(path));
            } catch (IOException e) {
                throw new UncheckedIOException("ids.lock names " + path + ", which is not there", e);
            }
        });
    }

    /** Every file below {@code history/}, as {@link LockLine#path} writes it. */
    List<String> historyFiles() throws IOException {
        try (Stream<Path> files = Files.walk(history)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> history.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    /** Gives every schema that differs from its last published version a new version and id. */
    List<LockLine> publish() throws IOException {
        List<LockLine> added = new ArrayList<>();
        int lastId = lines().stream().mapToInt(LockLine::id).max().orElse(0);
        for (Topic<?> topic : Topic.all()) {
            List<RegisteredSchema> versions = history().versions(topic.subject());
            String current = current(topic);
            if (!versions.isEmpty() && versions.getLast().text().equals(current)) {
                continue;
            }
            List<String> faults = incompatibilities(current, versions);
            if (!faults.isEmpty()) {
                throw new IllegalStateException(topic + " cannot be published: " + String.join("; ", faults));
            }
            added.add(new LockLine(++lastId, topic.subject(), versions.size() + 1, sha256(current)));
            Path file = history.resolve(added.getLast().path());
            Files.createDirectories(file.getParent());
            Files.writeString(file, current);
        }
        StringBuilder text = new StringBuilder(Files.exists(lock) ? Files.readString(lock) : LOCK_HEADER);
        added.forEach(line -> text.append(line).append('\n'));
        Files.writeString(lock, text);
        return added;
    }

    /** What breaks FULL_TRANSITIVE: a reader of either schema that cannot read what the other one wrote. */
    static List<String> incompatibilities(String schema, List<RegisteredSchema> earlier) {
        List<String> faults = new ArrayList<>();
        Schema next = new Schema.Parser().parse(schema);
        for (RegisteredSchema before : earlier) {
            read(next, before.schema(), "it cannot read version " + before.version(), faults);
            read(before.schema(), next, "version " + before.version() + " cannot read it", faults);
        }
        return faults;
    }

    private static void read(Schema reader, Schema writer, String message, List<String> faults) {
        var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
        if (result.getCompatibility() != SchemaCompatibilityType.COMPATIBLE) {
            result.getIncompatibilities().forEach(fault -> faults.add(
                    message + ": " + fault.getType() + " at " + fault.getLocation() + ": " + fault.getMessage()));
        }
    }

    static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // Every Java has it.
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
