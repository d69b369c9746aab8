package dev.flowlane.core.placement;

import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a flow takes of a machine when it takes a CPU: the CPU, or under {@link Smt#AVOID} the whole core. Each core
 * goes by its lowest CPU, which stands for it; where siblings may be shared, every CPU stands for itself.
 */
final class Cores {
    /** Only machines that have cores of several CPUs. */
    private final Map<String, Threaded> threaded = new HashMap<>();

    private Cores() {}

    /** One machine's cores: who stands for each CPU, and what is taken with it (made when it is asked for). */
    private static final class Threaded {
        private final int[] standIn;
        private final @Nullable CpuSet[] taken;

        Threaded(int[] standIn) {
            this.standIn = standIn;
            this.taken = new CpuSet[standIn.length];
        }
    }

    /** The cores of the machines under these hosts, as far as the policy minds them. */
    static Cores of(Collection<HostCpus> hosts, PlacementPolicy policy) {
        var cores = new Cores();
        if (policy.smt() == Smt.AVOID && policy.exclusive() != Exclusive.NONE) {
            hosts.forEach(cores::add);
        }
        return cores;
    }

    /** Hosts of one machine tell the same, or each a part of it. */
    private void add(HostCpus host) {
        int highest = -1;
        for (CpuTopology cpu : host.cpus()) {
            if (cpu.smtSiblings().size() > 1) {
                highest = Math.max(highest, Math.max(cpu.cpu(), cpu.smtSiblings().last()));
            }
        }
        if (highest < 0) {
            return;
        }
        Threaded before = threaded.get(host.machineId());
        int known = before == null ? 0 : before.standIn.length;
        int[] standIn = IntStream.rangeClosed(0, Math.max(known - 1, highest)).toArray();
        if (before != null) {
            System.arraycopy(before.standIn, 0, standIn, 0, known);
        }
        for (CpuTopology cpu : host.cpus()) {
            if (cpu.smtSiblings().size() > 1) {
                CpuSet core = cpu.smtSiblings().with(cpu.cpu());
                int lowest = standIn[core.first()];
                core.cpus().forEach(sibling -> standIn[sibling] = lowest);
            }
        }
        threaded.put(host.machineId(), new Threaded(standIn));
    }

    /** The CPU that stands for the core of this one; never a higher one. */
    int standIn(String machineId, int cpu) {
        Threaded machine = threaded.get(machineId);
        return machine != null && cpu >= 0 && cpu < machine.standIn.length ? machine.standIn[cpu] : cpu;
    }

    /** Whether some core of the machine has several CPUs. */
    boolean threaded(String machineId) {
        return threaded.containsKey(machineId);
    }

    /** Every CPU that is taken with this one, itself included. */
    CpuSet takenWith(String machineId, int cpu) {
        Threaded machine = threaded.get(machineId);
        if (machine == null || cpu >= machine.standIn.length) {
            return CpuSet.of(cpu);
        }
        int lowest = machine.standIn[cpu];
        CpuSet taken = machine.taken[lowest];
        if (taken == null) {
            int[] standIn = machine.standIn;
            taken = CpuSet.of(IntStream.range(0, standIn.length).filter(c -> standIn[c] == lowest).toArray());
            machine.taken[lowest] = taken;
        }
        return taken;
    }

    /** Who stands for the cores of these CPUs. */
    CpuSet standIns(String machineId, CpuSet cpus) {
        return threaded(machineId)
                ? CpuSet.of(cpus.cpus().map(cpu -> standIn(machineId, cpu)).toArray())
                : cpus;
    }
}
