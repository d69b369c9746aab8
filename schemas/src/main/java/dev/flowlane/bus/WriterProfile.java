package dev.flowlane.bus;

import org.apache.kafka.clients.producer.ProducerConfig;

import java.util.Map;

/** What a writer is for, which decides how its producer batches, compresses and waits. */
public enum WriterProfile {
    /** Single records that somebody waits for: sent at once, given up after 30 s. */
    CONTROL,

    /**
     * Many records per second that nobody waits for: batched and compressed, kept while brokers are silent, in at most
     * 32 MiB. When that is full a send fails after 20 ms instead of holding its caller up.
     */
    TELEMETRY,

    /**
     * Decisions: everything of one decision or nothing. An open transaction of a dead writer holds readers up for 30 s
     * at most.
     */
    TRANSACTIONAL;

    Map<String, String> properties() {
        return switch (this) {
            case CONTROL ->
                Map.of(
                        ProducerConfig.LINGER_MS_CONFIG, "0",
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000",
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000",
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "30000");
            case TELEMETRY ->
                Map.of(
                        // A batch costs the broker, and whoever reads it, much more than a record in it. The intervals
                        // of many flow ends come within a tenth of a second, over forty partitions.
                        ProducerConfig.LINGER_MS_CONFIG, "25",
                        ProducerConfig.BATCH_SIZE_CONFIG, "131072",
                        ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4",
                        ProducerConfig.BUFFER_MEMORY_CONFIG, "33554432",
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, "20",
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000",
                        // A day. Memory is the bound here: the producer goes by the wall clock for this one, and a step
                        // of that clock must not throw away what is on its way.
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "86400000");
            case TRANSACTIONAL ->
                Map.of(
                        ProducerConfig.LINGER_MS_CONFIG, "0",
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, "15000",
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000",
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "25000",
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "30000");
        };
    }
}
