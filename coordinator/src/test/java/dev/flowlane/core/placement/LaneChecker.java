package dev.flowlane.core.placement;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The rules of placement, written down a second time from the words of the design, and lanes held against them. */
final class LaneChecker {
    private final PlacementRequest request;
    private final PlacementPolicy policy;

    LaneChecker(PlacementRequest request) {
        this.request = request;
        this.policy = request.spec().placement();
    }

    /** An end's CPUs; -1 for unpinned, or for a receive CPU that only shows later. */
    record EndUse(HostCpus host, boolean isSource, Steering steering, int application, int receive) {}

    /** Both ends of a flow. */
    record FlowUse(EndUse source, EndUse destination) {
        boolean sameMachine() {
            return source.host().machineId().equals(destination.host().machineId());
        }

        /** Machine, CPU, and whether the source's or the destination's packets may be received there. */
        Map<String, Set<String>> uses() {
            var uses = new HashMap<String, Set<String>>();
            for (EndUse end : List.of(source, destination)) {
                add(uses, end, end.application(), "application");
                add(uses, end, end.receive(), end.isSource() ? "source" : "destination");
                if (end.steering() == Steering.FOLLOWS_SENDER) {
                    add(uses, end, end.application(), end.isSource() ? "source" : "destination");
                    if (sameMachine()) {
                        EndUse peer = end.isSource() ? destination : source;
                        add(uses, end, peer.application(), end.isSource() ? "source" : "destination");
                    }
                }
            }
            return uses;
        }

        private static void add(Map<String, Set<String>> uses, EndUse end, int cpu, String use) {
            if (cpu >= 0) {
                uses.computeIfAbsent(end.host().machineId() + "/" + cpu, any -> new HashSet<>()).add(use);
            }
        }
    }

