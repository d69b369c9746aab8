package dev.flowlane.core.placement;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** The rules of placement, written down a second time from the words of the design, and lanes held against them. */
final class LaneChecker {
    private final PlacementRequest request;
    private final PlacementPolicy policy;
    private final Map<Integer, CandidatePair> candidates = new HashMap<>();
    private final Map<String, Set<Integer>> siblings = new HashMap<>();
    /** By identity: what is compared over and over is the same few flows. */
    private final IdentityHashMap<FlowUse, Map<String, Set<String>>> usesOf = new IdentityHashMap<>();

    LaneChecker(PlacementRequest request) {
        this.request = request;
        this.policy = request.spec().placement();
        request.candidates().forEach(candidate -> candidates.put(candidate.candidateId(), candidate));
    }

    /** Machine, CPU, and whether the source's or the destination's packets may be received there. */
    private Map<String, Set<String>> uses(FlowUse flow) {
        return usesOf.computeIfAbsent(flow, this::findUses);
    }

    private Map<String, Set<String>> findUses(FlowUse flow) {
        var uses = new HashMap<String, Set<String>>();
        for (EndUse end : List.of(flow.source(), flow.destination())) {
            String side = end.isSource() ? "source" : "destination";
            add(uses, end, end.application(), "application");
            add(uses, end, end.receive(), side);
            if (end.steering() == Steering.FOLLOWS_SENDER) {
                add(uses, end, end.application(), side);
                if (flow.sameMachine()) {
                    EndUse peer = end.isSource() ? flow.destination() : flow.source();
                    add(uses, end, peer.application(), side);
                }
            }
        }
        return uses;
    }

    private void add(Map<String, Set<String>> uses, EndUse end, int cpu, String use) {
        if (cpu >= 0) {
            core(end.machineId(), cpu).forEach(one ->
                    uses.computeIfAbsent(end.machineId() + "/" + one, any -> new HashSet<>()).add(use));
        }
    }

    /** What is taken with a CPU: it, and its siblings where they are to be avoided. */
    private Set<Integer> core(String machineId, int cpu) {
        boolean avoid = policy.smt() == Smt.AVOID && policy.exclusive() != Exclusive.NONE;
        return avoid ? siblings(machineId, cpu) : Set.of(cpu);
    }

    private Set<Integer> siblings(String machineId, int cpu) {
        return siblings.computeIfAbsent(machineId + "/" + cpu, any -> findSiblings(machineId, cpu));
    }

    private Set<Integer> findSiblings(String machineId, int cpu) {
        var siblings = new HashSet<Integer>(Set.of(cpu));
        for (HostCpus host : request.hosts().values()) {
            for (CpuTopology one : host.machineId().equals(machineId) ? host.cpus() : List.<CpuTopology>of()) {
                if (one.cpu() == cpu) {
                    one.smtSiblings().cpus().forEach(siblings::add);
                }
            }
        }
        return siblings;
    }

