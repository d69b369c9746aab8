package dev.flowlane.core.placement;

import dev.flowlane.posix.CpuSet;

import java.util.List;

/**
 * What placement knows of a host.
 *
 * @param machineId the kernel under it: hosts of the same machine share its CPUs
 * @param allowed CPUs that its cpuset and affinity allow
 * @param isolated isolcpus; preferred where the application CPU is a free choice
 */
public record HostCpus(String hostId, String machineId, CpuSet allowed, CpuSet isolated, List<CpuTopology> cpus) {
    public HostCpus {
        cpus = List.copyOf(cpus);
    }
}
