package dev.flowlane.core.doctor;

import dev.flowlane.posix.CpuSet;

import java.util.List;
import java.util.Map;

/**
 * A host as its daemon sees it.
 *
 * @param allowed CPUs that its cpuset and affinity allow
 * @param facts of its environment, by name; what the kernel does not tell is missing
 */
public record HostSnapshot(
        CpuSet online, CpuSet allowed, CpuSet isolated, List<Core> cpus, List<Nic> nics, Map<String, String> facts) {
    public HostSnapshot {
        cpus = List.copyOf(cpus);
        nics = List.copyOf(nics);
        facts = Map.copyOf(facts);
    }

    /**
     * One CPU.
     *
     * @param numaNode -1 unknown
     * @param siblings CPUs of its core, itself included
     */
    public record Core(int cpu, int numaNode, CpuSet siblings) {}

    /**
     * One interface.
     *
     * @param device whether a driver of its own stands behind it, and not loopback, a cable or other interfaces
     * @param numaNode -1 unknown
     * @param mtuBytes -1 unknown
     */
    public record Nic(
            String name, boolean device, int numaNode, int mtuBytes, int rxQueues, int txQueues, List<Queue> queues) {
        public Nic {
            queues = List.copyOf(queues);
        }
    }

    /**
     * Receive and transmit queue of one number. Sets are empty where there is nothing or it is unknown.
     *
     * @param rxIrq -1 unknown
     */
    public record Queue(
            int number, int rxIrq, CpuSet rxIrqCpus, CpuSet rxIrqEffectiveCpus, CpuSet rpsCpus, CpuSet xpsCpus) {}

    /** Without the interfaces that are down. */
    public HostSnapshot withoutIdleLinks() {
        List<Nic> up = nics.stream()
                .filter(nic -> !NicChecks.isDown(fact("nic." + nic.name() + ".state")))
                .toList();
        return new HostSnapshot(online, allowed, isolated, cpus, up, facts);
    }

    /** A fact; empty when it is not known. */
    String fact(String name) {
        return facts.getOrDefault(name, "");
    }
}
