package dev.flowlane.daemon.inventory;

import dev.flowlane.fuzz.FuzzTarget;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What kernels write into /sys and /proc: every file of a host at once is something else than expected. */
abstract class KernelFiles extends FuzzTarget {
    private static final String NET = "sys/class/net/eth0/";
    private static final List<String> FILES = List.of(
            "sys/devices/system/cpu/online",
            "sys/devices/system/cpu/isolated",
            "sys/devices/system/cpu/cpu0/topology/core_id",
            "sys/devices/system/cpu/cpu0/topology/thread_siblings_list",
            NET + "mtu",
            NET + "speed",
            NET + "flags",
            NET + "threaded",
            NET + "device/numa_node",
            NET + "queues/rx-0/rps_cpus",
            NET + "queues/rx-0/rps_flow_cnt",
            NET + "queues/tx-0/xps_cpus",
            "proc/irq/60/smp_affinity_list",
            "proc/irq/60/effective_affinity_list",
            "proc/interrupts",
            "proc/cmdline",
            "proc/self/cgroup",
            "proc/self/mounts",
            "proc/self/mountinfo",
            "proc/sys/net/core/rps_sock_flow_entries",
            "sys/fs/cgroup/cpuset.cpus.effective",
            "sys/fs/cgroup/cpu.max");

    private static final String[] GOOD = {
        "0-3", "1", "-1", "00000001,00000003", "0x1003", "1500", "max 100000", "0::/",
        "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0", " 60: 1 2 PCI-MSI 0-edge eth0-rx-0", "isolcpus=managed_irq,1-3 quiet"
    };

    @TempDir
    Path root = Path.of(".");

    KernelFiles() {
        super(Arrays.stream(GOOD)
                .map(text -> text.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new));
    }

    /** Reads the files of the host below the root. */
    abstract void readHost();

    @BeforeEach
    void makeRoot() throws IOException {
        for (String file : FILES) {
            Files.createDirectories(root.resolve(file).getParent());
        }
        Files.createDirectories(root.resolve(NET + "device/msi_irqs"));
        Files.writeString(root.resolve(NET + "device/msi_irqs/60"), "msix");
    }

    @Override
    protected final void read(byte[] input) {
        try {
            for (String file : FILES) {
                Files.write(root.resolve(file), input);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        readHost();
    }
}
