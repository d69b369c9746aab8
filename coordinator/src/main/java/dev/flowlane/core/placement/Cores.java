package dev.flowlane.core.placement;

import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What a flow takes of a machine when it takes a CPU: the CPU, or under {@link Smt#AVOID} the whole core. Each core
 * goes by its lowest CPU, which stands for it; where siblings may be shared, every CPU stands for itself.
 */
final class Cores {
    /** Only machines that have cores of several CPUs. */
    private final Map<String, CoreLayout> threaded = new HashMap<>();

    private Cores() {}

    /** The cores of the machines under these hosts, as far as the policy minds them. */
    static Cores of(Collection<HostCpus> hosts, PlacementPolicy policy) {
        var cores = new Cores();
        if (policy.smt() == Smt.AVOID && policy.exclusive() != Exclusive.NONE) {
            for (HostCpus host : hosts) {
                if (!host.layout().isPlain()) {
                    cores.threaded.merge(host.machineId(), host.layout(), CoreLayout::and);
                }
            }
        }
        return cores;
    }

    /** The CPU that stands for the core of this one; never a higher one. */
    int standIn(String machineId, int cpu) {
        CoreLayout layout = threaded.get(machineId);
        return layout == null ? cpu : layout.lowest(cpu);
    }

    /** The cores of the machine; null if every CPU stands for itself. */
    @Nullable CoreLayout of(String machineId) {
        return threaded.get(machineId);
    }

    /** Whether some core of the machine has several CPUs. */
    boolean threaded(String machineId) {
        return threaded.containsKey(machineId);
    }

    /** Every CPU that is taken with this one, itself included. */
    CpuSet takenWith(String machineId, int cpu) {
        CoreLayout layout = threaded.get(machineId);
        return layout == null ? CpuSet.of(cpu) : CpuSet.of(layout.core(cpu));
    }

    /** Who stands for the cores of these CPUs. */
    CpuSet standIns(String machineId, CpuSet cpus) {
        CoreLayout layout = threaded.get(machineId);
        return layout == null ? cpus : CpuSet.of(cpus.cpus().map(layout::lowest).toArray());
    }
}
