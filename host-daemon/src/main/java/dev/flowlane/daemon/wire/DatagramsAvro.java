package dev.flowlane.daemon.wire;

import dev.flowlane.worker.protocol.Datagrams;
import dev.flowlane.worker.protocol.Role;

/** What became of datagrams, as records. */
public final class DatagramsAvro {
    private DatagramsAvro() {}

    /** Of one end; only a destination knows jitter. */
    public static dev.flowlane.avro.Datagrams of(Datagrams datagrams, Role role) {
        return dev.flowlane.avro.Datagrams.newBuilder()
                .setSentMessages(datagrams.sentMessages())
                .setReceivedMessages(datagrams.receivedMessages())
                .setLostMessages(datagrams.lostMessages())
                .setDuplicateMessages(datagrams.duplicateMessages())
                .setReorderedMessages(datagrams.reorderedMessages())
                .setLateMessages(datagrams.lateMessages())
                .setTimedOutRequests(datagrams.timedOutRequests())
                .setLateResponses(datagrams.lateResponses())
                .setForeignMessages(datagrams.foreignMessages())
                .setBufferDrops(datagrams.bufferDrops())
                .setJitterNs(role == Role.DESTINATION ? (Long) datagrams.jitterNs() : null)
                .build();
    }
}
