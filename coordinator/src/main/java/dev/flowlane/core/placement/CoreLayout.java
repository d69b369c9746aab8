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

    /** CPU numbers that no CPU can have are left out of account: an inventory is a stranger's word. */
    static CoreLayout of(List<CpuTopology> cpus) {
        int highest = -1;
        for (CpuTopology cpu : cpus) {
            if (isThreaded(cpu)) {
                highest = Math.max(highest, Math.max(cpu.cpu(), cpu.smtSiblings().last()));
            }
        }
        if (highest < 0) {
            return PLAIN;
        }
        int[] lower = IntStream.rangeClosed(0, highest).toArray();
        for (CpuTopology cpu : cpus) {
            if (isThreaded(cpu)) {
                cpu.smtSiblings().cpus().forEach(sibling -> join(lower, sibling, cpu.cpu()));
            }
        }
        int[] sizes = new int[lower.length];
        for (int cpu = 0; cpu < lower.length; cpu++) {
            sizes[lowest(lower, cpu)]++;
        }
        int[][] cores = new int[lower.length][];
        for (int cpu = lower.length - 1; cpu >= 0; cpu--) {
            int first = lowest(lower, cpu);
            cores[first] = cores[first] == null ? new int[sizes[first]] : cores[first];
            cores[first][--sizes[first]] = cpu;
            cores[cpu] = cores[first];
        }
        return new CoreLayout(cores);
    }

    private static boolean isThreaded(CpuTopology cpu) {
        return cpu.smtSiblings().size() > 1 && cpu.cpu() >= 0 && cpu.cpu() < CpuSet.MAX_CPUS;
    }

    /** Sets of siblings that overlap are taken for one core, whatever an inventory says. */
    private static void join(int[] lower, int a, int b) {
        int one = lowest(lower, a);
        int other = lowest(lower, b);
        lower[Math.max(one, other)] = Math.min(one, other);
    }

    /** The lowest CPU that is joined with this one; shortens the way there. */
    private static int lowest(int[] lower, int cpu) {
        int at = cpu;
        while (lower[at] != at) {
            lower[at] = lower[lower[at]];
            at = lower[at];
        }
        return at;
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
