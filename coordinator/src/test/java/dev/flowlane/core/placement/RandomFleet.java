package dev.flowlane.core.placement;

import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Machines of every size and layout, hosts on them, and which CPU each receive queue leads to. */
final class RandomFleet {
    private final Random random;
    private final Map<String, HostCpus> hosts = new TreeMap<>();
    private final Map<String, Queues> queues = new HashMap<>();

    /** Receive queues of a host: the CPU of each hash result. An empty list: the receive CPU follows the receiver. */
    record Queues(List<Integer> cpuOfResult) {}

    RandomFleet(Random random, int machines) {
        this.random = random;
        for (int machine = 0; machine < machines; machine++) {
            int cpus = random.nextInt(10) == 0 ? random.nextInt(2, 257) : random.nextInt(2, 33);
            List<CpuTopology> topology = topology(cpus);
            // Now and then two daemons share a machine, as in network namespaces.
            int daemons = random.nextInt(5) == 0 ? 2 : 1;
            for (int daemon = 0; daemon < daemons; daemon++) {
                String hostId = "h" + machine + (daemon == 0 ? "" : "b");
                CpuSet allowed = random.nextInt(6) == 0 ? some(cpus) : all(cpus);
                CpuSet isolated = random.nextInt(4) == 0 ? some(cpus) : CpuSet.empty();
                hosts.put(hostId, new HostCpus(hostId, "m" + machine, allowed, isolated, topology));
                queues.put(hostId, queues(cpus));
            }
        }
    }

    Map<String, HostCpus> hosts() {
        return hosts;
    }

    HostCpus host(String hostId) {
        return Objects.requireNonNull(hosts.get(hostId));
    }

    /** What the kernel reports of one end of a new connection. */
    CandidateEnd connect(String hostId, String peerId, int port) {
        List<Integer> results = Objects.requireNonNull(queues.get(hostId)).cpuOfResult();
        boolean local = host(hostId).machineId().equals(host(peerId).machineId());
        boolean unsteered = hostId.hashCode() % 3 > 0;
        Steering steering = local && unsteered
                ? Steering.FOLLOWS_SENDER
                : results.isEmpty() ? Steering.FOLLOWS_RECEIVER : Steering.HASHED;
        int cpu = results.isEmpty() ? -1 : results.get(random.nextInt(results.size()));
        return new CandidateEnd("192.0.2.1", port, cpu, steering);
    }

    private List<CpuTopology> topology(int cpus) {
        if (random.nextInt(8) == 0) {
            return List.of();
        }
        int threads = List.of(1, 2, 2, 4).get(random.nextInt(4));
        int cores = Math.ceilDiv(cpus, threads);
        int nodes = random.nextInt(1, 5);
        // Siblings side by side, or the second threads after all first ones: both are common.
        boolean adjacent = random.nextBoolean();
        int[] coreOf = IntStream.range(0, cpus).map(cpu -> adjacent ? cpu / threads : cpu % cores).toArray();
        var siblings = new ArrayList<CpuSet>();
        for (int core = 0; core < cores; core++) {
            int own = core;
            siblings.add(CpuSet.of(IntStream.range(0, cpus).filter(cpu -> coreOf[cpu] == own).toArray()));
        }
        return IntStream.range(0, cpus)
                .mapToObj(cpu -> new CpuTopology(
                        cpu, coreOf[cpu], 0, coreOf[cpu] * nodes / cores, siblings.get(coreOf[cpu])))
                .toList();
    }

    private Queues queues(int cpus) {
        int[] reachable = switch (random.nextInt(5)) {
            // Uniform over all, over some, skewed towards few, too narrow for anything, or none.
            case 0 -> IntStream.range(0, cpus).toArray();
            case 1 -> some(cpus).toArray();
            case 2 -> skewed(cpus);
            case 3 -> random.ints(random.nextInt(1, 4), 0, cpus).toArray();
            default -> new int[0];
        };
        return new Queues(IntStream.of(reachable).boxed().toList());
    }

    /** Half of the results lead to one CPU, a quarter to another, and so on. */
    private int[] skewed(int cpus) {
        int[] results = new int[64];
        int size = results.length / 2;
        for (int i = 0; i < results.length; size = Math.max(1, size / 2)) {
            int cpu = random.nextInt(cpus);
            for (int n = 0; n < size && i < results.length; n++) {
                results[i++] = cpu;
            }
        }
        return results;
    }

    private CpuSet some(int cpus) {
        return CpuSet.of(random.ints(random.nextInt(1, cpus + 1), 0, cpus).toArray());
    }

    private static CpuSet all(int cpus) {
        return CpuSet.parse("0-" + (cpus - 1));
    }
}
