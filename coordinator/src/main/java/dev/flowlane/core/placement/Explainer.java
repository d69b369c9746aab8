package dev.flowlane.core.placement;

import dev.flowlane.core.Counted;
import dev.flowlane.core.placement.Explanation.HeldCpus;
import dev.flowlane.core.placement.Explanation.Reachable;
import dev.flowlane.core.placement.PlacementOutcome.Blocked;
import dev.flowlane.core.placement.PlacementOutcome.Refused;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Finds out why a run has no lanes, and what would help, by asking the matching the question in other forms. */
final class Explainer {
    private static final int FEWER_FLOWS_TRIES = 16;
    private static final int LINES_MAX = 5;

    private final PlacementRequest request;
    private final RunSpec spec;

    Explainer(PlacementRequest request) {
        this.request = request;
        this.spec = request.spec();
    }

    /** The answer when all candidates there will be are there. */
    PlacementOutcome afterConnecting(Search search, Search.Answer answer) {
        var bottlenecks = unusable(search);
        bottlenecks.addAll(bottlenecks(search, answer));
        boolean fitsAlone = !request.others().isEmpty()
                && Search.of(request, spec, request.pairs(), request.allCandidates(), Ledger.empty(), true)
                        .solve(false)
                        .complete();
        SortedMap<String, List<HeldCpus>> claims = claimsInTheWay(search, answer);
        if (fitsAlone && !claims.isEmpty()) {
            return blocked(answer, bottlenecks, claims, reachable());
        }
        String summary = "no lanes for " + flows(answer.flows()) + " after "
                + Counted.of(request.candidatesOpened(), "connection") + ": " + fit(answer);
        var suggestions = suggestions(answer.size(), changed -> Search.of(request, changed, Pairs.of(changed),
                request.allCandidates(), request.others(), true).fits());
        suggestions.addAll(hashingHints());
        return new Refused(new Explanation(summary, answer.flows(), answer.size(), answer.largest(), reachable(),
                bottlenecks, claims, suggestions));
    }

    /** A refusal that needs no search. */
    Refused refused(String summary, List<String> bottlenecks, int placed, List<String> suggestions) {
        return new Refused(new Explanation(summary, (int) spec.flowCount(), placed, true, List.of(), bottlenecks,
                new TreeMap<>(), suggestions));
    }

    /** There are not CPUs enough even if no other run were there. */
    Refused tooFewCpus(Search search, Search.Answer answer, Predicate<RunSpec> fits) {
        return refused("not enough CPUs for " + flows(answer.flows()) + ": " + fit(answer),
                bottlenecks(search, answer), answer.size(), suggestions(answer.size(), fits));
    }

    /** There would be CPUs enough if no other run were there. */
    Blocked blocked(Search search, Search.Answer answer) {
        return blocked(answer, bottlenecks(search, answer), claimsInTheWay(search, answer), List.of());
    }

    private Blocked blocked(Search.Answer answer, List<String> bottlenecks,
            SortedMap<String, List<HeldCpus>> claims, List<Reachable> reachable) {
        var runIds = new TreeSet<>(claims.keySet());
        String runs = (runIds.size() == 1 ? "run " : "runs ") + String.join(", ", runIds);
        var suggestions = new ArrayList<String>();
        suggestions.add("wait for " + runs + " to end, or cancel " + (runIds.size() == 1 ? "it" : "them"));
        suggestions.add("placement.source-cpus and destination-cpus that the other runs leave");
        return new Blocked(runIds, new Explanation("CPUs for " + flows(answer.flows()) + " are held by " + runs,
                answer.flows(), answer.size(), answer.largest(), reachable, bottlenecks, claims, suggestions));
    }

    private static String flows(int count) {
        return Counted.of(count, "flow");
    }

    private static String fit(Search.Answer answer) {
        return answer.size() == 0 ? "none fits" : Counted.of(answer.size(), "fits", "fit");
    }

