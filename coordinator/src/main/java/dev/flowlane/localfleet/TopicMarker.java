package dev.flowlane.localfleet;

import dev.flowlane.bus.Topic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * Remembers that the topics of this build were created in the local broker's data, because asking the broker each time
 * costs a good part of a second. It is a note beside the data, not the truth: it holds the data's cluster id, so fresh
 * data has none.
 */
final class TopicMarker {
    private final Path marker;
    private final Path brokerData;
    private final String prefix;

    TopicMarker(StateDirectory directory, String prefix) {
        this.marker = directory.topicMarker();
        this.brokerData = directory.brokerData();
        this.prefix = prefix;
    }

    boolean isThere() {
        String expected = text();
        try {
            return !expected.isEmpty() && Files.readString(marker).equals(expected);
        } catch (IOException e) {
            return false;
        }
    }

    void write() {
        try {
            Files.writeString(marker, text());
        } catch (IOException e) {
            throw new FleetException("cannot write " + marker + ": " + FleetException.reason(e), e);
        }
    }

    /** Cluster id, prefix and a sum over the layouts; empty as long as the data is not formatted. */
    private String text() {
        try {
            String clusterId = Files.readAllLines(brokerData.resolve("data").resolve("meta.properties")).stream()
                    .filter(line -> line.startsWith("cluster.id="))
                    .findFirst()
                    .orElse("");
            CRC32 layouts = new CRC32();
            Topic.all().forEach(topic -> layouts.update(topic.layout().toString().getBytes(StandardCharsets.UTF_8)));
            return clusterId.isEmpty() ? "" : clusterId + " " + prefix + " " + layouts.getValue() + "\n";
        } catch (IOException e) {
            return "";
        }
    }
}
