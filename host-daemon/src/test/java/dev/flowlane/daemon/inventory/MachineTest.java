package dev.flowlane.daemon.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** Reading {@code /proc} and {@code /sys}. */
class MachineTest {
    @TempDir
    private Path root;

    @Test
    void twoSocketsWithThreadsAndIsolatedCpus() {
        new FakeRoot(root)
                .file("sys/devices/system/cpu/online", "0-7")
                .file("sys/devices/system/cpu/isolated", "2-3")
                .file(
                        "proc/self/status",
                        "Name:\tjava\nCpus_allowed:\tff\nCpus_allowed_list:\t1-5\nMems_allowed_list:\t0")
                .file("proc/sys/kernel/hostname", "rack7-a")
                .file("proc/sys/kernel/osrelease", "6.18.44")
                .file("proc/sys/kernel/random/boot_id", "11111111-2222")
                .file("proc/sys/net/ipv4/tcp_available_congestion_control", "reno cubic bbr")
                .cpu(0, 0, 0, 0, "0,4")
                .cpu(5, 1, 1, 1, "1,5");

        Machine machine = Machine.read(root);

        assertThat(machine.allowed()).isEqualTo(CpuSet.parse("1-5"));
        assertThat(machine.isolated()).isEqualTo(CpuSet.parse("2-3"));
        assertThat(machine.hostname()).isEqualTo("rack7-a");
        assertThat(machine.bootId()).isEqualTo("11111111-2222");
        assertThat(machine.congestionControls()).containsExactly("reno", "cubic", "bbr");
        assertThat(machine.cpus()).hasSize(8);
        assertThat(machine.cpus().get(5)).isEqualTo(new CpuTopology(5, 1, 1, 1, CpuSet.parse("1,5")));
    }

    @Test
    void whatIsMissingIsUnknown() {
        new FakeRoot(root).file("proc/self/status", "Cpus_allowed_list:\t0-1");

        Machine machine = Machine.read(root);

        assertThat(machine.online()).isEqualTo(CpuSet.parse("0-1"));
        assertThat(machine.cpus().getFirst()).isEqualTo(new CpuTopology(0, -1, -1, -1, CpuSet.of(0)));
        assertThat(machine.bootId()).isEmpty();
    }

    @Test
    void cpusThatWentOfflineAreNotAllowedAndNonsenseIsUnknown() {
        new FakeRoot(root)
                .file("sys/devices/system/cpu/online", "0-1")
                .file("sys/devices/system/cpu/isolated", "(null)")
                .file("proc/self/status", "Cpus_allowed_list:\t0-3");

        Machine machine = Machine.read(root);

        assertThat(machine.allowed()).isEqualTo(CpuSet.parse("0-1"));
        assertThat(machine.isolated().isEmpty()).isTrue();
    }

    @Test
    void thisMachineCanBeRead() {
        Machine machine = Machine.read(Path.of("/"));

        assertThat(machine.allowed().isEmpty()).isFalse();
        assertThat(machine.online().containsAll(machine.allowed())).isTrue();
        assertThat(machine.kernelRelease()).isNotEmpty();
    }
}