    private List<String> bottlenecks(Search search, Search.Answer answer) {
        var lines = new ArrayList<String>();
        boolean strict = spec.placement().exclusive() == Exclusive.STRICT;
        for (int i = 0; i < answer.solutions().size(); i++) {
            Component component = search.components().get(i);
            Solution solution = answer.solutions().get(i);
            if (solution.size() < component.flows()) {
                lines.addAll(new Bottlenecks(component, strict).lines(solution.size()));
            }
        }
        return lines.size() <= LINES_MAX ? lines : lines.subList(0, LINES_MAX);
    }

    /** Pairs none of whose connections can become a flow. */
    private List<String> unusable(Search search) {
        var lines = new ArrayList<String>();
        for (Component component : search.components()) {
            for (int i = 0; i < component.pairs().size() && lines.size() < LINES_MAX; i++) {
                HostPair pair = component.pairs().get(i).pair();
                if (component.usableCandidates(i) == 0) {
                    long open = request.allCandidates().stream()
                            .filter(c -> c.sourceHostId().equals(pair.source())
                                    && c.destinationHostId().equals(pair.destination()))
                            .count();
                    lines.add(open == 0
                            ? "no connection " + pair + " could be opened"
                            : (open == 1 ? "the one connection " + pair + " does not lead" : "none of the " + open
                                    + " connections " + pair + " leads")
                                    + " to CPUs that flows may use and that are free");
                }
            }
        }
        return lines;
    }

    /** Claims on CPUs that the flows of the incomplete components might have used. */
    private SortedMap<String, List<HeldCpus>> claimsInTheWay(Search search, Search.Answer answer) {
        var held = new TreeMap<String, SortedMap<String, CpuSet>>();
        var occupancy = new Occupancy(request.others(), spec.placement().exclusive(), search.cores());
        for (int i = 0; i < answer.solutions().size(); i++) {
            Component component = search.components().get(i);
            if (answer.solutions().get(i).size() == component.flows() && !answer.complete()) {
                continue;
            }
            for (PairRules pair : component.pairs()) {
                for (PairRules.End end : List.of(pair.source(), pair.destination())) {
                    hold(held, end, occupancy, search.cores());
                }
            }
        }
        var claims = new TreeMap<String, List<HeldCpus>>();
        held.forEach((runId, byMachine) -> claims.put(runId, byMachine.entrySet().stream()
                .map(e -> new HeldCpus(e.getKey(), hostsOn(e.getKey()), e.getValue()))
                .toList()));
        return claims;
    }

    private void hold(
            Map<String, SortedMap<String, CpuSet>> held, PairRules.End end, Occupancy occupancy, Cores cores) {
        for (Ledger.Held claim : request.others().on(end.machineId())) {
            int cpu = claim.claim().cpu();
            boolean denies = occupancy.denies(claim.claim(), end.isSource());
            if (denies && cores.takenWith(end.machineId(), cpu).intersects(end.usable())) {
                held.computeIfAbsent(claim.runId(), any -> new TreeMap<>())
                        .merge(end.machineId(), CpuSet.of(cpu), CpuSet::or);
            }
        }
    }

    private List<String> hostsOn(String machineId) {
        return request.hosts().values().stream()
                .filter(host -> host.machineId().equals(machineId) && isOfThisRun(host.hostId()))
                .map(HostCpus::hostId)
                .sorted()
                .toList();
    }

    private boolean isOfThisRun(String hostId) {
        return request.pairs().stream().anyMatch(p -> p.source().equals(hostId) || p.destination().equals(hostId));
    }

    private List<Reachable> reachable() {
        var hits = new TreeMap<String, SortedMap<Integer, Integer>>();
        for (CandidatePair candidate : request.allCandidates()) {
            hit(hits, candidate.sourceHostId(), candidate.source());
            hit(hits, candidate.destinationHostId(), candidate.destination());
        }
        return hits.entrySet().stream().map(host -> new Reachable(host.getKey(), host.getValue())).toList();
    }

