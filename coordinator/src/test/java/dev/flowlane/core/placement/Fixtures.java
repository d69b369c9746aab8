package dev.flowlane.core.placement;

import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Hosts, specs and candidates in few words. */
final class Fixtures {
    private Fixtures() {}

    static RunSpec spec(String yaml) {
        SpecResult result = SpecParser.parse(yaml);
        if (result instanceof SpecResult.Parsed parsed) {
            return parsed.spec();
        }
        throw new IllegalArgumentException(result.toString());
    }

    /** From host-a to host-b. */
    static RunSpec pairSpec(int flows, String placement) {
        return spec("sources: [host-a]\ndestinations: [host-b]\n"
                + "flows: " + flows + "\nplacement: {" + placement + "}\n");
    }

    static HostCpus host(String hostId, String machineId, String cpus) {
        return new HostCpus(hostId, machineId, CpuSet.parse(cpus), CpuSet.empty(), List.of());
    }

    /** Cores of so many CPUs each, the second threads after all first ones; the cores in order on so many nodes. */
    static List<CpuTopology> topology(int cpus, int threads, int nodes) {
        int cores = cpus / threads;
        return IntStream.range(0, cpus)
                .mapToObj(cpu -> new CpuTopology(cpu, cpu % cores, 0, cpu % cores * nodes / cores, CpuSet.of(
                        IntStream.range(0, threads).map(thread -> cpu % cores + thread * cores).toArray())))
                .toList();
    }

    static Map<String, HostCpus> hosts(HostCpus... hosts) {
        var byId = new TreeMap<String, HostCpus>();
        for (HostCpus host : hosts) {
            byId.put(host.hostId(), host);
        }
        return byId;
    }

    /** Two hosts with a machine each. */
    static Map<String, HostCpus> apart(String cpus) {
        return hosts(host("host-a", "m1", cpus), host("host-b", "m2", cpus));
    }

    /** Two hosts on one machine. */
    static Map<String, HostCpus> together(String cpus) {
        return hosts(host("host-a", "m1", cpus), host("host-b", "m1", cpus));
    }

    /** Candidates host-a to host-b, hashed, of these receive CPUs: source, destination, source, destination... */
    static List<CandidatePair> hashed(int... receiveCpus) {
        var candidates = new ArrayList<CandidatePair>();
        for (int i = 0; i + 1 < receiveCpus.length; i += 2) {
            candidates.add(candidate(candidates.size(), "host-a", "host-b", Steering.HASHED, receiveCpus[i],
                    Steering.HASHED, receiveCpus[i + 1]));
        }
        return candidates;
    }

    /** Candidates host-a to host-b of one steering at both ends. */
    static List<CandidatePair> following(Steering steering, int count) {
        var candidates = new ArrayList<CandidatePair>();
        for (int i = 0; i < count; i++) {
            candidates.add(candidate(i, "host-a", "host-b", steering, i % 2, steering, 0));
        }
        return candidates;
    }

    static CandidatePair candidate(
            int id, String source, String destination, Steering sourceSteering, int sourceCpu,
            Steering destinationSteering, int destinationCpu) {
        return new CandidatePair(id, source, destination,
                new CandidateEnd("192.0.2.1", 40_000 + id, sourceCpu, sourceSteering),
                new CandidateEnd("192.0.2.2", 7411, destinationCpu, destinationSteering));
    }

    static PlacementRequest request(
            RunSpec spec, Map<String, HostCpus> hosts, List<CandidatePair> candidates, Ledger others) {
        return new PlacementRequest("r1", spec, Pairs.of(spec), candidates, hosts, others, candidates.size());
    }

    /** The same when no more connections may be opened. */
    static PlacementRequest atTheBound(PlacementRequest r) {
        return new PlacementRequest(r.runId(), r.spec(), r.pairs(), r.candidates(), r.closed(), r.hosts(), r.others(),
                r.spec().placement().maxCandidates());
    }
}
