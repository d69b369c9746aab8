package dev.flowlane.core.placement;

import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Numbers for the exclusive things of a component: under strict each CPU of each machine, under per-side each CPU as
 * receive CPU of each side; where SMT siblings are avoided, cores in place of CPUs. Where flows of one machine receive
 * on the CPU of the sender, either application CPU may serve either side, so there the sides are not told apart: that
 * denies some choices that would do, never allows one that would not.
 */
final class Nodes {
    private final Exclusive exclusive;
    private final Cores cores;
    private final int stride;
    private final Map<String, Integer> machines = new HashMap<>();
    private final List<String> machineIds = new ArrayList<>();
    private final Set<String> wholeMachines = new HashSet<>();

    Nodes(Exclusive exclusive, Cores cores, List<PairRules> pairs) {
        this.exclusive = exclusive;
        this.cores = cores;
        int highest = 0;
        for (PairRules pair : pairs) {
            for (PairRules.End end : List.of(pair.source(), pair.destination())) {
                if (machines.putIfAbsent(end.machineId(), machines.size()) == null) {
                    machineIds.add(end.machineId());
                }
                highest = Math.max(highest, end.usable().isEmpty() ? 0 : end.usable().last());
            }
        }
        stride = highest + 1;
    }

    /** From here on the machine's sides are not told apart. */
    void joinSides(String machineId) {
        wholeMachines.add(machineId);
    }

    boolean sidesJoined(String machineId) {
        return exclusive == Exclusive.STRICT || wholeMachines.contains(machineId);
    }

    int count() {
        return machines.size() * 2 * stride;
    }

    int of(String machineId, boolean isSource, int cpu) {
        int side = isSource || sidesJoined(machineId) ? 0 : 1;
        return (Objects.requireNonNull(machines.get(machineId)) * 2 + side) * stride + cores.standIn(machineId, cpu);
    }

    /** Every CPU that is taken with the node. */
    CpuSet cpus(int node) {
        return cores.takenWith(machineId(node), node % stride);
    }

    /** Whether nodes are cores rather than CPUs, on some machine. */
    boolean threaded() {
        return machineIds.stream().anyMatch(cores::threaded);
    }

    String machineId(int node) {
        return machineIds.get(node / stride / 2);
    }

    /** Whether the node is a source's receive CPU only, or a destination's, or the CPU as a whole. */
    Claim.Part part(int node) {
        if (sidesJoined(machineId(node))) {
            return Claim.Part.WHOLE;
        }
        return node / stride % 2 == 0 ? Claim.Part.SOURCE_RECEIVE : Claim.Part.DESTINATION_RECEIVE;
    }
}
