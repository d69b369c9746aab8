package dev.flowlane.core.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

class QueuePredictionTest {
    /** Hash 51ccc178 with {@link ToeplitzTest#KEY}; its lowest seven bits are 120. */
    private static final FourTuple PACKET =
            new FourTuple(ToeplitzTest.address("66.9.149.187"), 2794, ToeplitzTest.address("161.142.100.80"), 1766);

    private static final Hashing TOEPLITZ = new Hashing(
            true, ToeplitzTest.KEY, false, "sdfn", "sdfn", IndirectionTable.parse(128, "0-7"), true);

    @Test
    void theTablesEntryAndTheInterruptsCpu() {
        // 120 % 8 is queue 0, whose interrupt is on CPU 10.
        assertThat(predict(device(8, TOEPLITZ, queue -> queue))).isEqualTo(new QueuePrediction.Cpu(10));
        // An uneven pattern: entry 120 of 0,0,0,5 repeated is its first.
        Hashing uneven = with(IndirectionTable.parse(128, "5,0,0,0"), true);
        assertThat(predict(device(8, uneven, queue -> queue))).isEqualTo(new QueuePrediction.Cpu(15));
    }

    @Test
    void rpsPicksByTheWholeHash() {
        CpuSet mask = CpuSet.parse("2,4,6,7");
        Nic nic = device(8, TOEPLITZ, queue -> new RxQueue(queue.queue(), queue.irqCpus(), mask));

        // 0x51ccc178 * 4 >> 32 is 1: the second of the mask.
        assertThat(predict(nic)).isEqualTo(new QueuePrediction.Cpu(4));
    }

    @Test
    void rpsWithoutAHashOfTheInterfacesOwnCannotBeForetold() {
        CpuSet mask = CpuSet.parse("2-3");
        UnaryOperator<RxQueue> steered = queue -> new RxQueue(queue.queue(), queue.irqCpus(), mask);
        Hashing addresses = new Hashing(
                true, ToeplitzTest.KEY, false, "sd", "sd", IndirectionTable.parse(128, "0-7"), true);

        assertUnknown(predict(device(8, with(IndirectionTable.parse(128, "0-7"), false), steered)), "hash");
        assertUnknown(predict(device(8, addresses, steered)), "hash");
        UnaryOperator<RxQueue> single = queue -> new RxQueue(queue.queue(), queue.irqCpus(), CpuSet.of(3));
        assertThat(predict(device(8, addresses, single))).isEqualTo(new QueuePrediction.Cpu(3));
    }

    @Test
    void oneQueueNeedsNoHash() {
        assertThat(predict(device(1, null, queue -> queue))).isEqualTo(new QueuePrediction.Cpu(10));
    }

    @Test
    void whatIsNotToldIsNotGuessed() {
        assertUnknown(predict(device(8, null, queue -> queue)), "Toeplitz key");
        assertUnknown(predict(device(8, with(null, true), queue -> queue)), "indirection table");
        Hashing odd = with(IndirectionTable.parse(96, "0-7"), true);
        assertUnknown(predict(device(8, odd, queue -> queue)), "power of two");
        Hashing symmetric = new Hashing(true, ToeplitzTest.KEY, true, "sdfn", "sdfn", TOEPLITZ.table(), true);
        assertUnknown(predict(device(8, symmetric, queue -> queue)), "Toeplitz key");
        Hashing zeros = new Hashing(true, "0".repeat(80), false, "sdfn", "sdfn", TOEPLITZ.table(), true);
        assertUnknown(predict(device(8, zeros, queue -> queue)), "Toeplitz key");
        Hashing xor = new Hashing(false, ToeplitzTest.KEY, false, "sdfn", "sdfn", TOEPLITZ.table(), true);
        assertUnknown(predict(device(8, xor, queue -> queue)), "Toeplitz key");
        Hashing far = with(IndirectionTable.parse(128, "40"), true);
        assertUnknown(predict(device(8, far, queue -> queue)), "queue 40");
        assertUnknown(
                predict(device(8, TOEPLITZ, queue -> new RxQueue(queue.queue(), CpuSet.parse("0-3"), CpuSet.empty()))),
                "served by CPUs 0-3");
    }

    @Test
    void aVlanIsTheInterfaceBelowAndABondOfTwoIsNot() {
        Nic below = device(8, TOEPLITZ, queue -> queue);
        Nic vlan = new Nic("eth0.7", Nic.Kind.STACKED, List.of("eth0"), 1, List.of(), null);
        Nic bond = new Nic("bond0", Nic.Kind.STACKED, List.of("eth0", "eth1"), 1, List.of(), null);
        HostNics nics = new HostNics(Map.of("eth0", below, "eth0.7", vlan, "bond0", bond));

        assertThat(QueuePrediction.at(nics, "eth0.7").of(PACKET)).isEqualTo(new QueuePrediction.Cpu(10));
        assertUnknown(QueuePrediction.at(nics, "bond0").of(PACKET), "2 interfaces");
        assertUnknown(QueuePrediction.at(nics, "gone").of(PACKET), "nothing of interface 'gone'");
    }

    @Test
    void interfacesThatRestOnEachOtherEnd() {
        Nic a = new Nic("a", Nic.Kind.STACKED, List.of("b"), 1, List.of(), null);
        Nic b = new Nic("b", Nic.Kind.STACKED, List.of("a"), 1, List.of(), null);

        assertUnknown(QueuePrediction.at(new HostNics(Map.of("a", a, "b", b)), "a").of(PACKET), "too many");
    }

    @Test
    void theKernelsOwnHashHasARandomKey() {
        RxQueue spread = new RxQueue(0, CpuSet.empty(), CpuSet.parse("0-1"));
        RxQueue one = new RxQueue(0, CpuSet.empty(), CpuSet.of(1));

        assertUnknown(predict(new Nic("eth0", Nic.Kind.SOFTWARE, List.of(), 1, List.of(spread), null)), "key");
        assertThat(predict(new Nic("eth0", Nic.Kind.SOFTWARE, List.of(), 1, List.of(one), null)))
                .isEqualTo(new QueuePrediction.Cpu(1));
    }

    private static QueuePrediction.Outcome predict(Nic nic) {
        return QueuePrediction.at(new HostNics(Map.of("eth0", nic)), "eth0").of(PACKET);
    }

    private static void assertUnknown(QueuePrediction.Outcome outcome, String why) {
        assertThat(outcome).isInstanceOfSatisfying(
                QueuePrediction.Unknown.class, unknown -> assertThat(unknown.why()).contains(why));
    }

    private static Hashing with(@Nullable IndirectionTable table, boolean reported) {
        return new Hashing(true, ToeplitzTest.KEY, false, "sdfn", "sdfn", table, reported);
    }

    /** Queue n is served by CPU 10 + n. */
    private static Nic device(int queues, @Nullable Hashing hashing, UnaryOperator<RxQueue> change) {
        List<RxQueue> all = new ArrayList<>();
        IntStream.range(0, queues)
                .forEach(queue -> all.add(change.apply(new RxQueue(queue, CpuSet.of(10 + queue), CpuSet.empty()))));
        return new Nic("eth0", Nic.Kind.DEVICE, List.of(), queues, all, hashing);
    }
}
