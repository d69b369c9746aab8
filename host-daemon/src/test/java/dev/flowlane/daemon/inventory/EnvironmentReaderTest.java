package dev.flowlane.daemon.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.Ethtool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What measurements depend on, read from trees and from this machine. */
class EnvironmentReaderTest {
    private static final String CPUS = "sys/devices/system/cpu/";

    @TempDir
    private Path root;

    private FakeRoot files;

    @BeforeEach
    void twoCpus() {
        files = new FakeRoot(root)
                .file(CPUS + "online", "0-1")
                .file("proc/self/status", "Cpus_allowed_list:\t0-1")
                .cpu(0, 0, 0, 0, "0,1")
                .cpu(1, 0, 0, 0, "0,1");
    }

    @Test
    void kernelProcessorClockAndSurroundings() {
        files.file("proc/sys/kernel/osrelease", "6.12.9")
                .file("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=UUID=1-2 quiet isolcpus=2-3 mitigations=off")
                .file("etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"")
                .file("proc/cpuinfo", "model name\t: EPYC\nmicrocode\t: 0xa0\nflags\t\t: fpu hypervisor sse")
                .file(CPUS + "smt/control", "on")
                .file(CPUS + "cpu0/cpufreq/scaling_governor", "performance")
                .file(CPUS + "cpu1/cpufreq/scaling_governor", "powersave")
                .file(CPUS + "intel_pstate/no_turbo", "1")
                .file(CPUS + "vulnerabilities/meltdown", "Mitigation: PTI")
                .file("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc")
                .file("proc/meminfo", "MemTotal:       16307288 kB\nMemFree: 1 kB")
                .file("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never")
                .file("proc/self/limits", "Max open files            1024                 524288               files")
                .file("run/irqbalance/irqbalance812.sock", "")
                .file("run/systemd/container", "lxc");

        assertThat(read().facts())
                .containsEntry("kernel.release", "6.12.9")
                .containsEntry("kernel.arguments", "isolcpus=2-3 mitigations=off")
                .containsEntry("distribution", "Debian GNU/Linux 12 (bookworm)")
                .containsEntry("cpu.model", "EPYC")
                .containsEntry("cpu.microcode", "0xa0")
                .containsEntry("cpu.smt", "on (cores share threads)")
                .containsEntry("cpu.governor", "performance (0), powersave (1)")
                .containsEntry("cpu.turbo", "off")
                .containsEntry("cpu.mitigation.meltdown", "Mitigation: PTI")
                .containsEntry("clock.source", "tsc")
                .containsEntry("memory.total", "16 GiB")
                .containsEntry("memory.transparent_hugepages", "madvise")
                .containsEntry("limit.open_files", "1024 524288")
                .containsEntry("machine.virtual", "yes")
                .containsEntry("process.irqbalance", "running")
                .containsEntry("container", "lxc");
    }

    @Test
    void theStrictestQuotaOfTheGroupsAboveCounts() {
        files.file("proc/self/cgroup", "0::/a/b")
                .file("sys/fs/cgroup/a/b/cpu.max", "max 100000")
                .file("sys/fs/cgroup/a/cpu.max", "150000 100000")
                .file("sys/fs/cgroup/cpu.max", "400000 100000")
                .file("sys/fs/cgroup/a/b/memory.max", "1073741824")
                .file("sys/fs/cgroup/a/memory.max", "max");

        assertThat(read().facts())
                .containsEntry("cgroup.cpu_quota", "1.50 CPUs (150000 of 100000 us)")
                .containsEntry("cgroup.memory_max", "1073741824");
    }

    @Test
    void quotasOfVersionOneAndNone() {
        files.file("proc/self/cgroup", "4:cpu,cpuacct:/x\n3:memory:/x")
                .file("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "-1")
                .file("sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000")
                .file("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712");

        assertThat(read().facts())
                .containsEntry("cgroup.cpu_quota", "none")
                .containsEntry("cgroup.memory_max", "none");
    }

    @Test
    void anInterfaceWithItsFirmwareRingsOffloadsAndInterrupts() {
        files.link("eth0", "0x1003", 2, 2, "INTERFACE=eth0")
                .file("sys/class/net/eth0/device/vendor", "0x15b3")
                .file("sys/class/net/eth0/mtu", "9000")
                .queue("eth0", 0, "0", 0)
                .file("sys/class/net/eth0/device/msi_irqs/40", "msix")
                .irq(40, "eth0-rx-0", "0-1", "1");
        Ethtool.Tuning tuning = new Ethtool.Tuning(
                "22.31.1014",
                new Ethtool.Rings(1024, 8192, 512, 8192),
                new Ethtool.Coalescing(8, 16, true, false),
                Map.of(Ethtool.Offload.GENERIC_RECEIVE, true, Ethtool.Offload.LARGE_RECEIVE, false));
        List<Nic> nics = new NicReader(root, _ -> Ethtool.Answer.UNKNOWN).read(List.of("eth0"));

        Environment environment = new EnvironmentReader(root, _ -> tuning).read(Machine.read(root), nics);

        assertThat(environment.facts())
                .containsEntry("nic.eth0.kind", "device")
                .containsEntry("nic.eth0.firmware", "22.31.1014")
                .containsEntry("nic.eth0.mtu", "9000")
                .containsEntry("nic.eth0.ring.rx", "1024 of 8192")
                .containsEntry("nic.eth0.ring.tx", "512 of 8192")
                .containsEntry("nic.eth0.coalescing.rx", "8 us, adaptive")
                .containsEntry("nic.eth0.coalescing.tx", "16 us")
                .containsEntry("nic.eth0.offload.generic_receive", "on")
                .containsEntry("nic.eth0.offload.large_receive", "off")
                .containsEntry("nic.eth0.irq_cpus", "0:0-1");
    }

    @Test
    void theFingerprintIsThatOfTheCanonicalText() {
        Environment environment = new Environment(new TreeMap<>(Map.of("b", "2", "a", "1")));

        // printf 'a=1\nb=2\n' | sha256sum
        assertThat(environment.fingerprint())
                .isEqualTo("4a73850fde34aad40ff8649b93a66523a5fe744357a3931caea0f10609d0d930");
    }

    @Test
    void whatIsMissingIsUnknownAndNothingIsMoreThanALine() {
        files.file("proc/cpuinfo", "model name\t: " + "x".repeat(500))
                .file("proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456");

        Environment environment = read();

        assertThat(environment.facts())
                .doesNotContainKeys("kernel.release", "cpu.governor", "clock.source", "cgroup.cpu_quota")
                .containsEntry("sysctl.net.ipv4.tcp_rmem", "4096 131072 6291456")
                .hasEntrySatisfying("cpu.model", model -> assertThat(model).hasSize(400).endsWith("…"));
    }

    @Test
    void thisMachineHasTheSameEnvironmentTwice() {
        EnvironmentReader reader = EnvironmentReader.ofSystem();
        Machine machine = Machine.read(Path.of("/"));
        List<Nic> nics = NicReader.ofSystem().read(List.of("lo"));

        Environment environment = reader.read(machine, nics);

        assertThat(environment.facts())
                .containsEntry("kernel.release", machine.kernelRelease())
                .containsKeys("cpu.model", "clock.source", "nic.lo.mtu", "nic.lo.offload.generic_segmentation");
        assertThat(reader.read(machine, nics)).isEqualTo(environment);
        assertThat(environment.facts().values()).noneMatch(content -> content.contains(machine.bootId()));
    }

    /** The kernel gives a sysctl to one read from its begin, and nothing to a second one. */
    @Test
    void sysctlsOfThisMachineAreReadWhole() throws IOException {
        Environment environment =
                EnvironmentReader.ofSystem().read(Machine.read(Path.of("/")), List.of());

        Process cat = new ProcessBuilder("cat", "/proc/sys/net/ipv4/ip_local_port_range").start();
        String range = new String(cat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();

        assertThat(environment.facts())
                .containsEntry("sysctl.net.ipv4.ip_local_port_range", range.replace('\t', ' '));
        assertThat(range).hasSizeGreaterThan(5);
    }

    private Environment read() {
        return EnvironmentReader.below(root).read(Machine.read(root), List.of());
    }
}
