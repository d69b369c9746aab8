package dev.flowlane.core.placement;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.core.spec.Topology;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Small placement requests of every kind, from a seed. */
final class RandomPlacements {
    private final Random random;

    RandomPlacements(long seed) {
        this.random = new Random(seed);
    }

    PlacementRequest next() {
        int hostCount = random.nextInt(2, 5);
        int machineCount = random.nextInt(1, hostCount + 1);
        int cpuCount = random.nextInt(2, 7);
        List<List<CpuTopology>> machines = new ArrayList<>();
        for (int i = 0; i < machineCount; i++) {
            machines.add(topology(cpuCount));
        }
        Map<String, HostCpus> hosts = new TreeMap<>();
        for (int i = 0; i < hostCount; i++) {
            CpuSet allowed = random.nextInt(4) == 0 ? cpus(cpuCount) : CpuSet.parse("0-" + (cpuCount - 1));
            String hostId = "h" + i;
            int machine = random.nextInt(machineCount);
            hosts.put(hostId, new HostCpus(hostId, "m" + machine, allowed,
                    random.nextBoolean() ? CpuSet.empty() : cpus(cpuCount), machines.get(machine)));
        }
        RunSpec spec = spec(List.copyOf(hosts.keySet()), cpuCount);
        List<CandidatePair> candidates = candidates(spec, hosts, cpuCount);
        return new PlacementRequest("r1", spec, Pairs.of(spec), candidates, hosts, others(machineCount, cpuCount),
                random.nextBoolean() ? candidates.size() : spec.placement().maxCandidates());
    }

    /** Cores of one to three CPUs, on one or two NUMA nodes; or nothing is known. */
    private List<CpuTopology> topology(int cpuCount) {
        if (random.nextInt(4) == 0) {
            return List.of();
        }
        int perCore = random.nextInt(1, 4);
        int cores = Math.ceilDiv(cpuCount, perCore);
        int nodes = random.nextInt(1, 3);
        var topology = new ArrayList<CpuTopology>();
        for (int cpu = 0; cpu < cpuCount; cpu++) {
            int core = cpu % cores;
            CpuSet siblings = CpuSet.of(IntStream.range(0, cpuCount).filter(c -> c % cores == core).toArray());
            topology.add(new CpuTopology(cpu, core, 0, core % nodes, siblings));
        }
        return topology;
    }

    private RunSpec spec(List<String> hostIds, int cpuCount) {
        RunSpec base = Fixtures.spec("sources: [a]\ndestinations: [b]");
        Topology topology = any(Topology.values());
        List<String> first = hostIds.subList(0, 1);
        List<String> rest = hostIds.subList(1, hostIds.size());
        ApplicationCpu applicationCpu = switch (random.nextInt(7)) {
            case 0 -> new ApplicationCpu.Offset(random.nextBoolean() ? 1 : -1);
            case 1 -> new ApplicationCpu.Explicit(cpus(cpuCount));
            case 2 -> new ApplicationCpu.Unpinned();
            case 3 -> new ApplicationCpu.Cross();
            case 4 -> new ApplicationCpu.NumaLocal();
            default -> new ApplicationCpu.SameCore();
        };
        boolean numaLocal = applicationCpu instanceof ApplicationCpu.NumaLocal;
        boolean cross = applicationCpu instanceof ApplicationCpu.Cross;
        var policy = new PlacementPolicy(applicationCpu, any(Exclusive.values()),
                numaLocal ? Smt.AVOID : any(Smt.values()), limit(cpuCount), limit(cpuCount),
                random.nextInt(8) == 0, 64, List.of());
        int flows = cross ? 2 : random.nextInt(1, 4);
        return new RunSpec(
                switch (topology) {
                    case FAN_IN -> rest;
                    case PAIR, FAN_OUT -> first;
                    case MESH, RING -> hostIds;
                },
                switch (topology) {
                    case FAN_IN -> first;
                    case PAIR -> rest.subList(0, 1);
                    case FAN_OUT -> rest;
                    case MESH, RING -> List.of();
                },
                topology, flows, base.traffic(), base.duration(), base.warmup(), base.interval(), 0,
                policy, base.io(), base.socket(), base.whenBusy());
    }

    /** At most six candidates in all, so that everything can be tried. */
    private List<CandidatePair> candidates(RunSpec spec, Map<String, HostCpus> hosts, int cpuCount) {
        var candidates = new ArrayList<CandidatePair>();
        var steeringAt = new TreeMap<String, Steering>();
        List<HostPair> pairs = Pairs.of(spec);
        int count = random.nextInt(0, 7);
        String localEnd = random.nextInt(4) == 0 ? "another" : "local";
        for (int i = 0; i < count; i++) {
            HostPair pair = pairs.get(random.nextInt(pairs.size()));
            boolean local = machine(hosts, pair.source()).equals(machine(hosts, pair.destination()));
            Steering source = local ? localSteering(steeringAt, "local") : remoteSteering(steeringAt, pair.source());
            Steering destination =
                    local ? localSteering(steeringAt, localEnd) : remoteSteering(steeringAt, pair.destination());
            candidates.add(Fixtures.candidate(i * 3, pair.source(), pair.destination(), source, cpu(cpuCount),
                    destination, cpu(cpuCount)));
        }
        return candidates;
    }

    private Steering localSteering(Map<String, Steering> steeringAt, String key) {
        return steeringAt.computeIfAbsent(key, any -> any(Steering.values()));
    }

    private Steering remoteSteering(Map<String, Steering> steeringAt, String hostId) {
        return steeringAt.computeIfAbsent(hostId,
                any -> random.nextBoolean() ? Steering.HASHED : Steering.FOLLOWS_RECEIVER);
    }

    private static String machine(Map<String, HostCpus> hosts, String hostId) {
        HostCpus host = hosts.get(hostId);
        return host == null ? "" : host.machineId();
    }

    private Ledger others(int machineCount, int cpuCount) {
        Ledger ledger = Ledger.empty();
        int runs = random.nextInt(3);
        for (int run = 0; run < runs; run++) {
            var claims = new ArrayList<Claim>();
            Exclusive exclusive = any(Exclusive.values());
            int count = random.nextInt(1, 3);
            for (int i = 0; i < count; i++) {
                claims.add(new Claim("m" + random.nextInt(machineCount), random.nextInt(cpuCount),
                        "other" + run + "." + i, exclusive, any(Claim.Part.values())));
            }
            ledger = ledger.with("other" + run, claims);
        }
        return ledger;
    }

    private int cpu(int cpuCount) {
        return random.nextInt(20) == 0 ? -1 : random.nextInt(cpuCount);
    }

    private @Nullable CpuSet limit(int cpuCount) {
        return random.nextInt(3) == 0 ? cpus(cpuCount) : null;
    }

    private CpuSet cpus(int cpuCount) {
        return CpuSet.of(random.ints(random.nextInt(1, cpuCount + 1), 0, cpuCount).toArray());
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
