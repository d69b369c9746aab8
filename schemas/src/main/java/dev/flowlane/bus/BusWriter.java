package dev.flowlane.bus;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Writes records: idempotent, acknowledged by all in-sync replicas, in order per key. Any thread may send.
 *
 * <p>A send hands the record to the producer and returns; its future completes on the producer's I/O thread, so a
 * stage that does more than hand over belongs on another thread. The send itself waits only for the topic's metadata
 * the first time (see {@link #learn}) and for room in the buffer, both bounded by the profile.
 */
public final class BusWriter implements AutoCloseable {
    private static final Duration LEARN_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final String prefix;
    private final KafkaProducer<byte[], byte @Nullable []> producer;
    private final Codecs codecs;
    private final boolean compresses;

    BusWriter(
            BusSettings settings,
            Codecs codecs,
            String clientId,
            WriterProfile profile,
            @Nullable String transactionalId) {
        this.prefix = settings.prefix();
        this.producer = new KafkaProducer<>(ClientProperties.producer(settings, clientId, profile, transactionalId));
        this.codecs = codecs;
        this.compresses = profile == WriterProfile.TELEMETRY;
    }

    /**
     * Fetches the metadata of topics, so that the first send to them does not have to.
     *
     * @throws BusException if a topic does not exist or Kafka does not answer within 10 s
     */
    public void learn(Topic<?>... topics) {
        long deadlineNs = System.nanoTime() + LEARN_TIMEOUT.toNanos();
        for (Topic<?> topic : topics) {
            learn(topic.name(prefix), deadlineNs);
        }
    }

    private void learn(String topic, long deadlineNs) {
        while (true) {
            try {
                // Waits no longer than a send would, which may be far too short here.
                producer.partitionsFor(topic);
                return;
            } catch (TimeoutException e) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new BusException("metadata of " + topic + ": " + e.getMessage(), e);
                }
            } catch (KafkaException e) {
                throw new BusException("metadata of " + topic + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Sends a record with the time of sending as its timestamp.
     *
     * @param key record key
     * @param value null writes a tombstone, on compacted topics only
     * @return completes when the brokers have it (in a transaction: before it is visible), exceptionally with Kafka's
     *     reason
     * @throws IllegalArgumentException if the value lacks a required field, or is null on a topic that is not compacted
     */
    public <T extends SpecificRecord> CompletableFuture<RecordMetadata> send(
            Topic<T> topic, String key, @Nullable T value) {
        return send(topic, key, value, null);
    }

    /**
     * As {@link #send(Topic, String, SpecificRecord)}, with the record's own time (the event time of results),
     * millisecond resolution.
     */
    public <T extends SpecificRecord> CompletableFuture<RecordMetadata> send(
            Topic<T> topic, String key, @Nullable T value, @Nullable Instant recordTime) {
        return sendBytes(topic, key, value == null ? null : codecs.of(topic).encode(value), recordTime);
    }

    /**
     * As {@link #send(Topic, String, SpecificRecord)}, to a reader of a release before this one.
     *
     * @param version newest version of the topic's schema that the reader knows, see {@link Codec#encode}
     * @throws IllegalArgumentException if the value lacks a required field, or there is no such version
     */
    public <T extends SpecificRecord> CompletableFuture<RecordMetadata> send(
            Topic<T> topic, String key, T value, int version) {
        return sendBytes(topic, key, codecs.of(topic).encode(value, version), null);
    }

    private <T extends SpecificRecord> CompletableFuture<RecordMetadata> sendBytes(
            Topic<T> topic, String key, byte @Nullable [] bytes, @Nullable Instant recordTime) {
        if (bytes == null && topic.layout().cleanup() != TopicLayout.Cleanup.COMPACT) {
            throw new IllegalArgumentException(topic + " is not compacted: a tombstone means nothing there");
        }
        CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
        Long timestamp = recordTime == null ? null : recordTime.toEpochMilli();
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        try {
            var _ = producer.send(
                    new ProducerRecord<>(topic.name(prefix), null, timestamp, keyBytes, bytes),
                    (metadata, error) -> {
                        if (compresses) {
                            UnpackedLibrary.remove();
                        }
                        if (error == null) {
                            sent.complete(metadata);
                        } else {
                            sent.completeExceptionally(error);
                        }
                    });
        } catch (KafkaException e) {
            // Fenced or failed transactions are reported here, everything else through the callback.
            sent.completeExceptionally(e);
        }
        return sent;
    }

    /** Waits until everything sent so far is acknowledged or given up. */
    public void flush() {
        producer.flush();
    }

    /**
     * Fences every earlier writer with this transactional id and ends what it left open. Once, before the first
     * transaction.
     *
     * @throws KafkaException as Kafka says; {@code TimeoutException} when no broker answers
     */
    public void initTransactions() {
        producer.initTransactions();
    }

    /** Begins a transaction. */
    public void beginTransaction() {
        producer.beginTransaction();
    }

    /**
     * Makes the progress of a reader part of the transaction.
     *
     * @param nextOffsets next offset to read per partition, as {@link BusReader#positions}
     * @param groupId group that {@link ReadFrom#committed} is given later; nobody may have subscribed with it
     */
    // The constructor will give way to a factory that this Kafka does not have yet; our consumers have no group to ask.
    @SuppressWarnings("removal")
    public void sendOffsets(Map<TopicPartition, Long> nextOffsets, String groupId) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        nextOffsets.forEach((partition, next) -> offsets.put(partition, new OffsetAndMetadata(next)));
        producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata(groupId));
    }

    /**
     * Commits; on return every record of the transaction is there.
     *
     * @throws KafkaException {@code ProducerFencedException} when another writer took over; after any other one the
     *     outcome is unknown until {@link #abortTransaction} succeeds or a new writer has read the topics
     */
    public void commitTransaction() {
        producer.commitTransaction();
    }

    /** Undoes the transaction. */
    public void abortTransaction() {
        producer.abortTransaction();
    }

    /** Waits up to 5 s for what was sent. */
    @Override
    public void close() {
        close(CLOSE_TIMEOUT);
    }

    /** Waits up to {@code timeout} for what was sent; sends that are not acknowledged by then fail. */
    public void close(Duration timeout) {
        producer.close(timeout);
    }
}
