package dev.flowlane.core.placement;

import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Which CPUs of one machine share a core. A CPU of which nothing is known is a core by itself. */
final class CoreLayout {
    private static final CoreLayout PLAIN = new CoreLayout(new int[0][]);

    /** By CPU: the CPUs of its core, ascending. */
    private final int[][] cores;

    private CoreLayout(int[][] cores) {
        this.cores = cores;
    }

    static CoreLayout of(List<CpuTopology> cpus) {
        int highest = -1;
        for (CpuTopology cpu : cpus) {
            if (cpu.smtSiblings().size() > 1) {
                highest = Math.max(highest, Math.max(cpu.cpu(), cpu.smtSiblings().last()));
            }
        }
        if (highest < 0) {
            return PLAIN;
        }
        // Sets of siblings that overlap are taken for one core, whatever an inventory says.
        int[] lowest = IntStream.rangeClosed(0, highest).toArray();
        for (CpuTopology cpu : cpus) {
            if (cpu.smtSiblings().size() > 1) {
                int[] core = cpu.smtSiblings().with(cpu.cpu()).toArray();
                int first = Arrays.stream(core).map(sibling -> lowest[sibling]).min().orElseThrow();
                for (int sibling : core) {
                    replace(lowest, lowest[sibling], first);
                }
            }
        }
        int[][] cores = new int[lowest.length][];
        for (int cpu = 0; cpu < lowest.length; cpu++) {
            int core = lowest[cpu];
            cores[cpu] = core == cpu
                    ? IntStream.range(cpu, lowest.length).filter(other -> lowest[other] == core).toArray()
                    : cores[core];
        }
        return new CoreLayout(cores);
    }

    private static void replace(int[] values, int old, int replacement) {
        if (old != replacement) {
            for (int i = 0; i < values.length; i++) {
                values[i] = values[i] == old ? replacement : values[i];
            }
        }
    }

    /** Of a machine of which two hosts tell: what either says to be one core is one. */
    CoreLayout and(CoreLayout other) {
        if (equals(other) || other.isPlain()) {
            return this;
        }
        var cpus = new ArrayList<CpuTopology>();
        for (CoreLayout layout : List.of(this, other)) {
            for (int cpu = 0; cpu < layout.cores.length; cpu++) {
                cpus.add(new CpuTopology(cpu, -1, -1, -1, CpuSet.of(layout.cores[cpu])));
            }
        }
        return of(cpus);
    }

    /** Whether every core is one CPU. */
    boolean isPlain() {
        return cores.length == 0;
    }

    /** The lowest CPU of the core. */
    int lowest(int cpu) {
        return cpu >= 0 && cpu < cores.length ? cores[cpu][0] : cpu;
    }

    /** The CPUs of the core, ascending; not to be changed. */
    int[] core(int cpu) {
        return cpu >= 0 && cpu < cores.length ? cores[cpu] : new int[] {cpu};
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CoreLayout layout && Arrays.deepEquals(cores, layout.cores);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(cores);
    }
}