    private static void hit(Map<String, SortedMap<Integer, Integer>> hits, String hostId, CandidateEnd end) {
        if (end.steering() == Steering.HASHED) {
            hits.computeIfAbsent(hostId, any -> new TreeMap<>()).merge(end.receiveCpu(), 1, Integer::sum);
        }
    }

    private List<String> suggestions(int placed, Predicate<RunSpec> fits) {
        var suggestions = new ArrayList<String>();
        int most = Math.min(spec.flowsPerPair() - 1, placed / request.pairs().size());
        PlacementPolicy policy = spec.placement();
        boolean even = policy.applicationCpu() instanceof ApplicationCpu.Cross;
        for (int flows = most, tries = 0; flows > 0 && tries < FEWER_FLOWS_TRIES; flows--, tries++) {
            boolean valid = !even || flows % 2 == 0;
            if (valid && fits.test(Variations.flows(spec, flows))) {
                suggestions.add("flows: " + flows);
                break;
            }
        }
        if ((policy.sourceCpus() != null || policy.destinationCpus() != null)
                && fits.test(Variations.withoutCpuSets(spec))) {
            suggestions.add("wider placement.source-cpus or destination-cpus");
        }
        if (policy.isolatedOnly() && fits.test(Variations.withoutIsolation(spec))) {
            suggestions.add("placement.isolated-only: false");
        }
        if (takesMore(policy.applicationCpu())
                && fits.test(Variations.applicationCpu(spec, new ApplicationCpu.SameCore()))) {
            suggestions.add("placement.application-cpu: same-core");
        }
        if (policy.smt() == Smt.AVOID && !(policy.applicationCpu() instanceof ApplicationCpu.NumaLocal)
                && fits.test(Variations.smt(spec, Smt.ALLOW))) {
            suggestions.add("placement.smt: allow");
        }
        for (Exclusive looser : List.of(Exclusive.PER_SIDE, Exclusive.NONE)) {
            if (looser.compareTo(policy.exclusive()) < 0 && fits.test(Variations.exclusive(spec, looser))) {
                suggestions.add("placement.exclusive: " + (looser == Exclusive.NONE ? "none" : "per-side"));
            }
        }
        return suggestions;
    }

    /** Whether a flow end may need another CPU than the one it receives on. */
    private static boolean takesMore(ApplicationCpu applicationCpu) {
        return switch (applicationCpu) {
            case ApplicationCpu.SameCore _, ApplicationCpu.Cross _, ApplicationCpu.Unpinned _ -> false;
            case ApplicationCpu.Offset _, ApplicationCpu.Explicit _, ApplicationCpu.NumaLocal _ -> true;
        };
    }

    /** Hints for hosts whose receive queues lead to fewer CPUs than flows may use. */
    private List<String> hashingHints() {
        var hints = new ArrayList<String>();
        boolean rarelyHit = false;
        for (Reachable host : reachable()) {
            if (host.hits().containsKey(-1)) {
                hints.add("a kernel that reports SO_INCOMING_CPU at " + host.hostId());
            }
            long reached = host.hits().keySet().stream().filter(cpu -> cpu >= 0).count();
            int allowed = request.host(host.hostId()).allowed().size();
            if (reached > 0 && reached < Math.min(allowed, flowEnds(host.hostId()))) {
                hints.add("receive queues of " + host.hostId() + " that lead to more than " + reached + " of its "
                        + allowed + " CPUs (ethtool -L and -X, or rps_cpus)");
            }
            rarelyHit |= host.hits().values().stream().anyMatch(count -> count == 1);
        }
        if (rarelyHit && request.candidatesOpened() >= spec.placement().maxCandidates()) {
            hints.add("placement.max-candidates above " + spec.placement().maxCandidates());
        }
        return hints;
    }

    private int flowEnds(String hostId) {
        long ends = request.pairs().stream()
                .mapToLong(p -> (p.source().equals(hostId) ? 1 : 0) + (p.destination().equals(hostId) ? 1 : 0))
                .sum();
        return (int) ends * spec.flowsPerPair();
    }
}
