package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.Datagrams;
import org.jspecify.annotations.Nullable;

/** What became of datagrams. */
final class DatagramsAvro {
    private DatagramsAvro() {}

    static dev.flowlane.avro.@Nullable Datagrams toAvro(@Nullable Datagrams datagrams) {
        return datagrams == null ? null : builder(datagrams).build();
    }

    /** With the share that is lost. */
    static dev.flowlane.avro.@Nullable Datagrams result(@Nullable Datagrams datagrams) {
        return datagrams == null
                ? null
                : builder(datagrams).setLossRatio(datagrams.lossRatio()).build();
    }

    private static dev.flowlane.avro.Datagrams.Builder builder(Datagrams datagrams) {
        return dev.flowlane.avro.Datagrams.newBuilder()
                .setSentMessages(datagrams.sent())
                .setReceivedMessages(datagrams.received())
                .setLostMessages(datagrams.lost())
                .setDuplicateMessages(datagrams.duplicates())
                .setReorderedMessages(datagrams.reordered())
                .setLateMessages(datagrams.late())
                .setTimedOutRequests(datagrams.timedOutRequests())
                .setLateResponses(datagrams.lateResponses())
                .setForeignMessages(datagrams.foreign())
                .setBufferDrops(datagrams.bufferDrops())
                .setJitterNs(datagrams.jitterNs());
    }

    static @Nullable Datagrams fromAvro(dev.flowlane.avro.@Nullable Datagrams record) {
        return record == null
                ? null
                : new Datagrams(
                        record.getSentMessages(),
                        record.getReceivedMessages(),
                        record.getLostMessages(),
                        record.getDuplicateMessages(),
                        record.getReorderedMessages(),
                        record.getLateMessages(),
                        record.getTimedOutRequests(),
                        record.getLateResponses(),
                        record.getForeignMessages(),
                        record.getBufferDrops(),
                        record.getJitterNs());
    }
}
