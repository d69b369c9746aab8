package dev.flowlane.cli;

import dev.flowlane.avro.Cpu;
import dev.flowlane.avro.Host;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The CPUs of a machine as text: a line for each NUMA node of each socket, in it the cores, siblings joined by
 * {@code +}. Neighbouring cores that are alike are one cell: {@code 0-7+64-71} are eight cores with two threads each. A
 * letter after a CPU or a range of them says what is special about it.
 */
final class MachineDrawing {
    private static final String INDENT = "  ";

    private final Host host;
    private final CpuSet allowed;
    private final CpuSet isolated;
    private final CpuSet claimed;
    private final int width;

    /**
     * A drawing to be made.
     *
     * @param claimed CPUs that runs hold
     * @param width columns of the terminal
     */
    MachineDrawing(Host host, CpuSet claimed, int width) {
        this.host = host;
        this.allowed = cpus(host.getAllowedCpus());
        this.isolated = cpus(host.getIsolatedCpus());
        this.claimed = claimed;
        this.width = width;
    }

    /** Neighbouring cores that are drawn as one: the threads of the first, how many cores, marks by thread. */
    private record Cell(CpuSet first, int cores, List<String> marks) {
        /** Whether a core goes on where this ends: every thread is that of the first, shifted. */
        boolean continuedBy(CpuSet core, List<String> coreMarks) {
            int[] shifted = first.cpus().map(cpu -> cpu + cores).toArray();
            return coreMarks.equals(marks) && core.equals(CpuSet.of(shifted));
        }

        @Override
        public String toString() {
            int[] threads = first.toArray();
            List<String> ranges = new ArrayList<>();
            for (int i = 0; i < threads.length; i++) {
                String range = cores == 1 ? "" + threads[i] : threads[i] + "-" + (threads[i] + cores - 1);
                ranges.add(range + marks.get(i));
            }
            return String.join("+", ranges);
        }
    }

    /** Every line with its line feed; empty when the host tells nothing of its CPUs. */
    String text() {
        Map<Integer, Map<Integer, List<Cpu>>> sockets = new TreeMap<>();
        for (Cpu cpu : host.getCpus()) {
            sockets.computeIfAbsent(cpu.getPackageId(), id -> new TreeMap<>())
                    .computeIfAbsent(cpu.getNumaNode(), id -> new ArrayList<>())
                    .add(cpu);
        }
        if (sockets.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        text.append("CPUs by core, threads of a core joined by +").append(legend()).append('\n');
        sockets.forEach((socket, nodes) -> nodes.forEach((node, cpus) -> {
            String name = INDENT + "socket " + number(socket) + INDENT + "node " + number(node) + INDENT;
            text.append(Wrapped.cells(name, cells(cpus).stream().map(Cell::toString).toList(), INDENT, width));
        }));
        return text.toString();
    }

    private String legend() {
        List<String> legend = new ArrayList<>();
        if (!isolated.isEmpty()) {
            legend.add("i isolated");
        }
        if (!cpus(host.getOnlineCpus()).minus(allowed).isEmpty()) {
            legend.add("x not allowed");
        }
        if (!claimed.isEmpty()) {
            legend.add("* claimed");
        }
        return legend.isEmpty() ? "" : " (" + String.join(", ", legend) + ")";
    }

    private List<Cell> cells(List<Cpu> cpus) {
        Map<Integer, CpuSet> cores = new TreeMap<>();
        for (Cpu cpu : cpus) {
            CpuSet threads = cpus(cpu.getSmtSiblings()).with(cpu.getCpu());
            cores.putIfAbsent(threads.first(), threads);
        }
        List<Cell> cells = new ArrayList<>();
        for (CpuSet core : cores.values().stream().sorted(Comparator.comparingInt(CpuSet::first)).toList()) {
            List<String> marks = core.cpus().mapToObj(this::marks).toList();
            Cell last = cells.isEmpty() ? null : cells.getLast();
            if (last != null && last.continuedBy(core, marks)) {
                cells.set(cells.size() - 1, new Cell(last.first(), last.cores() + 1, marks));
            } else {
                cells.add(new Cell(core, 1, marks));
            }
        }
        return cells;
    }

    private String marks(int cpu) {
        return (isolated.contains(cpu) ? "i" : "")
                + (allowed.contains(cpu) ? "" : "x")
                + (claimed.contains(cpu) ? "*" : "");
    }

    private static String number(int number) {
        return number < 0 ? "?" : Integer.toString(number);
    }

    private static CpuSet cpus(String list) {
        try {
            return CpuSet.parse(list);
        } catch (IllegalArgumentException e) {
            return CpuSet.empty();
        }
    }
}
