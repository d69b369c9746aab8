package dev.flowlane.bus;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Reads committed records of assigned partitions; there are no group rebalances. For one thread, apart from {@link
 * #wakeup}, {@link #metrics}, {@link #malformed} and {@link #lostDeadLetters}. Partitions added to a topic later are
 * not noticed.
 */
public final class BusReader implements AutoCloseable {
    /**
     * None: a reader has no group to leave and commits nothing. Waiting would only be for the answer to the fetch that
     * is under way, up to half a second.
     */
    private static final Duration CLOSE_TIMEOUT = Duration.ZERO;

    /** Services never ask for them, and garbage may come without end. */
    private static final int PASSED_OVER_MAX = 1_000;

    private final BusSettings settings;
    private final KafkaConsumer<byte @Nullable [], byte @Nullable []> consumer;
    private final ReaderMetrics metrics;
    private final MalformedRecords malformed;
    private final Map<String, Topic<?>> topics = new HashMap<>();
    private final Codecs codecs;
    private final Map<TopicPartition, Long> endAtAssignment = new LinkedHashMap<>();
    private final List<PassedOver> passedOver = new ArrayList<>();
    private Predicate<String> wantedKeys = _ -> true;
    private boolean compressed;

    BusReader(BusSettings settings, Codecs codecs, String clientId, OnMalformed onMalformed) {
        this.settings = settings;
        this.codecs = codecs;
        this.malformed = new MalformedRecords(
                switch (onMalformed) {
                    case DEAD_LETTER -> new DeadLetters(settings, clientId);
                    case COUNT -> null;
                });
        this.consumer = new KafkaConsumer<>(ClientProperties.consumer(settings, clientId));
        this.metrics = new ReaderMetrics(clientId, consumer.metrics());
    }

    /**
     * Adds every partition of a topic. Positions are settled before this returns: what is committed afterwards is not
     * missed.
     *
     * @throws BusException if the topic does not exist or Kafka does not answer within 15 s
     */
    public void assign(Topic<?> topic, ReadFrom from) {
        String name = topic.name(settings.prefix());
        List<TopicPartition> partitions = new ArrayList<>();
        for (PartitionInfo partition : partitionsOf(name)) {
            partitions.add(new TopicPartition(name, partition.partition()));
        }
        assign(topic, partitions, from);
    }

    /**
     * Adds one partition of a topic.
     *
     * @throws BusException if it does not exist or Kafka does not answer within 15 s
     */
    public void assignPartition(Topic<?> topic, int partition, ReadFrom from) {
        String name = topic.name(settings.prefix());
        int partitions = partitionsOf(name).size();
        if (partition < 0 || partition >= partitions) {
            throw new BusException(name + " has partitions 0 to " + (partitions - 1) + ", not " + partition);
        }
        assign(topic, List.of(new TopicPartition(name, partition)), from);
    }

    /** Partitions that a topic has on the brokers, for {@link Partitioner#partitionFor}. */
    public int partitionCount(Topic<?> topic) {
        return partitionsOf(topic.name(settings.prefix())).size();
    }

    /**
     * From now on passes over records with another key without decoding them. A record without a readable key is
     * everybody's.
     */
    public void onlyKey(String key) {
        onlyKeys(key::equals);
    }

    /** As {@link #onlyKey}, for keys of some form. */
    public void onlyKeys(Predicate<String> wanted) {
        wantedKeys = wanted;
    }

    /**
     * Waits up to {@code timeout} for records; returns early, maybe with none, after {@link #wakeup}.
     *
     * @return records in order per partition; without those that could not be decoded
     * @throws KafkaException on what waiting does not mend: authorization, an unsupported broker
     */
    public List<BusRecord<?>> poll(Duration timeout) {
        List<BusRecord<?>> records = new ArrayList<>();
        for (ConsumerRecord<byte @Nullable [], byte @Nullable []> record : fetch(timeout)) {
            BusRecord<?> decoded = decode(record);
            if (decoded != null) {
                records.add(decoded);
            }
        }
        return records;
    }

    /**
     * As {@link #poll}, but of what has come of a compacted topic it decodes only the newest record of every key that
     * can be decoded: compaction would leave no other. For reading a topic back, where brokers keep up to a day and 64
     * MiB of it that are not compacted, and decoding is what takes time. What is passed over meanwhile is in no order.
     */
    public List<BusRecord<?>> pollNewest(Duration timeout) {
        List<ConsumerRecord<byte @Nullable [], byte @Nullable []>> fetched = new ArrayList<>();
        fetch(timeout).forEach(fetched::add);
        List<BusRecord<?>> newestFirst = new ArrayList<>();
        Set<KeyOfTopic> found = new HashSet<>();
        for (ConsumerRecord<byte @Nullable [], byte @Nullable []> record : fetched.reversed()) {
            KeyOfTopic key = compactedBy(record);
            BusRecord<?> decoded = key != null && found.contains(key) ? null : decode(record);
            if (decoded != null) {
                newestFirst.add(decoded);
                if (key != null) {
                    found.add(key);
                }
            }
        }
        return newestFirst.reversed();
    }

    /** What compaction goes by; a key is always in the same partition. */
    private record KeyOfTopic(String topic, ByteBuffer key) {}

    private @Nullable KeyOfTopic compactedBy(ConsumerRecord<byte @Nullable [], byte @Nullable []> record) {
        Topic<?> topic = topics.get(record.topic());
        byte[] key = record.key();
        return key == null || topic == null || topic.layout().cleanup() != TopicLayout.Cleanup.COMPACT
                ? null
                : new KeyOfTopic(record.topic(), ByteBuffer.wrap(key));
    }

    private ConsumerRecords<byte @Nullable [], byte @Nullable []> fetch(Duration timeout) {
        try {
            ConsumerRecords<byte @Nullable [], byte @Nullable []> records = consumer.poll(timeout);
            if (compressed && !records.isEmpty()) {
                UnpackedLibrary.remove();
            }
            return records;
        } catch (WakeupException e) {
            return ConsumerRecords.empty(); // Asked for; the caller knows why.
        }
    }

    /**
     * From now on {@link #poll} returns nothing of a topic, until {@link #goOn}. What will be read later is better
     * assigned at once and held back: once a fetch is under way, the broker answers questions about further topics only
     * after that, up to half a second later.
     */
    public void holdBack(Topic<?> topic) {
        consumer.pause(assigned(topic));
    }

    /** Ends {@link #holdBack}. */
    public void goOn(Topic<?> topic) {
        consumer.resume(assigned(topic));
    }

    private List<TopicPartition> assigned(Topic<?> topic) {
        String name = topic.name(settings.prefix());
        return consumer.assignment().stream()
                .filter(partition -> partition.topic().equals(name))
                .toList();
    }

    /**
     * Whether everything that was there when the topics were assigned has been returned by {@link #poll}; topics that
     * are held back do not count.
     */
    public boolean caughtUp() {
        endAtAssignment.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
        return consumer.paused().containsAll(endAtAssignment.keySet());
    }

    /** Next offset to read of every assigned partition, for {@link BusWriter#sendOffsets}. */
    public Map<TopicPartition, Long> positions() {
        Map<TopicPartition, Long> positions = new HashMap<>();
        for (TopicPartition partition : consumer.assignment()) {
            positions.put(partition, consumer.position(partition));
        }
        return positions;
    }

    /** Ends the {@link #poll} that runs now, or the next one. From any thread. */
    public void wakeup() {
        consumer.wakeup();
    }

    /**
     * Records that were passed over since the last call, oldest first; only the newest 1,000 of them. {@link
     * #malformed} counts them all.
     */
    public List<PassedOver> takePassedOver() {
        List<PassedOver> taken = List.copyOf(passedOver);
        passedOver.clear();
        return taken;
    }

    /** How it gets on. From any thread. */
    public ReaderMetrics metrics() {
        return metrics;
    }

    /** Records passed over because they could not be decoded. From any thread. */
    public long malformed() {
        return malformed.count();
    }

    /** The same by name of topic, without topics that had none. From any thread. */
    public Map<String, Long> malformedByTopic() {
        return malformed.counts();
    }

    /** Those among them that did not reach the dead-letter topic. From any thread. */
    public long lostDeadLetters() {
        return malformed.lostDeadLetters();
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
        malformed.close();
        if (compressed) {
            UnpackedLibrary.remove();
        }
    }

    private List<PartitionInfo> partitionsOf(String name) {
        List<PartitionInfo> partitions = ask("partitions of " + name, () -> consumer.partitionsFor(name));
        if (partitions == null || partitions.isEmpty()) {
            throw new BusException(
                    "topic " + name + " does not exist; create it with: " + TopicAdmin.createCommand(settings));
        }
        return partitions;
    }

    private void assign(Topic<?> topic, List<TopicPartition> partitions, ReadFrom from) {
        topics.put(topic.name(settings.prefix()), topic);
        compressed |= topic.compressed();
        List<TopicPartition> all = new ArrayList<>(consumer.assignment());
        all.addAll(partitions);
        consumer.assign(all);
        ask("offsets of " + topic.name(settings.prefix()), () -> {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            startOffsets(partitions, from, ends).forEach(consumer::seek);
            endAtAssignment.putAll(ends);
            return ends;
        });
    }

    private Map<TopicPartition, Long> startOffsets(
            Collection<TopicPartition> partitions, ReadFrom from, Map<TopicPartition, Long> ends) {
        return switch (from) {
            case ReadFrom.Beginning() -> consumer.beginningOffsets(partitions);
            case ReadFrom.End() -> ends;
            case ReadFrom.Since(Instant time) -> {
                Map<TopicPartition, Long> times = new HashMap<>();
                partitions.forEach(partition -> times.put(partition, time.toEpochMilli()));
                Map<TopicPartition, @Nullable OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
                Map<TopicPartition, Long> starts = new HashMap<>(ends);
                found.forEach((partition, start) -> {
                    if (start != null) {
                        starts.put(partition, start.offset());
                    }
                });
                yield starts;
            }
            case ReadFrom.Committed(String groupId, ReadFrom orElse) -> {
                Map<TopicPartition, Long> starts = new HashMap<>(startOffsets(partitions, orElse, ends));
                Map<TopicPartition, Long> committed = CommittedOffsets.of(settings, groupId, partitions);
                starts.putAll(committed);
                yield starts;
            }
        };
    }

    private @Nullable BusRecord<?> decode(ConsumerRecord<byte @Nullable [], byte @Nullable []> record) {
        Topic<?> topic = topics.get(record.topic());
        if (topic == null) {
            throw new IllegalStateException("a record of " + record.topic() + ", which is not assigned");
        }
        String key;
        try {
            byte[] bytes = record.key();
            if (bytes == null) {
                passOver(topic, record, "no key");
                return null;
            }
            key = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            passOver(topic, record, "key is not UTF-8");
            return null;
        }
        if (!wantedKeys.test(key)) {
            return null;
        }
        return decode(topic, key, record);
    }

    private <T extends SpecificRecord> @Nullable BusRecord<T> decode(
            Topic<T> topic, String key, ConsumerRecord<byte @Nullable [], byte @Nullable []> record) {
        Instant recordTime = Instant.ofEpochMilli(record.timestamp());
        if (record.value() == null && topic.layout().cleanup() == TopicLayout.Cleanup.COMPACT) {
            return new BusRecord<>(topic, record.partition(), record.offset(), recordTime, key, null);
        }
        return switch (codecs.of(topic).decode(record.value())) {
            case Codec.Decoded.Value<T>(T value) ->
                new BusRecord<>(topic, record.partition(), record.offset(), recordTime, key, value);
            case Codec.Decoded.Malformed<T>(String reason) -> {
                passOver(topic, record, reason);
                yield null;
            }
        };
    }

    private void passOver(
            Topic<?> topic, ConsumerRecord<byte @Nullable [], byte @Nullable []> record, String reason) {
        malformed.add(record, reason);
        if (passedOver.size() == PASSED_OVER_MAX) {
            passedOver.removeFirst();
        }
        byte[] key = record.key();
        passedOver.add(new PassedOver(
                topic,
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                key == null ? "" : new String(key, StandardCharsets.UTF_8),
                reason));
    }

    private interface Question<R> {
        R answer();
    }

    private <R> R ask(String what, Question<R> question) {
        try {
            return question.answer();
        } catch (WakeupException e) {
            throw new BusException(what + ": interrupted by wakeup", e);
        } catch (KafkaException e) {
            throw new BusException(what + " at " + settings.bootstrapServers() + ": " + e.getMessage(), e);
        }
    }
}