    /** Everything that is wrong with lanes that claim to be complete. */
    List<String> violations(List<Lane> lanes) {
        var wrong = new ArrayList<String>();
        var uses = new ArrayList<FlowUse>();
        var candidates = new HashSet<Integer>();
        var perPair = new HashMap<HostPair, Integer>();
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            if (!candidates.add(lane.candidateId())) {
                wrong.add("candidate " + lane.candidateId() + " is used twice");
            }
            perPair.merge(lane.pair(), 1, Integer::sum);
            FlowUse use = use(lane);
            if (use == null) {
                wrong.add("lane " + i + " is not of its candidate: " + lane);
                continue;
            }
            if (!allowed(use)) {
                wrong.add("lane " + i + " breaks the policy: " + lane);
            }
            if (!claimsCover(lane, use, "r1." + i)) {
                wrong.add("lane " + i + " does not claim what it uses: " + lane);
            }
            if (deniedByOthers(use)) {
                wrong.add("lane " + i + " takes what others hold: " + lane);
            }
            for (int j = 0; j < uses.size(); j++) {
                if (conflict(uses.get(j), use)) {
                    wrong.add("lanes " + j + " and " + i + " share a CPU");
                }
            }
            uses.add(use);
        }
        for (HostPair pair : request.pairs()) {
            if (perPair.getOrDefault(pair, 0) != request.spec().flowsPerPair()) {
                wrong.add(pair + " has " + perPair.get(pair) + " flows");
            }
        }
        return wrong;
    }

    private @Nullable FlowUse use(Lane lane) {
        CandidatePair candidate = request.candidates().stream()
                .filter(c -> c.candidateId() == lane.candidateId())
                .findFirst()
                .orElseThrow();
        if (!candidate.sourceHostId().equals(lane.pair().source())
                || !candidate.destinationHostId().equals(lane.pair().destination())) {
            return null;
        }
        return new FlowUse(
                new EndUse(host(lane.pair().source()), true, candidate.source().steering(),
                        lane.sourceApplicationCpu(), lane.sourceReceiveCpu()),
                new EndUse(host(lane.pair().destination()), false, candidate.destination().steering(),
                        lane.destinationApplicationCpu(), lane.destinationReceiveCpu()));
    }

    private HostCpus host(String hostId) {
        return Objects.requireNonNull(request.hosts().get(hostId));
    }

    /** Every way in which a candidate could become a flow, were it alone with the ledger. */
    List<FlowUse> ways(CandidatePair candidate) {
        var ways = new ArrayList<FlowUse>();
        for (EndUse source : ends(host(candidate.sourceHostId()), true, candidate.source())) {
            for (EndUse destination : ends(host(candidate.destinationHostId()), false, candidate.destination())) {
                var use = new FlowUse(source, destination);
                if (allowed(use) && !deniedByOthers(use)) {
                    ways.add(use);
                }
            }
        }
        return ways;
    }

    private List<EndUse> ends(HostCpus host, boolean isSource, CandidateEnd end) {
        var ends = new ArrayList<EndUse>();
        for (int application = -1; application < 16; application++) {
            int receive = switch (end.steering()) {
                case HASHED -> end.receiveCpu();
                case FOLLOWS_RECEIVER -> application;
                case FOLLOWS_SENDER -> -1;
            };
            ends.add(new EndUse(host, isSource, end.steering(), application, receive));
        }
        return ends;
    }

    private boolean allowed(FlowUse use) {
        return allowed(use.source())
                && allowed(use.destination())
                && (policy.exclusive() != Exclusive.STRICT || apart(use) || mayOverlap(use));
    }

    private boolean allowed(EndUse end) {
        CpuSet usable = usable(end);
        if (usable.isEmpty()) {
            return false;
        }
        boolean hashed = end.steering() == Steering.HASHED;
        if (hashed && end.receive() < 0 && policy.exclusive() != Exclusive.NONE) {
            return false;
        }
        if ((end.receive() >= 0 && !usable.contains(end.receive()))
                || (end.application() >= 0 && !usable.contains(end.application()))) {
            return false;
        }
        return switch (policy.applicationCpu()) {
            case ApplicationCpu.SameCore() -> end.application() >= 0
                    && (!hashed || end.application() == end.receive());
            case ApplicationCpu.Offset(int offset) -> end.application() >= 0
                    && (!hashed || (end.receive() >= 0 && end.application() == end.receive() + offset));
            case ApplicationCpu.Explicit(CpuSet cpus) -> end.application() >= 0 && cpus.contains(end.application());
            case ApplicationCpu.Unpinned() -> end.application() < 0;
        };
    }

    private static boolean apart(FlowUse use) {
        if (!use.sameMachine()) {
            return true;
        }
        Set<Integer> source = cpus(use.source());
        source.retainAll(cpus(use.destination()));
        return source.isEmpty();
    }

    private static Set<Integer> cpus(EndUse end) {
        var cpus = new HashSet<Integer>();
        cpus.add(end.application());
        cpus.add(end.receive());
        cpus.remove(-1);
        return cpus;
    }

    /** One CPU for both ends: when the sets leave no other, or hashing led every candidate of the pair there. */
    private boolean mayOverlap(FlowUse use) {
        CpuSet source = applicationSet(use.source());
        if (source.size() == 1 && source.equals(applicationSet(use.destination()))) {
            return true;
        }
        boolean noMore = request.candidatesOpened() >= policy.maxCandidates();
        return noMore && request.candidates().stream()
                .filter(c -> c.sourceHostId().equals(use.source().host().hostId())
                        && c.destinationHostId().equals(use.destination().host().hostId()))
                .noneMatch(c -> c.source().steering() != Steering.HASHED
                        || c.destination().steering() != Steering.HASHED
                        || (usable(use.source()).contains(Math.max(0, c.source().receiveCpu()))
                                && usable(use.destination()).contains(Math.max(0, c.destination().receiveCpu()))
                                && c.source().receiveCpu() >= 0
                                && c.destination().receiveCpu() >= 0
                                && c.source().receiveCpu() != c.destination().receiveCpu()));
    }

    private CpuSet usable(EndUse end) {
        CpuSet side = end.isSource() ? policy.sourceCpus() : policy.destinationCpus();
        return side == null ? end.host().allowed() : end.host().allowed().and(side);
    }

    private CpuSet applicationSet(EndUse end) {
        return switch (policy.applicationCpu()) {
            case ApplicationCpu.SameCore _, ApplicationCpu.Offset _ -> usable(end);
            case ApplicationCpu.Explicit(CpuSet cpus) -> usable(end).and(cpus);
            case ApplicationCpu.Unpinned _ -> CpuSet.empty();
        };
    }

    /** Whether two flows of the run may not be together. */
    boolean conflict(FlowUse a, FlowUse b) {
        return clash(policy.exclusive(), a.uses(), b.uses());
    }

    private static boolean clash(Exclusive exclusive, Map<String, Set<String>> a, Map<String, Set<String>> b) {
        return a.entrySet().stream().anyMatch(use -> {
            Set<String> others = b.getOrDefault(use.getKey(), Set.of());
            return switch (exclusive) {
                case NONE -> false;
                case STRICT -> !others.isEmpty();
                case PER_SIDE -> (use.getValue().contains("source") && others.contains("source"))
                        || (use.getValue().contains("destination") && others.contains("destination"));
            };
        });
    }

    private boolean deniedByOthers(FlowUse use) {
        for (String runId : request.others().runIds()) {
            for (Claim claim : request.others().claims(runId)) {
                if (clash(policy.exclusive().stricter(claim.exclusive()), use.uses(), asUses(claim))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Map<String, Set<String>> asUses(Claim claim) {
        Set<String> uses = switch (claim.part()) {
            case WHOLE -> Set.of("application", "source", "destination");
            case SOURCE_RECEIVE -> Set.of("source");
            case DESTINATION_RECEIVE -> Set.of("destination");
            case APPLICATION -> Set.of("application");
        };
        return Map.of(claim.machineId() + "/" + claim.cpu(), uses);
    }

    /** Claims stand for exactly the CPUs in use, and for every use that others must respect. */
    private boolean claimsCover(Lane lane, FlowUse use, String flowId) {
        var claimed = new HashMap<String, Set<String>>();
        for (Claim claim : lane.claims()) {
            boolean own = claim.flowId().equals(flowId) && claim.exclusive() == policy.exclusive();
            boolean first = asUses(claim).entrySet().stream()
                    .allMatch(entry -> claimed.putIfAbsent(entry.getKey(), entry.getValue()) == null);
            if (!own || !first) {
                return false;
            }
        }
        return claimed.keySet().equals(use.uses().keySet())
                && use.uses().entrySet().stream().allMatch(entry ->
                        covers(claimed.getOrDefault(entry.getKey(), Set.of()), entry.getValue()));
    }

    private static boolean covers(Set<String> claimed, Set<String> used) {
        var sides = new HashSet<>(used);
        sides.remove("application");
        return claimed.containsAll(sides);
    }
}
