package dev.flowlane.coordinator.wire;

import dev.flowlane.core.steering.Hashing;
import dev.flowlane.core.steering.HostNics;
import dev.flowlane.core.steering.IndirectionTable;
import dev.flowlane.core.steering.Nic;
import dev.flowlane.core.steering.RxQueue;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Interfaces of a host record, as far as receive CPUs can be foretold from them. */
final class NicAvro {
    private NicAvro() {}

    /** An interface that cannot be understood is one of which nothing is known: its host is no worse for it. */
    static HostNics fromAvro(List<dev.flowlane.avro.Nic> records) {
        Map<String, Nic> nics = new HashMap<>();
        for (dev.flowlane.avro.Nic record : records) {
            try {
                nics.put(record.getName(), nic(record));
            } catch (IllegalArgumentException e) {
                nics.remove(record.getName());
            }
        }
        return new HostNics(nics);
    }

    private static Nic nic(dev.flowlane.avro.Nic record) {
        return new Nic(
                record.getName(),
                switch (record.getKind()) {
                    case DEVICE -> Nic.Kind.DEVICE;
                    case STACKED -> Nic.Kind.STACKED;
                    case LOOPBACK, VETH, OTHER, UNKNOWN -> Nic.Kind.SOFTWARE;
                },
                record.getLower(),
                record.getRxQueues(),
                record.getQueues().stream()
                        .filter(queue -> queue.getQueue() < record.getRxQueues())
                        .map(queue -> queue(queue, record.getThreaded()))
                        .toList(),
                hashing(record.getRss()));
    }

    /** Where a thread polls, the interrupt's CPU says nothing of who receives. */
    private static RxQueue queue(dev.flowlane.avro.NicQueue queue, boolean threaded) {
        CpuSet effective = CpuSet.parse(queue.getRxIrqEffectiveCpus());
        CpuSet irqCpus = effective.isEmpty() ? CpuSet.parse(queue.getRxIrqCpus()) : effective;
        return new RxQueue(
                queue.getQueue(), threaded ? CpuSet.empty() : irqCpus, CpuSet.parse(queue.getRpsCpus()));
    }

    private static @Nullable Hashing hashing(dev.flowlane.avro.@Nullable Rss rss) {
        if (rss == null) {
            return null;
        }
        return new Hashing(
                switch (rss.getHashFunction()) {
                    case TOEPLITZ -> true;
                    case XOR, CRC32, UNKNOWN -> false;
                },
                rss.getHashKey(),
                rss.getSymmetric(),
                rss.getTcp4Fields(),
                rss.getTcp6Fields(),
                rss.getTableEntries() == 0
                        ? null
                        : IndirectionTable.parse(rss.getTableEntries(), rss.getTablePattern()),
                Boolean.TRUE.equals(rss.getHashReported()));
    }
}
