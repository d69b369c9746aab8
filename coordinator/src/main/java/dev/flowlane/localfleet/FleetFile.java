package dev.flowlane.localfleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads and writes {@code fleet.json}. Who writes holds {@code fleet.lock}. */
final class FleetFile {
    private static final JsonMapper JSON = new JsonMapper();

    private FleetFile() {}

    /**
     * What is written there; empty when there is nothing, or nothing that can be understood (a crash of an older
     * version).
     */
    static Optional<FleetRecord> read(Path file) {
        try {
            JsonNode root = JSON.readTree(Files.readString(file));
            List<FleetRecord.Member> members = new ArrayList<>();
            for (JsonNode member : root.path("processes")) {
                members.add(new FleetRecord.Member(
                        text(member, "name"), identity(member), Path.of(text(member, "log"))));
            }
            JsonNode owner = root.path("owner");
            return members.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new FleetRecord(
                            owner.isObject() ? identity(owner) : null,
                            text(root, "bootstrap"),
                            text(root, "topic_prefix"),
                            Instant.parse(text(root, "started_time")),
                            members));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | DateTimeException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static void write(Path file, FleetRecord fleet) {
        ObjectNode root = JSON.createObjectNode();
        root.put("bootstrap", fleet.bootstrap());
        root.put("topic_prefix", fleet.topicPrefix());
        root.put("started_time", fleet.startedTime().toString());
        root.set("owner", identity(JSON.createObjectNode(), fleet.owner()));
        for (FleetRecord.Member member : fleet.members()) {
            ObjectNode process = root.withArrayProperty("processes").addObject();
            process.put("name", member.name());
            identity(process, member.process());
            process.put("log", member.log().toString());
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(fresh, root.toPrettyString() + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new FleetException("cannot write " + file + ": " + FleetException.reason(e), e);
        }
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new FleetException("cannot delete " + file + ": " + FleetException.reason(e), e);
        }
    }

    private static @Nullable ObjectNode identity(ObjectNode into, @Nullable ProcessIdentity process) {
        return process == null
                ? null
                : into.put("pid", process.pid())
                        .put("start_ticks", process.startTicks())
                        .put("boot_id", process.bootId());
    }

    private static ProcessIdentity identity(JsonNode node) {
        return new ProcessIdentity(node.path("pid").longValue(), node.path("start_ticks").longValue(),
                text(node, "boot_id"));
    }

    private static String text(JsonNode node, String name) {
        String text = node.path(name).asText("");
        if (text.isEmpty()) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return text;
    }
}
