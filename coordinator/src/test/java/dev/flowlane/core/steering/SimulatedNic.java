package dev.flowlane.core.steering;

import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** An interface with queues, and what it really does with a packet: Toeplitz, table, interrupt. */
public final class SimulatedNic {
    private final int queues;
    private final String key;
    private final int entries;

    /** With a table filled by counting, as drivers do; queue n is served by CPU n. */
    public SimulatedNic(int queues, int seed) {
        this.queues = queues;
        this.entries = 128;
        StringBuilder digits = new StringBuilder();
        long state = seed;
        for (int i = 0; i < 80; i++) {
            state = state * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
            digits.append(Character.forDigit((int) (state >>> 60), 16));
        }
        this.key = digits.toString();
    }

    /** What the host tells of it, under the name eth0. */
    public HostNics told() {
        List<RxQueue> told = new ArrayList<>();
        for (int queue = 0; queue < queues; queue++) {
            told.add(new RxQueue(queue, CpuSet.of(queue), CpuSet.empty()));
        }
        Hashing hashing = new Hashing(true, key, false, "sdfn", "sdfn",
                new IndirectionTable(entries, IntStream.range(0, queues).boxed().toList()), true);
        return new HostNics(
                Map.of("eth0", new Nic("eth0", Nic.Kind.DEVICE, List.of(), queues, told, hashing)));
    }

    /** Where a packet is received. */
    public int receiveCpu(String source, int sourcePort, String destination, int destinationPort) {
        FourTuple packet = new FourTuple(
                ToeplitzTest.address(source), sourcePort, ToeplitzTest.address(destination), destinationPort);
        int hash = Toeplitz.of(key).hash(packet, Toeplitz.Fields.FOUR_TUPLE);
        return (hash & (entries - 1)) % queues;
    }
}
