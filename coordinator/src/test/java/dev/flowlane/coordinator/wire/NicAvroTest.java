package dev.flowlane.coordinator.wire;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Nic;
import dev.flowlane.avro.NicKind;
import dev.flowlane.avro.NicQueue;
import dev.flowlane.avro.Rss;
import dev.flowlane.avro.RssHashFunction;
import dev.flowlane.core.steering.HostNics;
import dev.flowlane.core.steering.IndirectionTable;
import dev.flowlane.core.steering.RxQueue;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.util.List;

class NicAvroTest {
    @Test
    void whatPredictionsNeedIsTakenOver() {
        dev.flowlane.core.steering.Nic nic = requireNonNull(read(card(false).build()).byName().get("eth0"));

        assertThat(nic.kind()).isEqualTo(dev.flowlane.core.steering.Nic.Kind.DEVICE);
        assertThat(nic.queues()).containsExactly(
                new RxQueue(0, CpuSet.of(5), CpuSet.empty()), new RxQueue(1, CpuSet.parse("0-7"), CpuSet.parse("2-3")));
        assertThat(requireNonNull(nic.hashing()).table()).isEqualTo(IndirectionTable.parse(128, "0-1"));
        assertThat(nic.hashing().toeplitz()).isTrue();
        assertThat(nic.hashing().reported()).as("not told").isFalse();
    }

    @Test
    void theInterruptSaysNothingWhereAThreadPolls() {
        dev.flowlane.core.steering.Nic nic = requireNonNull(read(card(true).build()).byName().get("eth0"));

        assertThat(nic.queues()).extracting(RxQueue::irqCpus).containsOnly(CpuSet.empty());
    }

    @Test
    void anInterfaceThatCannotBeUnderstoodIsLeftOut() {
        Nic.Builder odd = card(false).setName("eth1");
        odd.getRss().setTablePattern("0-4000000000");

        assertThat(read(card(false).build(), odd.build()).byName()).containsOnlyKeys("eth0");
        assertThat(read(card(false).setQueues(List.of(NicQueue.newBuilder()
                                .setQueue(0)
                                .setRpsCpus("x")
                                .build()))
                        .build())
                .byName()).isEmpty();
    }

    private static HostNics read(Nic... nics) {
        return NicAvro.fromAvro(List.of(nics));
    }

    private static Nic.Builder card(boolean threaded) {
        return Nic.newBuilder()
                .setName("eth0")
                .setKind(NicKind.DEVICE)
                .setRxQueues(2)
                .setTxQueues(3)
                .setThreaded(threaded)
                .setQueues(List.of(
                        NicQueue.newBuilder()
                                .setQueue(0)
                                .setRxIrqCpus("0-7")
                                .setRxIrqEffectiveCpus("5")
                                .build(),
                        NicQueue.newBuilder().setQueue(1).setRxIrqCpus("0-7").setRpsCpus("2-3").build(),
                        NicQueue.newBuilder().setQueue(2).setXpsCpus("1").build()))
                .setRss(Rss.newBuilder()
                        .setHashFunction(RssHashFunction.TOEPLITZ)
                        .setHashKey("6d5a")
                        .setTableEntries(128)
                        .setTablePattern("0-1")
                        .build());
    }
}
