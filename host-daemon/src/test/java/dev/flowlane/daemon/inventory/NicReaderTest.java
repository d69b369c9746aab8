package dev.flowlane.daemon.inventory;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.Ethtool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Interfaces out of trees that look like {@code /sys} and {@code /proc}. */
class NicReaderTest {
    private static final String PLAIN = "0x1003";

    @TempDir
    private Path root;

    private FakeRoot files;

    @BeforeEach
    void openRoot() {
        files = new FakeRoot(root);
    }

    @Test
    void aCardWithItsQueuesAndTheirInterrupts() {
        card("eth0");
        for (int queue = 0; queue < 4; queue++) {
            files.queue("eth0", queue, queue == 2 ? "00000001,00000003" : "0", 0)
                    .file("sys/class/net/eth0/queues/tx-" + queue + "/xps_cpus", "00000000,0000000" + (1 << queue))
                    .file("sys/class/net/eth0/device/msi_irqs/" + (60 + queue), "msix")
                    .irq(60 + queue, "mlx5_comp" + queue + "@pci:0000:03:00.0", "0-7", Integer.toString(queue + 4));
        }
        files.file("sys/class/net/eth0/device/msi_irqs/59", "msix")
                .irq(59, "mlx5_async0@pci:0000:03:00.0", "0-7", "7");

        Nic nic = read(name -> new Ethtool.Answer(
                        "mlx5_core", "0000:03:00.0", 4, null, -1, true, hashing(128, 4)))
                .getFirst();

        assertThat(nic.driver()).isEqualTo("mlx5_core");
        assertThat(nic.busAddress()).isEqualTo("0000:03:00.0");
        assertThat(nic.numaNode()).isEqualTo(1);
        assertThat(nic.speedBitsPerSecond()).isEqualTo(25_000_000_000L);
        assertThat(nic.mtuBytes()).isEqualTo(9000);
        assertThat(nic.rxQueues()).isEqualTo(4);
        assertThat(nic.txQueues()).isEqualTo(4);
        assertThat(nic.queues()).hasSize(4);
        assertThat(nic.queues().get(2)).isEqualTo(new NicQueue(
                2, 62, CpuSet.parse("0-7"), CpuSet.of(6), CpuSet.parse("0-1,32"), 0, 62, CpuSet.of(2)));
        assertThat(nic.queues().get(3).rpsCpus().isEmpty()).isTrue();
        assertThat(nic.rss()).isEqualTo(new Rss(
                Rss.Function.TOEPLITZ, "6d5a", false, "sdfn", "sd", 128, "0-3", true));
    }

    @Test
    void interruptsOfAVirtioDeviceAreThoseOfItsCarrier() {
        files.link("eth0", PLAIN, 2, 2, "")
                .file("sys/devices/pci0/virtio2/vendor", "x")
                .link("sys/class/net/eth0/device", "../../../devices/pci0/virtio2")
                .queue("eth0", 0, "0", 0)
                .file("sys/class/net/eth0/queues/tx-0/xps_cpus", "1")
                .file("sys/devices/pci0/numa_node", "0");
        String[] names = {"virtio2-config", "virtio2-input.0", "virtio2-output.0"};
        for (int i = 0; i < names.length; i++) {
            files.file("sys/devices/pci0/msi_irqs/" + (37 + i), "msix").irq(37 + i, names[i], "0-1", "1");
        }

        Nic nic = read(name -> Ethtool.Answer.UNKNOWN).getFirst();

        assertThat(nic.queues().getFirst().rxIrq()).isEqualTo(38);
        assertThat(nic.queues().getFirst().txIrq()).isEqualTo(39);
        assertThat(nic.numaNode()).isZero();
    }

    @Test
    void namesOfInterruptsComeFromTheTableWhereTheDirectoriesAreHidden() {
        card("eth0");
        files.queue("eth0", 0, "0", 0)
                .queue("eth0", 1, "0", 0)
                .file("sys/class/net/eth0/device/msi_irqs/130", "msix")
                .file("sys/class/net/eth0/device/msi_irqs/131", "msix")
                .file("proc/interrupts", """
                           CPU0       CPU1
                 130:     122446          0 PCI-MSIX-0000:00:05.0   1-edge      eth0-TxRx-0
                 131:          0      19713 PCI-MSIX-0000:00:05.0   2-edge      eth0-TxRx-1
                 NMI:          0          0   Non-maskable interrupts""")
                .file("proc/irq/131/smp_affinity_list", "1");

        Nic nic = read(name -> Ethtool.Answer.UNKNOWN).getFirst();

        assertThat(nic.queues()).extracting(NicQueue::rxIrq).containsExactly(130, 131);
        assertThat(nic.queues().get(1).rxIrqCpus()).isEqualTo(CpuSet.of(1));
        assertThat(nic.queues().get(1).rxIrqEffectiveCpus().isEmpty()).isTrue();
        assertThat(nic.driver()).as("without ethtool").isEqualTo("mlx5_core");
        assertThat(nic.rss()).isNull();
    }

