package dev.flowlane.bus;

import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Progress that transactions have committed for a group of which nobody is a member. */
final class CommittedOffsets {
    private CommittedOffsets() {}

    /** Next offset per partition; without those that have none. Waits for transactions that are just being decided. */
    static Map<TopicPartition, Long> of(BusSettings settings, String groupId, Collection<TopicPartition> partitions) {
        try (AdminConnection connection = AdminConnection.open(settings)) {
            Map<TopicPartition, @Nullable OffsetAndMetadata> committed = connection
                    .admin()
                    .listConsumerGroupOffsets(groupId, new ListConsumerGroupOffsetsOptions().requireStable(true))
                    .partitionsToOffsetAndMetadata()
                    .get();
            Map<TopicPartition, Long> offsets = new HashMap<>();
            for (TopicPartition partition : partitions) {
                OffsetAndMetadata next = committed.get(partition);
                if (next != null) {
                    offsets.put(partition, next.offset());
                }
            }
            return offsets;
        } catch (ExecutionException e) {
            throw new KafkaException("committed offsets of group " + groupId, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while reading the committed offsets of group " + groupId, e);
        }
    }
}
