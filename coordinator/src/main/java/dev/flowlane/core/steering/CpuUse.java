package dev.flowlane.core.steering;

import java.util.HashMap;
import java.util.Map;

/** How many connections of a search are expected to be received on each CPU of each machine. */
public final class CpuUse {
    private final Map<String, Map<Integer, Integer>> byMachine = new HashMap<>();

    /** One more. */
    public void add(String machineId, int cpu) {
        byMachine.computeIfAbsent(machineId, id -> new HashMap<>()).merge(cpu, 1, Integer::sum);
    }

    int of(String machineId, int cpu) {
        return byMachine.getOrDefault(machineId, Map.of()).getOrDefault(cpu, 0);
    }
}
