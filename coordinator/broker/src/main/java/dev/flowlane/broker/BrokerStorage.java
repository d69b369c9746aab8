package dev.flowlane.broker;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folder of the broker: {@code data/} is Kafka's, beside it lie the configuration and the log. */
final class BrokerStorage {
    private final Path folder;

    BrokerStorage(Path folder) {
        this.folder = folder;
    }

    Path data() {
        return folder.resolve("data");
    }

    Path properties() {
        return folder.resolve("server.properties");
    }

    Path log() {
        return folder.resolve("broker.log");
    }

    /** Makes a new folder ready for its first start; leaves one that was formatted alone. */
    void formatIfNew() throws Exception {
        if (Files.exists(data())) {
            return;
        }
        // Moved into place when it is complete: a start that is killed here leaves nothing that looks formatted.
        Path unfinished = folder.resolve("data.new");
        delete(unfinished);
        Files.createDirectories(unfinished);
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(out)
                    .setNodeId(BrokerProperties.NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .addDirectory(unfinished.toString())
                    .setMetadataLogDirectory(unfinished.toString())
                    .setControllerListenerName(BrokerProperties.CONTROLLER_LISTENER)
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .run();
        }
        Files.move(unfinished, data(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Writes a file so that a reader sees all of it or none. */
    static void writeAtomically(Path file, String text) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(unfinished, text);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(tree)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