    /** Everything that is wrong with lanes that claim to be complete. */
    List<String> violations(List<Lane> lanes) {
        var wrong = new ArrayList<String>();
        var uses = new ArrayList<FlowUse>();
        var used = new HashSet<Integer>();
        var perPair = new HashMap<HostPair, List<Integer>>();
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            if (!used.add(lane.candidateId())) {
                wrong.add("candidate " + lane.candidateId() + " is used twice");
            }
            perPair.computeIfAbsent(lane.pair(), any -> new ArrayList<>()).add(i);
            FlowUse use = use(lane);
            if (use == null) {
                return List.of("lane " + i + " is not of its candidate: " + lane);
            }
            uses.add(use);
        }
        for (int i = 0; i < lanes.size(); i++) {
            int partner = partner(perPair.getOrDefault(lanes.get(i).pair(), List.of()), i);
            check(lanes.get(i), i, uses, partner, wrong);
        }
        for (HostPair pair : request.pairs()) {
            int flows = perPair.getOrDefault(pair, List.of()).size();
            if (flows != request.spec().flowsPerPair()) {
                wrong.add(pair + " has " + flows + " flows");
            }
        }
        return wrong;
    }

    /** Under cross, the flow that the flow swaps with: first and second of a pair, third and fourth, and so on. */
    private int partner(List<Integer> ofPair, int flow) {
        int partner = ofPair.indexOf(flow) ^ 1;
        boolean cross = policy.applicationCpu() instanceof ApplicationCpu.Cross;
        return cross && partner < ofPair.size() ? ofPair.get(partner) : -1;
    }

    private void check(Lane lane, int i, List<FlowUse> uses, int partner, List<String> wrong) {
        FlowUse use = uses.get(i);
        boolean cross = policy.applicationCpu() instanceof ApplicationCpu.Cross;
        if (!allowed(cross ? use.straight() : use)) {
            wrong.add("lane " + i + " breaks the policy: " + lane);
        }
        if (cross && (partner < 0 || !swapped(use, uses.get(partner)))) {
            wrong.add("lane " + i + " is not crossed with lane " + partner + ": " + lane);
        }
        if (!claimsCover(lane, use, i, partner, partner < 0 ? null : uses.get(partner))) {
            wrong.add("lane " + i + " does not claim what it uses: " + lane);
        }
        if (deniedByOthers(use)) {
            wrong.add("lane " + i + " takes what others hold: " + lane);
        }
        for (int j = 0; j < i; j++) {
            boolean couple = j == partner;
            if (couple ? conflict(uses.get(j).straight(), use.straight()) : conflict(uses.get(j), use)) {
                wrong.add("lanes " + j + " and " + i + " share a CPU");
            }
        }
    }

    private static boolean swapped(FlowUse one, FlowUse other) {
        return swapped(one.source(), other.source()) && swapped(one.destination(), other.destination());
    }

    private static boolean swapped(EndUse one, EndUse other) {
        return !one.hashed() || !other.hashed() || one.application() == other.receive();
    }

    private @Nullable FlowUse use(Lane lane) {
        CandidatePair candidate = candidates.get(lane.candidateId());
        if (candidate == null
                || !candidate.sourceHostId().equals(lane.pair().source())
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

    /**
     * Every way in which a candidate could become a flow, were it alone with the ledger. Under cross: as if it stayed
     * on its receive CPUs, since a couple as a whole uses the same CPUs whether or not it swaps.
     */
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
            var use = new EndUse(host, isSource, end.steering(), application, receive);
            if (allowed(use)) {
                ends.add(use);
            }
        }
        return ends;
    }

    private boolean allowed(FlowUse use) {
        return allowed(use.source())
                && allowed(use.destination())
                && (policy.exclusive() != Exclusive.STRICT || closeness(use) <= closest(use));
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
            case ApplicationCpu.SameCore(), ApplicationCpu.Cross() -> end.application() >= 0
                    && (!hashed || end.application() == end.receive());
            case ApplicationCpu.Offset(int offset) -> end.application() >= 0
                    && (!hashed || (end.receive() >= 0 && end.application() == end.receive() + offset));
            case ApplicationCpu.Explicit(CpuSet cpus) -> end.application() >= 0 && cpus.contains(end.application());
            case ApplicationCpu.NumaLocal() -> end.application() >= 0
                    && (!hashed || (end.receive() >= 0 && isNumaLocal(end)));
            case ApplicationCpu.Unpinned() -> end.application() < 0;
        };
    }

    private boolean isNumaLocal(EndUse end) {
        return node(end.host(), end.application()) == node(end.host(), end.receive())
                && !siblings(end.machineId(), end.receive()).contains(end.application());
    }

    private static int node(HostCpus host, int cpu) {
        return host.cpus().stream()
                .filter(one -> one.cpu() == cpu)
                .mapToInt(CpuTopology::numaNode)
                .findFirst()
                .orElse(-1);
    }

    /** 0: the ends share nothing; 1: they share a core, where that matters; 2: they share a CPU. */
    private int closeness(FlowUse use) {
        return use.sameMachine() ? closeness(use.source().machineId(), cpus(use.source()), cpus(use.destination())) : 0;
    }

    private int closeness(String machineId, Set<Integer> source, Set<Integer> destination) {
        boolean sameCpu = source.stream().anyMatch(destination::contains);
        boolean sameCore = source.stream().anyMatch(cpu ->
                core(machineId, cpu).stream().anyMatch(destination::contains));
        return sameCpu ? 2 : sameCore ? 1 : 0;
    }

    private static Set<Integer> cpus(EndUse end) {
        var cpus = new HashSet<Integer>();
        cpus.add(end.application());
        cpus.add(end.receive());
        cpus.remove(-1);
        return cpus;
    }

    /** How close the ends may be: as the sets force them to be, or as hashing led every candidate of the pair. */
    private int closest(FlowUse use) {
        Set<Integer> pinned = new HashSet<>();
        CpuSet source = applicationSet(use.source());
        CpuSet destination = applicationSet(use.destination());
        source.cpus().forEach(pinned::add);
        destination.cpus().forEach(pinned::add);
        int closest = 0;
        if (!source.isEmpty() && !destination.isEmpty() && use.sameMachine()) {
            Set<Integer> core = core(use.source().machineId(), source.first());
            closest = pinned.size() == 1 ? 2 : core.containsAll(pinned) ? 1 : 0;
        }
        boolean noMore = request.candidatesOpened() >= policy.maxCandidates();
        return noMore ? Math.max(closest, hashedTo(use)) : closest;
    }

    private int hashedTo(FlowUse use) {
        return Stream.concat(request.candidates().stream(), request.closed().stream())
                .filter(c -> c.sourceHostId().equals(use.source().host().hostId())
                        && c.destinationHostId().equals(use.destination().host().hostId()))
                .mapToInt(c -> {
                    if (c.source().steering() != Steering.HASHED || c.destination().steering() != Steering.HASHED) {
                        return 0;
                    }
                    boolean usable = usable(use.source()).contains(c.source().receiveCpu())
                            && usable(use.destination()).contains(c.destination().receiveCpu());
                    return usable
                            ? closeness(use.source().machineId(), Set.of(c.source().receiveCpu()),
                                    Set.of(c.destination().receiveCpu()))
                            : 2;
                })
                .min()
                .orElse(2);
    }

    private CpuSet usable(EndUse end) {
        CpuSet side = end.isSource() ? policy.sourceCpus() : policy.destinationCpus();
        CpuSet allowed = policy.isolatedOnly()
                ? end.host().allowed().and(end.host().isolated())
                : end.host().allowed();
        return side == null ? allowed : allowed.and(side);
    }

    private CpuSet applicationSet(EndUse end) {
        return switch (policy.applicationCpu()) {
            case ApplicationCpu.SameCore _,
                    ApplicationCpu.Offset _,
                    ApplicationCpu.Cross _,
                    ApplicationCpu.NumaLocal _ -> usable(end);
            case ApplicationCpu.Explicit(CpuSet cpus) -> usable(end).and(cpus);
            case ApplicationCpu.Unpinned _ -> CpuSet.empty();
        };
    }

    /** Whether two flows of the run may not be together. */
    boolean conflict(FlowUse a, FlowUse b) {
        return clash(policy.exclusive(), uses(a), uses(b));
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
                if (clash(policy.exclusive().stricter(claim.exclusive()), uses(use), asUses(claim))) {
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
    private boolean claimsCover(Lane lane, FlowUse use, int flow, int partner, @Nullable FlowUse other) {
        String runId = request.runId();
        Set<String> shared = other == null ? Set.of() : shared(use, other);
        var claimed = new HashMap<String, Set<String>>();
        for (Claim claim : lane.claims()) {
            boolean own = claim.flowId().equals(runId + "." + flow) && claim.exclusive() == policy.exclusive();
            boolean first = asUses(claim).entrySet().stream()
                    .allMatch(entry -> claimed.putIfAbsent(entry.getKey(), entry.getValue()) == null);
            String with = shared.contains(claim.machineId() + "/" + claim.cpu()) ? runId + "." + partner : "";
            if (!own || !first || !claim.sharedWithFlowId().equals(with)) {
                return false;
            }
        }
        Map<String, Set<String>> uses = uses(use);
        return claimed.keySet().equals(uses.keySet())
                && uses.entrySet().stream().allMatch(entry ->
                        covers(claimed.getOrDefault(entry.getKey(), Set.of()), entry.getValue()));
    }

    /** What a flow swaps with its partner. */
    private Set<String> shared(FlowUse use, FlowUse other) {
        var shared = new HashSet<String>();
        for (EndUse end : List.of(use.source(), use.destination())) {
            if (end.hashed() && (end.isSource() ? other.source() : other.destination()).hashed()) {
                for (int cpu : List.of(end.application(), end.receive())) {
                    core(end.machineId(), cpu).forEach(one -> shared.add(end.machineId() + "/" + one));
                }
            }
        }
        return shared;
    }

    private static boolean covers(Set<String> claimed, Set<String> used) {
        var sides = new HashSet<>(used);
        sides.remove("application");
        return claimed.containsAll(sides);
    }
}
