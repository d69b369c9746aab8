package dev.flowlane.bus;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Dead letters after they were written: what there is, and sending one again to where it came from. */
public final class DeadLetterBox {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);

    private final BusSettings settings;

    DeadLetterBox(BusSettings settings) {
        this.settings = settings;
    }

    /**
     * Every letter that is still kept, oldest first.
     *
     * @throws BusException if the topic does not exist, or Kafka does not answer within 15 s
     */
    public List<DeadLetter> letters() {
        String topic = topic();
        List<DeadLetter> letters = new ArrayList<>();
        try (KafkaConsumer<byte @Nullable [], byte @Nullable []> consumer =
                new KafkaConsumer<>(ClientProperties.consumer(settings, "flowlane-dead-letter-box"))) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                throw new BusException("topic " + topic + " does not exist; create it with: "
                        + TopicAdmin.createCommand(settings));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            long newsNs = System.nanoTime();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                var records = consumer.poll(POLL);
                records.forEach(record -> letters.add(letter(record)));
                if (!records.isEmpty()) {
                    newsNs = System.nanoTime();
                } else if (System.nanoTime() - newsNs > ANSWER_WITHIN.toNanos()) {
                    throw new BusException(topic + " at " + settings.bootstrapServers()
                            + ": nothing is delivered, though there is more to read");
                }
            }
        } catch (KafkaException e) {
            throw new BusException(topic + " at " + settings.bootstrapServers() + ": " + e.getMessage(), e);
        }
        return letters;
    }

    /** Where a letter was sent again. */
    public record Sent(String topic, int partition, long offset) {}

    /**
     * Writes the letter's original key and value to the partition that they were read from. The letter stays.
     *
     * @throws IllegalArgumentException if the letter does not name a topic of this installation: it may have been
     *     written by anybody who may write dead letters
     * @throws BusException if Kafka does not take it within 15 s
     */
    public Sent retry(DeadLetter letter) {
        boolean ours = Topic.all().stream()
                .anyMatch(topic -> topic.name(settings.prefix()).equals(letter.originTopic()));
        if (!ours) {
            throw new IllegalArgumentException("it says that it came from '" + letter.originTopic()
                    + "', which is no topic of this installation (prefix " + settings.prefix() + ")");
        }
        Integer partition = letter.originPartition() < 0 ? null : (Integer) letter.originPartition();
        try (KafkaProducer<byte @Nullable [], byte @Nullable []> producer = new KafkaProducer<>(
                ClientProperties.producer(settings, "flowlane-dead-letter-box", WriterProfile.CONTROL, null))) {
            RecordMetadata sent = producer.send(new ProducerRecord<>(
                            letter.originTopic(), partition, letter.keyBytes(), letter.valueBytes()))
                    .get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            return new Sent(sent.topic(), sent.partition(), sent.offset());
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new BusException(
                    letter.originTopic() + " at " + settings.bootstrapServers() + ": the record was not taken: "
                            + (e.getCause() == null ? e : e.getCause().getMessage()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BusException(letter.originTopic() + ": interrupted before the record was taken", e);
        }
    }

    private String topic() {
        return settings.prefix() + "." + TopicLayout.deadLetters().suffix();
    }

    private static DeadLetter letter(ConsumerRecord<byte @Nullable [], byte @Nullable []> record) {
        return new DeadLetter(
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                header(record, DeadLetters.ORIGIN_TOPIC),
                partition(header(record, DeadLetters.ORIGIN_PARTITION)),
                number(header(record, DeadLetters.ORIGIN_OFFSET)),
                header(record, DeadLetters.ERROR),
                readOnly(record.key()),
                readOnly(record.value()));
    }

    private static @Nullable ByteBuffer readOnly(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        byte[] value = header == null ? null : header.value();
        return value == null ? "" : new String(value, StandardCharsets.UTF_8);
    }

    private static int partition(String text) {
        long number = number(text);
        return number < 0 || number > Integer.MAX_VALUE ? -1 : (int) number;
    }

    /** Anybody who may write to the topic writes what he likes: what is no small number is none. */
    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
