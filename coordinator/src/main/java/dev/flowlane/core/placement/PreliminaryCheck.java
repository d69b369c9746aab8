package dev.flowlane.core.placement;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * What can be told without candidates: whether the CPU sets leave any CPU, and whether there are CPUs enough if
 * hashing were kind. Each pinned flow end needs a CPU of its own under strict, a receive CPU of its own on its side
 * under per-side; so ends that choose freely (as under RFS) stand in for candidates, and what does not fit even so
 * will not fit in earnest. The ends of a strict flow count as two even on one machine: that hashing might lead both to
 * one CPU is a last resort for flows that have room for better, not a way to make room.
 */
final class PreliminaryCheck {
    private final PlacementRequest request;

    PreliminaryCheck(PlacementRequest request) {
        this.request = request;
    }

    Precheck check() {
        Explainer explainer = new Explainer(request);
        for (HostPair pair : request.pairs()) {
            for (String hostId : List.of(pair.source(), pair.destination())) {
                if (!request.hosts().containsKey(hostId)) {
                    return explainer.refused("host " + hostId + " is not known", List.of(), 0,
                            List.of("start its daemon; flowlane hosts list shows the hosts that are there"));
                }
            }
        }
        Optional<PlacementOutcome.Refused> empty = emptySet(explainer);
        if (empty.isPresent()) {
            return empty.get();
        }
        if (isRoomy()) {
            return new Precheck.Fits();
        }
        Search alone = search(request.spec(), Ledger.empty());
        Search.Answer answer = alone.solve(true);
        if (answer.impossible()) {
            return explainer.tooFewCpus(alone, answer, this::fits);
        }
        if (!request.others().isEmpty()) {
            Search amongOthers = search(request.spec(), request.others());
            Search.Answer left = amongOthers.solve(true);
            if (left.impossible() || applicationCpusTaken()) {
                return explainer.blocked(amongOthers, left);
            }
        }
        return new Precheck.Fits();
    }

    /**
     * Whether every machine has a free CPU for each flow end on it, even if all of them had to choose from the smallest
     * of their CPU sets: what most runs in a large fleet find, without a search.
     */
    private boolean isRoomy() {
        PlacementPolicy policy = request.spec().placement();
        Cores cores = cores();
        var occupancy = new Occupancy(request.others(), policy.exclusive(), cores);
        var endsOn = new HashMap<String, Integer>();
        var leastFree = new HashMap<String, Integer>();
        for (HostPair pair : request.pairs()) {
            for (boolean isSource : new boolean[] {true, false}) {
                HostCpus host = request.host(isSource ? pair.source() : pair.destination());
                PairRules.End end = PairRules.End.of(host, isSource, policy);
                endsOn.merge(host.machineId(), request.spec().flowsPerPair(), Integer::sum);
                leastFree.merge(host.machineId(), free(end, occupancy.of(host.machineId()), cores), Math::min);
            }
        }
        return endsOn.entrySet().stream().allMatch(machine ->
                leastFree.getOrDefault(machine.getKey(), 0) >= machine.getValue());
    }

    /**
     * CPUs of the end that may be application CPU and receive CPU, siblings counted once where they are avoided; none
     * for unpinned ends, which the search knows.
     */
    private static int free(PairRules.End end, Occupancy.Machine taken, Cores cores) {
        var free = new BitSet();
        for (int cpu : end.application().toArray()) {
            if (!taken.application().get(cpu) && !taken.receive(end.isSource()).get(cpu)) {
                free.set(cores.standIn(end.machineId(), cpu));
            }
        }
        return free.cardinality();
    }

    private Cores cores() {
        var hosts = new LinkedHashSet<HostCpus>();
        for (HostPair pair : request.pairs()) {
            hosts.add(request.host(pair.source()));
            hosts.add(request.host(pair.destination()));
        }
        return Cores.of(hosts, request.spec().placement());
    }