    @Test
    void theInterfacesBelowABondAreReadWithIt() {
        card("eth0");
        card("eth1");
        files.link("bond0", PLAIN, 9, 9, "DEVTYPE=bond")
                .file("sys/class/net/bond0/lower_eth0/x", "")
                .file("sys/class/net/bond0/lower_eth1/x", "")
                .link("mgmt0", PLAIN, 11, 11, "");

        List<Nic> nics = new NicReader(root, name -> Ethtool.Answer.UNKNOWN).read(List.of("bond0", "eth0", "gone0"));

        assertThat(nics).extracting(Nic::name).containsExactly("bond0", "eth0", "eth1");
        assertThat(nics.getFirst().lower()).containsExactly("eth0", "eth1");
        assertThat(nics.getFirst().kind()).isEqualTo(Link.Kind.STACKED);
    }

    @Test
    void whatIsMissingIsUnknown() {
        files.link("eth0", PLAIN, 2, 2, "").file("sys/class/net/eth0/device/vendor", "x").queue("eth0", 0, "zz", 0);

        Nic nic = read(name -> Ethtool.Answer.UNKNOWN).getFirst();

        assertThat(nic).isEqualTo(new Nic(
                "eth0", Link.Kind.DEVICE, List.of(), "", "", -1, -1, -1, 1, 0, false,
                List.of(new NicQueue(
                        0, -1, CpuSet.empty(), CpuSet.empty(), CpuSet.empty(), 0, -1, CpuSet.empty())), null));
    }

    @Test
    void moreQueuesThanAreToldAreCounted() {
        card("eth0");
        for (int queue = 0; queue < 300; queue++) {
            files.queue("eth0", queue, "0", 0);
        }

        Nic nic = read(name -> Ethtool.Answer.UNKNOWN).getFirst();

        assertThat(nic.rxQueues()).isEqualTo(300);
        assertThat(nic.queues()).hasSize(256);
    }

    @Test
    void aTableIsToldByItsShortestRepetition() {
        assertThat(Rss.pattern(IntStream.range(0, 1024).map(i -> i % 64).boxed().toList())).isEqualTo("0-63");
        assertThat(Rss.pattern(IntStream.range(0, 128).map(i -> i % 6).boxed().toList())).isEqualTo("0-5");
        assertThat(Rss.pattern(List.of(3, 3, 3, 3))).isEqualTo("3");
        assertThat(Rss.pattern(List.of(0, 1, 2, 7, 0, 5, 6))).isEqualTo("0-2,7,0,5-6");
        assertThat(Rss.pattern(List.of())).isEmpty();
    }

    private void card(String name) {
        files.link(name, PLAIN, 2, 2, "")
                .file("sys/class/net/" + name + "/device/numa_node", "1")
                .link("sys/class/net/" + name + "/device/driver", "../../bus/pci/drivers/mlx5_core")
                .file("sys/class/net/" + name + "/speed", "25000")
                .file("sys/class/net/" + name + "/mtu", "9000");
    }

    private List<Nic> read(Function<String, Ethtool.Answer> ethtool) {
        return new NicReader(requireNonNull(root), ethtool).read(List.of("eth0"));
    }

    private static Ethtool.Hashing hashing(int entries, int queues) {
        int fields = Ethtool.Hashing.SOURCE_ADDRESS | Ethtool.Hashing.DESTINATION_ADDRESS;
        return new Ethtool.Hashing(
                Ethtool.Hashing.TOEPLITZ,
                "6d5a",
                0,
                IntStream.range(0, entries).map(i -> i % queues).boxed().toList(),
                fields | Ethtool.Hashing.SOURCE_PORT | Ethtool.Hashing.DESTINATION_PORT,
                fields);
    }
}
