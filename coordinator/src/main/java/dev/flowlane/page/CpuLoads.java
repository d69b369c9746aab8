package dev.flowlane.page;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How busy the CPUs of lanes are now, by host. What has not been heard of for {@value #FRESH_NS} ns is no longer known.
 * Not thread-safe.
 */
public final class CpuLoads {
    private static final long FRESH_NS = 15_000_000_000L;

    /** A bound that no fleet reaches: 1,000 machines with 256 CPUs. */
    private static final int CPUS_MAX = 262_144;

    private final Map<Cpu, Load> loads = new LinkedHashMap<>();

    private record Cpu(String hostId, int cpu) {}

    private record Load(double busyRatio, long seenNs) {}

    /** Takes a load; {@code nowNs} is a monotonic clock. */
    public void add(Sighting.CpuLoad load, long nowNs) {
        Cpu cpu = new Cpu(load.hostId(), load.cpu());
        loads.remove(cpu);
        loads.put(cpu, new Load(load.busyRatio(), nowNs));
        if (loads.size() > CPUS_MAX) {
            loads.remove(loads.keySet().iterator().next());
        }
    }

    /** Share of its time that the CPU was busy in its lane's newest interval, 0 to 1. */
    public OptionalDouble of(String hostId, int cpu, long nowNs) {
        Load load = loads.get(new Cpu(hostId, cpu));
        return load == null || nowNs - load.seenNs() > FRESH_NS
                ? OptionalDouble.empty()
                : OptionalDouble.of(load.busyRatio());
    }
}
