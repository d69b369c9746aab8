package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.CpuSet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The machine under the daemon.
 *
 * @param bootId new at every boot of the kernel, the same in every container and namespace on it; empty when unknown
 * @param online CPUs that are running
 * @param allowed those of them that this process may use: its cpuset and its affinity
 * @param isolated CPUs the scheduler leaves alone (isolcpus)
 * @param cpuset what this process's cgroup allows; empty when unknown
 * @param flowTableEntries of the kernel's table for RFS, 0 off; -1 unknown
 * @param cpus the online ones
 * @param congestionControls names that TCP_CONGESTION takes without loading a module
 */
public record Machine(
        String hostname,
        String kernelRelease,
        String bootId,
        CpuSet online,
        CpuSet allowed,
        CpuSet isolated,
        CpuSet cpuset,
        int flowTableEntries,
        List<CpuTopology> cpus,
        List<String> congestionControls) {
    private static final String CPUS = "sys/devices/system/cpu/";

    public Machine {
        cpus = List.copyOf(cpus);
        congestionControls = List.copyOf(congestionControls);
    }

    /**
     * Reads {@code /proc} and {@code /sys}.
     *
     * @param root the root directory, or a tree that looks like it
     */
    public static Machine read(Path root) {
        Pseudo files = new Pseudo(root);
        CpuSet online = files.cpus(CPUS + "online");
        CpuSet allowed = statusCpus(files.text("proc/self/status", ""));
        if (online.isEmpty()) {
            online = allowed;
        }
        if (!online.isEmpty() && !allowed.isEmpty()) {
            allowed = allowed.and(online);
        }
        return new Machine(
                files.text("proc/sys/kernel/hostname", ""),
                files.text("proc/sys/kernel/osrelease", ""),
                files.text("proc/sys/kernel/random/boot_id", ""),
                online,
                allowed.isEmpty() ? online : allowed,
                files.cpus(CPUS + "isolated"),
                Cgroup.cpus(files),
                files.number("proc/sys/net/core/rps_sock_flow_entries", -1),
                topology(files, online),
                words(files.text("proc/sys/net/ipv4/tcp_available_congestion_control", "")));
    }

    /** The kernel keeps this mask within the cpuset (proc(5), Cpus_allowed_list). */
    static CpuSet statusCpus(String status) {
        Optional<String> line = status.lines()
                .filter(candidate -> candidate.startsWith("Cpus_allowed_list:"))
                .findFirst();
        return line.map(found -> Pseudo.cpuList(found.substring(found.indexOf(':') + 1)))
                .orElse(CpuSet.empty());
    }

    private static List<CpuTopology> topology(Pseudo files, CpuSet online) {
        List<CpuTopology> cpus = new ArrayList<>();
        for (int cpu : online.toArray()) {
            String directory = CPUS + "cpu" + cpu + "/";
            CpuSet siblings = files.cpus(directory + "topology/thread_siblings_list");
            cpus.add(new CpuTopology(
                    cpu,
                    files.number(directory + "topology/core_id", -1),
                    files.number(directory + "topology/physical_package_id", -1),
                    numaNode(files, directory),
                    siblings.isEmpty() ? CpuSet.of(cpu) : siblings));
        }
        return cpus;
    }

    /** The CPU's directory has a link {@code nodeN} to its node. */
    private static int numaNode(Pseudo files, String directory) {
        for (String name : files.names(directory)) {
            if (name.startsWith("node") && name.length() > 4 && name.chars().skip(4).allMatch(Character::isDigit)) {
                return Integer.parseInt(name.substring(4));
            }
        }
        return -1;
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.split("\\s+"));
    }
}