    /** Whether a spec that differs from the request's would pass. */
    private boolean fits(RunSpec spec) {
        return search(spec, request.others()).fits();
    }

    private Optional<PlacementOutcome.Refused> emptySet(Explainer explainer) {
        PlacementPolicy policy = request.spec().placement();
        for (HostPair pair : request.pairs()) {
            for (boolean isSource : new boolean[] {true, false}) {
                HostCpus host = isSource ? request.host(pair.source()) : request.host(pair.destination());
                PairRules.End end = PairRules.End.of(host, isSource, policy);
                CpuSet isolated = host.allowed().and(host.isolated());
                if (policy.isolatedOnly() && isolated.isEmpty()) {
                    return Optional.of(explainer.refused(
                            "isolated-only: none of the CPUs " + host.allowed() + " that " + host.hostId()
                                    + " allows is isolated",
                            List.of(), 0,
                            List.of("placement.isolated-only: false", "isolcpus= on its kernel command line")));
                }
                CpuSet allowed = policy.isolatedOnly() ? isolated : host.allowed();
                String side = isSource ? "source-cpus" : "destination-cpus";
                var limit = isSource ? policy.sourceCpus() : policy.destinationCpus();
                if (end.usable().isEmpty()) {
                    return Optional.of(explainer.refused(
                            host.hostId() + " allows " + (policy.isolatedOnly() ? "isolated " : "") + "CPUs " + allowed
                                    + ", none of them in " + side + " " + (limit == null ? "(all)" : limit.toString()),
                            List.of(), 0, List.of("set placement." + side + " to CPUs of " + allowed)));
                }
                boolean unpinned = policy.applicationCpu() instanceof ApplicationCpu.Unpinned;
                if (end.application().isEmpty() && !unpinned) {
                    return Optional.of(explainer.refused(
                            "flows may use CPUs " + end.usable() + " at " + host.hostId()
                                    + ", none of them in the list of application-cpu",
                            List.of(), 0, List.of("set placement.application-cpu to CPUs of " + end.usable())));
                }
            }
        }
        return Optional.empty();
    }

    /** Under the policies that do not count application CPUs: whether strict claims leave a host none of them. */
    private boolean applicationCpusTaken() {
        PlacementPolicy policy = request.spec().placement();
        var occupancy = new Occupancy(request.others(), policy.exclusive(), cores());
        for (HostPair pair : request.pairs()) {
            for (boolean isSource : new boolean[] {true, false}) {
                HostCpus host = isSource ? request.host(pair.source()) : request.host(pair.destination());
                var application = PairRules.End.of(host, isSource, policy).application();
                var taken = occupancy.of(host.machineId()).application();
                if (!application.isEmpty() && application.cpus().allMatch(taken::get)) {
                    return true;
                }
            }
        }
        return false;
    }

    private Search search(RunSpec spec, Ledger others) {
        RunSpec counted = countable(spec);
        return Search.of(request, counted, Pairs.of(spec), standIns(spec), others, false);
    }

    /** Application CPUs that are not exclusive are not counted: then the receive CPUs are, wherever they may be. */
    private static RunSpec countable(RunSpec spec) {
        PlacementPolicy policy = spec.placement();
        boolean countsApplication = policy.exclusive() == Exclusive.STRICT;
        return countsApplication || policy.applicationCpu() instanceof ApplicationCpu.Unpinned
                ? spec
                : Variations.applicationCpu(spec, new ApplicationCpu.SameCore());
    }

    private static List<CandidatePair> standIns(RunSpec spec) {
        var any = new CandidateEnd("", 0, -1, Steering.FOLLOWS_RECEIVER);
        var candidates = new ArrayList<CandidatePair>();
        for (HostPair pair : Pairs.of(spec)) {
            for (int i = 0; i < spec.flowsPerPair(); i++) {
                candidates.add(new CandidatePair(candidates.size(), pair.source(), pair.destination(), any, any));
            }
        }
        return candidates;
    }
}
