package dev.flowlane.daemon;

import dev.flowlane.avro.NicKind;
import dev.flowlane.avro.RssHashFunction;
import dev.flowlane.daemon.inventory.Nic;
import dev.flowlane.daemon.inventory.NicQueue;
import dev.flowlane.daemon.inventory.Rss;
import org.jspecify.annotations.Nullable;

/** Interfaces as the host record has them. */
final class NicAvro {
    private NicAvro() {}

    static dev.flowlane.avro.Nic of(Nic nic) {
        return dev.flowlane.avro.Nic.newBuilder()
                .setName(nic.name())
                .setKind(NicKind.valueOf(nic.kind().name()))
                .setLower(nic.lower())
                .setDriver(nic.driver())
                .setBusAddress(nic.busAddress())
                .setNumaNode(nic.numaNode())
                .setSpeedBitsPerSecond(nic.speedBitsPerSecond() < 0 ? null : Long.valueOf(nic.speedBitsPerSecond()))
                .setMtuBytes(nic.mtuBytes())
                .setRxQueues(nic.rxQueues())
                .setTxQueues(nic.txQueues())
                .setThreaded(nic.threaded())
                .setQueues(nic.queues().stream().map(NicAvro::queue).toList())
                .setRss(rss(nic.rss()))
                .build();
    }

    private static dev.flowlane.avro.NicQueue queue(NicQueue queue) {
        return dev.flowlane.avro.NicQueue.newBuilder()
                .setQueue(queue.queue())
                .setRxIrq(queue.rxIrq())
                .setRxIrqCpus(queue.rxIrqCpus().toString())
                .setRxIrqEffectiveCpus(queue.rxIrqEffectiveCpus().toString())
                .setRpsCpus(queue.rpsCpus().toString())
                .setRpsFlowCount(queue.rpsFlowCount())
                .setTxIrq(queue.txIrq())
                .setXpsCpus(queue.xpsCpus().toString())
                .build();
    }

    private static dev.flowlane.avro.@Nullable Rss rss(@Nullable Rss rss) {
        if (rss == null) {
            return null;
        }
        return dev.flowlane.avro.Rss.newBuilder()
                .setHashFunction(RssHashFunction.valueOf(rss.function().name()))
                .setHashKey(rss.keyHex())
                .setSymmetric(rss.symmetric())
                .setTcp4Fields(rss.tcp4Fields())
                .setTcp6Fields(rss.tcp6Fields())
                .setTableEntries(rss.tableEntries())
                .setTablePattern(rss.tablePattern())
                .setHashReported(rss.hashReported())
                .build();
    }
}
