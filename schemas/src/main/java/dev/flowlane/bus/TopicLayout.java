package dev.flowlane.bus;

import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a topic is laid out on the brokers.
 *
 * @param suffix name without the prefix and its dot
 * @param keyMeaning what the record key is; always UTF-8 text
 * @param partitions partitions when Flowlane creates it. 1 is a must, for the sake of the order; of any other number,
 *     more or fewer are fine when they were there from the start: they spread load and nothing else
 * @param cleanup what the brokers do with old records
 * @param retention how long records are kept; null for compacted topics
 * @param clock whose clock the record timestamps are
 * @param maxMessageBytes largest record batch that the topic takes
 */
public record TopicLayout(
        String suffix,
        String keyMeaning,
        int partitions,
        Cleanup cleanup,
        @Nullable Duration retention,
        Clock clock,
        int maxMessageBytes) {

    /** Kafka's own default. */
    static final int DEFAULT_MESSAGE_BYTES = 1024 * 1024 + 12;

    /** For topics whose records hold everything about a run: thousands of flows fit. */
    static final int LARGE_MESSAGE_BYTES = 16 * 1024 * 1024;

    /** What the brokers do with old records. */
    public enum Cleanup {
        DELETE("delete"),
        COMPACT("compact");

        private final String configValue;

        Cleanup(String configValue) {
            this.configValue = configValue;
        }
    }

    /** Whose clock the record timestamps are. */
    public enum Clock {
        /** The writer's: the event time of results. */
        WRITER("CreateTime"),
        /** The broker's: the clock by which commands expire. */
        BROKER("LogAppendTime");

        private final String configValue;

        Clock(String configValue) {
            this.configValue = configValue;
        }
    }

    /** Where records go that cannot be decoded: original key and value, origin in the headers. */
    public static TopicLayout deadLetters() {
        // Room for the largest record of any topic and the headers that tell where it came from.
        return new TopicLayout("dead-letters", "as read", 1, Cleanup.DELETE, Duration.ofDays(30), Clock.WRITER,
                LARGE_MESSAGE_BYTES + 64 * 1024);
    }

    /** The topic configuration that Flowlane creates the topic with, by Kafka's names. */
    public Map<String, String> config() {
        Map<String, String> config = new TreeMap<>();
        config.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanup.configValue);
        config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, clock.configValue);
        if (retention != null) {
            config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
        }
        if (maxMessageBytes != DEFAULT_MESSAGE_BYTES) {
            config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
        }
        if (cleanup == Cleanup.COMPACT) {
            // Every start replays these topics: the part that is not compacted yet stays below a day and 64 MiB.
            config.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(64 * 1024 * 1024));
            config.put(TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG, Long.toString(Duration.ofDays(1).toMillis()));
        }
        return Collections.unmodifiableMap(config);
    }
}
