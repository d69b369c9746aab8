package dev.flowlane.core.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.doctor.Diagnosis.Level;
import dev.flowlane.core.doctor.HostSnapshot.Core;
import dev.flowlane.core.doctor.HostSnapshot.Nic;
import dev.flowlane.core.doctor.HostSnapshot.Queue;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Each check with each verdict it can come to; a host that is set up well has nothing but OK. */
class DoctorTest {
    private static final CpuSet ALL = CpuSet.parse("0-3");

    private CpuSet allowed = ALL;
    private CpuSet isolated = CpuSet.parse("2-3");
    private boolean threads;
    private int mtu = 9000;
    private int nicNode;
    private final List<Queue> queues = new ArrayList<>(List.of(queue(0, "0", "", "0"), queue(1, "1", "", "1")));
    private final Map<String, String> facts = new HashMap<>(Map.ofEntries(
            Map.entry("cpu.governor", "performance"),
            Map.entry("cpu.turbo", "off"),
            Map.entry("cpu.idle_states", "POLL C1"),
            Map.entry("machine.virtual", "no"),
            Map.entry("clock.source", "tsc"),
            Map.entry("clock.available", "tsc hpet"),
            Map.entry("container", "none"),
            Map.entry("cgroup.cpu_quota", "none"),
            Map.entry("cgroup.memory_max", "none"),
            Map.entry("limit.open_files", "65536 65536"),
            Map.entry("sysctl.net.core.rmem_max", "67108864"),
            Map.entry("sysctl.net.core.wmem_max", "67108864"),
            Map.entry("sysctl.net.ipv4.tcp_rmem", "4096 131072 67108864"),
            Map.entry("sysctl.net.ipv4.tcp_wmem", "4096 16384 67108864"),
            Map.entry("sysctl.net.core.somaxconn", "4096"),
            Map.entry("sysctl.net.ipv4.ip_local_port_range", "32768 60999"),
            Map.entry("nic.eth0.state", "up"),
            Map.entry("nic.eth0.speed", "25000000000 bit/s"),
            Map.entry("nic.eth0.duplex", "full"),
            Map.entry("nic.eth0.offload.tcp_segmentation", "on"),
            Map.entry("nic.eth0.offload.generic_receive", "on"),
            Map.entry("nic.eth0.ring.rx", "4096 of 8192"),
            Map.entry("nic.eth0.ring.tx", "4096 of 8192"),
            Map.entry("nic.eth0.coalescing.rx", "8 us")));

    private static Queue queue(int number, String irqCpus, String rpsCpus, String xpsCpus) {
        CpuSet irq = CpuSet.parse(irqCpus);
        return new Queue(number, 40 + number, irq, CpuSet.of(irq.first()), set(rpsCpus), set(xpsCpus));
    }

    private static CpuSet set(String cpus) {
        return cpus.isEmpty() ? CpuSet.empty() : CpuSet.parse(cpus);
    }

    private List<Diagnosis> examine() {
        List<Core> cores = List.of(core(0), core(1), core(2), core(3));
        Nic nic = new Nic("eth0", true, nicNode, mtu, queues.size(), queues.size(), queues);
        return Doctor.examine(new HostSnapshot(ALL, allowed, isolated, cores, List.of(nic), facts));
    }

    private Core core(int cpu) {
        return new Core(cpu, 0, threads ? CpuSet.of(cpu % 2, cpu % 2 + 2) : CpuSet.of(cpu));
    }

