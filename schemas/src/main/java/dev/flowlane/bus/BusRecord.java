package dev.flowlane.bus;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * A record as it was read.
 *
 * @param topic where it was read
 * @param partition partition of it
 * @param offset offset in the partition
 * @param recordTime Kafka's timestamp: append time by the broker's clock or event time, see {@link TopicLayout#clock()}
 * @param key record key
 * @param value decoded value; null is a tombstone, and only compacted topics have them
 */
public record BusRecord<T extends SpecificRecord>(
        Topic<T> topic, int partition, long offset, Instant recordTime, String key, @Nullable T value) {

    /** The value if this was read from {@code wanted}; null for another topic and for a tombstone. */
    public <U extends SpecificRecord> @Nullable U as(Topic<U> wanted) {
        return topic == (Topic<?>) wanted ? wanted.type().cast(value) : null;
    }
}
