package dev.flowlane.bus;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * A seat that one process of an installation has at a time: the one partition of a topic, in a consumer group of
 * everybody who wants to sit there. Nothing is read through it. Whoever has the seat keeps it until it leaves, dies or
 * hangs; the brokers give it to somebody who waits within 6 s of a death, at once when it was left, and after a minute
 * without {@link #poll}. It says who may begin and proves nothing: a process that slept may believe for a while that it
 * still has the seat, so what it guards needs a fence of its own. For one thread.
 */
public final class Seat implements AutoCloseable {
    /** Time for the word that this process leaves. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(200);

    private final KafkaConsumer<byte @Nullable [], byte @Nullable []> consumer;
    private boolean taken;

    Seat(BusSettings settings, String clientId, String groupId, Topic<?> topic) {
        this.consumer = new KafkaConsumer<>(ClientProperties.seat(settings, clientId, groupId));
        consumer.subscribe(List.of(topic.name(settings.prefix())), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                consumer.pause(partitions);
                taken = consumer.assignment().isEmpty();
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                // What follows says who has it.
            }
        });
    }

    /**
     * Takes part in the group's life for so long.
     *
     * @return whether this process has the seat
     * @throws KafkaException on what waiting does not mend: authorization, an unsupported broker
     */
    public boolean poll(Duration timeout) {
        // Paused: it brings nothing.
        consumer.poll(timeout);
        return !consumer.assignment().isEmpty();
    }

    /** Whether the brokers have said that somebody else has it. */
    public boolean taken() {
        return taken;
    }

    /** Leaves the seat, or the line in front of it. */
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    }
}