    private Diagnosis the(String check) {
        return examine().stream()
                .filter(diagnosis -> diagnosis.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    private void expect(String check, Level level, String mend) {
        Diagnosis diagnosis = the(check);
        assertThat(diagnosis.level()).as(diagnosis.toString()).isEqualTo(level);
        assertThat(diagnosis.mend()).contains(mend);
        assertThat(examine())
                .as("nothing else")
                .filteredOn(other -> other.level() != Level.OK)
                .extracting(Diagnosis::check)
                .containsExactly(check);
    }

    @Test
    void aHostThatIsSetUpWellHasNothing() {
        assertThat(examine()).hasSizeGreaterThan(25).allSatisfy(diagnosis -> {
            assertThat(diagnosis.level()).as(diagnosis.toString()).isEqualTo(Level.OK);
            assertThat(diagnosis.mend()).isEmpty();
            assertThat(diagnosis.found()).isNotBlank();
        });
    }

    @Test
    void whatIsUnknownIsNoFault() {
        facts.clear();

        assertThat(examine()).extracting(Diagnosis::level).containsOnly(Level.OK);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cpu.governor | powersave (0-3) | governor | WARN | cpupower frequency-set
            cpu.turbo | on | turbo | WARN | cpufreq/boost
            cpu.idle_states | POLL C1 C6 | idle | WARN | cpupower idle-set
            machine.virtual | yes | virtual | WARN | bare metal
            clock.source | hpet | clock | WARN | echo tsc >
            process.irqbalance | running | irqbalance | WARN | systemctl disable
            cgroup.cpu_quota | 1.50 CPUs (150000 of 100000 us) | quota | FAIL | --cpus 0
            cgroup.memory_max | 134217728 | memory | WARN | --memory
            limit.open_files | 256 65536 | open-files | FAIL | ulimit -n
            limit.open_files | 1024 65536 | open-files | WARN | ulimit -n
            sysctl.net.core.rmem_max | 212992 | net.core.rmem_max | WARN | sysctl -w net.core.rmem_max=
            sysctl.net.core.wmem_max | 212992 | net.core.wmem_max | WARN | sysctl -w net.core.wmem_max=
            sysctl.net.ipv4.tcp_rmem | 4096 131072 1048576 | net.ipv4.tcp_rmem | WARN | "4096 131072 67108864"
            sysctl.net.ipv4.tcp_wmem | 4096 16384 1048576 | net.ipv4.tcp_wmem | WARN | "4096 16384 67108864"
            sysctl.net.core.somaxconn | 128 | net.core.somaxconn | WARN | somaxconn=4096
            sysctl.net.ipv4.ip_local_port_range | 40000 41000 | net.ipv4.ip_local_port_range | WARN | 32768 60999
            nic.eth0.state | down | nic.eth0.link | FAIL | ip link set eth0 up
            nic.eth0.duplex | half | nic.eth0.link | WARN | duplex full
            nic.eth0.offload.generic_receive | off | nic.eth0.offloads | WARN | ethtool -K eth0 gro on
            nic.eth0.ring.rx | 256 of 8192 | nic.eth0.rings | WARN | ethtool -G eth0 rx 4096
            nic.eth0.coalescing.rx | 8 us, adaptive | nic.eth0.coalescing | WARN | adaptive-rx off
            """)
    void aFactThatSpoilsMeasurementsIsNamedWithItsMend(
            String fact, String content, String check, Level level, String mend) {
        facts.put(fact, content);

        expect(check, level, mend);
    }

    @Test
    void theCpusetLeavesCpusOutOrAllButOne() {
        allowed = CpuSet.parse("1-3");
        expect("cpuset", Level.WARN, "AllowedCPUs=0-3");

        allowed = CpuSet.of(2);
        expect("cpuset", Level.WARN, "AllowedCPUs=0-3");

        allowed = CpuSet.empty();
        assertThat(the("cpuset").level()).isEqualTo(Level.FAIL);
    }

    @Test
    void threadsOfOneCore() {
        threads = true;

        expect("smt", Level.WARN, "smt/control");
    }

    @Test
    void cpusAreNotIsolatedOrNotAllowed() {
        isolated = CpuSet.empty();
        expect("isolated", Level.WARN, "isolcpus=");

        isolated = CpuSet.of(7);
        expect("isolated", Level.WARN, "AllowedCPUs=0-3,7");
    }

    @Test
    void aSmallMtu() {
        mtu = 1400;

        expect("nic.eth0.mtu", Level.WARN, "mtu 1500");
    }

    @Test
    void aNicOnAnotherNode() {
        nicNode = 1;

        expect("nic.eth0.numa", Level.WARN, "node1/cpulist");
    }

    @Test
    void oneQueueForAllFlows() {
        queues.removeLast();

        expect("nic.eth0.queues", Level.WARN, "ethtool -L eth0 combined 4");
    }

    @Test
    void interruptsThatMayMoveOrShareACpu() {
        queues.set(1, queue(1, "0-3", "", "1"));
        expect("nic.eth0.interrupts", Level.WARN, "/proc/irq/41/smp_affinity_list");

        queues.set(1, queue(1, "0", "", "1"));
        expect("nic.eth0.interrupts", Level.WARN, "/proc/irq/41/smp_affinity_list");
    }

    @Test
    void packetSteeringOnTopOfQueues() {
        queues.set(1, queue(1, "1", "0-3", "1"));

        expect("nic.eth0.rps", Level.WARN, "rps_cpus");
    }

    @Test
    void transmitQueuesThatAreShared() {
        queues.set(0, queue(0, "0", "", ""));
        queues.set(1, queue(1, "1", "", ""));

        expect("nic.eth0.xps", Level.WARN, "xps_cpus");
    }

    @Test
    void linksThatAreDownCanBeLeftOut() {
        facts.put("nic.eth1.state", "down");
        Nic used = new Nic("eth0", true, -1, 1500, 1, 1, List.of());
        Nic idle = new Nic("eth1", true, -1, 1500, 1, 1, List.of());
        HostSnapshot host = new HostSnapshot(ALL, ALL, isolated, List.of(core(0)), List.of(used, idle), facts);

        assertThat(host.withoutIdleLinks().nics()).containsExactly(used);
        assertThat(Doctor.examine(host)).anyMatch(diagnosis -> diagnosis.level() == Level.FAIL);
    }

    @Test
    void loopbackIsOnlyAskedWhatItHas() {
        Nic loopback = new Nic("lo", false, -1, 65_536, 1, 1, List.of());
        HostSnapshot host = new HostSnapshot(ALL, ALL, isolated, List.of(core(0)), List.of(loopback), facts);

        assertThat(Doctor.examine(host))
                .extracting(Diagnosis::check)
                .contains("nic.lo.link", "nic.lo.mtu", "nic.lo.offloads")
                .doesNotContain("nic.lo.queues", "nic.lo.xps");
    }
}
