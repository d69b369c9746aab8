package dev.flowlane.core.placement;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/** What placement knows of a host. Immutable; its cores are found once, for decisions without number. */
public final class HostCpus {
    private final String hostId;
    private final String machineId;
    private final CpuSet allowed;
    private final CpuSet isolated;
    private final List<CpuTopology> cpus;
    private final CoreLayout layout;

    /**
     * A host.
     *
     * @param machineId the kernel under it: hosts of the same machine share its CPUs
     * @param allowed CPUs that its cpuset and affinity allow
     * @param isolated isolcpus; preferred where the application CPU is a free choice
     */
    public HostCpus(String hostId, String machineId, CpuSet allowed, CpuSet isolated, List<CpuTopology> cpus) {
        this.hostId = hostId;
        this.machineId = machineId;
        this.allowed = allowed;
        this.isolated = isolated;
        this.cpus = List.copyOf(cpus);
        this.layout = CoreLayout.of(this.cpus);
    }

    /** Its id. */
    public String hostId() {
        return hostId;
    }

    /** The kernel under it. */
    public String machineId() {
        return machineId;
    }

    /** CPUs that its cpuset and affinity allow. */
    public CpuSet allowed() {
        return allowed;
    }

    /** CPUs that the kernel keeps other work off. */
    public CpuSet isolated() {
        return isolated;
    }

    /** Where each CPU is; empty when the host does not tell. */
    public List<CpuTopology> cpus() {
        return cpus;
    }

    CoreLayout layout() {
        return layout;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HostCpus host
                && hostId.equals(host.hostId)
                && machineId.equals(host.machineId)
                && allowed.equals(host.allowed)
                && isolated.equals(host.isolated)
                && cpus.equals(host.cpus);
    }

    @Override
    public int hashCode() {
        return Objects.hash(hostId, machineId, allowed, isolated);
    }

    @Override
    public String toString() {
        return "HostCpus[hostId=" + hostId + ", machineId=" + machineId + ", allowed=" + allowed + ", isolated="
                + isolated + ", cpus=" + cpus + "]";
    }
}
