package dev.flowlane.bus;

import org.apache.kafka.common.utils.Utils;

import java.nio.charset.StandardCharsets;

/** Which partition a key is on: what Kafka's default partitioner does with keyed records. */
public final class Partitioner {
    private Partitioner() {}

    /**
     * Partition of a key.
     *
     * @param key record key
     * @param partitions partitions of the topic, at least 1
     * @return 0 to {@code partitions - 1}
     */
    public static int partitionFor(String key, int partitions) {
        if (partitions < 1) {
            throw new IllegalArgumentException("a topic has at least one partition, not " + partitions);
        }
        return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % partitions;
    }
}
