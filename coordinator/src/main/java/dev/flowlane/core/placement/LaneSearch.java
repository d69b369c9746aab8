package dev.flowlane.core.placement;

import dev.flowlane.core.placement.Group.Choice;
import dev.flowlane.core.placement.Solution.Chosen;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds as many flows of a component as fit together, cheapest method first: in order of contention; by maximum
 * matching over the receive CPUs, with the application CPUs that are left to choose matched afterwards; by exhaustive
 * search. The first that serves every flow ends it. The matching alone is exact when a flow takes its two receive CPUs
 * and nothing else (same-core, unpinned, per-side), and so is the choice alone when nothing is fixed (loopback, RFS);
 * with offsets, lists, or a mesh under strict the problem is a set packing, hence the search, which
 * {@link ExactSearch#WORK_MAX} bounds.
 */
final class LaneSearch {
    private final Component component;
    private final long workMax;

    LaneSearch(Component component, long workMax) {
        this.component = component;
        this.workMax = workMax;
    }

    /**
     * @param wantLargest whether a search that cannot serve every flow goes on until it knows how many it can
     */
    Solution solve(boolean wantLargest) {
        int flows = component.flows();
        Solution best = complete(byContention());
        if (best.size() == flows) {
            return new Solution(best.chosen(), true, false);
        }
        FixedMatching.Result matched = new FixedMatching(component).solve();
        best = larger(best, complete(matched.groups()));
        best = larger(best, onOneCpuEach(flows));
        if (best.size() == matched.atMost() || choiceDecides()) {
            boolean largest = best.size() == matched.atMost() || component.pairs().size() == 1;
            return new Solution(best.chosen(), largest, best.size() < flows);
        }
        if (matched.atMost() < flows && !wantLargest) {
            return new Solution(best.chosen(), false, true);
        }
        var search = new ExactSearch(component, matched.atMost(), best, workMax);
        return search.run(matched.atMost() == flows && !wantLargest);
    }

    private static Solution larger(Solution a, Solution b) {
        return b.size() > a.size() ? b : a;
    }

    /** Every pair has one kind of candidate and none takes anything fixed: matching the choices is all there is. */
    private boolean choiceDecides() {
        return component.groups().stream().allMatch(group -> group.fixed.length == 0 && !group.joint)
                && component.groups().stream().map((Group g) -> g.pair).distinct().count()
                        == component.groups().size();
    }

    private record Weighted(Group group, int weight) {}

    /** Groups whose CPUs the fewest others want come first. */
    private List<Group> byContention() {
        int[] wanted = new int[component.nodes().count()];
        for (Group group : component.groups()) {
            for (int node : group.fixed) {
                wanted[node]++;
            }
            for (Choice choice : group.choices) {
                for (int node : choice.nodes) {
                    wanted[node]++;
                }
            }
        }
        var weighted = new ArrayList<Weighted>();
        for (Group group : component.groups()) {
            if (!group.joint) {
                weighted.add(new Weighted(group, Arrays.stream(group.fixed).map(node -> wanted[node]).sum()));
            }
        }
        weighted.sort(Comparator.comparingInt(Weighted::weight)
                .thenComparingInt((Weighted one) -> one.group().pair)
                .thenComparingInt(one -> one.group().firstCandidateId()));
        var groups = new ArrayList<Group>();
        weighted.forEach(one ->
                groups.addAll(Collections.nCopies(one.group().uses(component.need()), one.group())));
        return groups;
    }

    /** Under per-side on loopback: as few flows as possible on one CPU for both ends, the others on two. */
    private Solution onOneCpuEach(int flows) {
        Solution best = new Solution(List.of(), false, false);
        List<Group> groups = component.groups();
        if (component.pairs().size() > 1 || groups.size() != 2 || !groups.get(1).joint) {
            return best;
        }
        int candidates = Math.min(flows, groups.get(0).candidateIds.size());
        for (int joint = 0; joint <= candidates && best.size() < flows; joint++) {
            var picks = new ArrayList<>(Collections.nCopies(joint, groups.get(1)));
            picks.addAll(Collections.nCopies(candidates - joint, groups.get(0)));
            best = larger(best, complete(picks));
        }
        return best;
    }

    /** As many of the picks, in this order, as fit together with their choices and within the need of each pair. */
    private Solution complete(List<Group> picks) {
        var used = new BitSet();
        int[] count = new int[component.pairs().size()];
        var candidates = new HashMap<List<Integer>, Integer>();
        var fitting = new ArrayList<Group>();
        for (Group group : picks) {
            if (!group.collidesWith(used) && count[group.pair] < component.need()
                    && candidates.merge(group.candidateIds, 1, Integer::sum) <= group.candidateIds.size()) {
                count[group.pair]++;
                Arrays.stream(group.fixed).forEach(used::set);
                fitting.add(group);
            }
        }
        fitting.sort(Comparator.comparingInt((Group g) -> g.pair).thenComparingInt(Group::firstCandidateId));
        return withChoices(component, fitting, used);
    }

    /** Gives the groups the nodes they have a choice of; those that get none are left out. */
    static Solution withChoices(Component component, List<Group> groups, BitSet used) {
        var matching = new ChoiceMatching(component.nodes().count(), used);
        var served = new ArrayList<Group>();
        var firstDemand = new ArrayList<Integer>();
        int demands = 0;
        for (Group group : groups) {
            int granted = 0;
            for (Choice choice : group.choices) {
                if (!matching.add(choice.nodes)) {
                    break;
                }
                granted++;
            }
            if (granted == group.choices.size()) {
                served.add(group);
                firstDemand.add(demands);
            }
            // A node that half a flow got stays taken: the next flow of its kind would fare no better.
            demands += granted;
        }
        return new Solution(chosen(component, served, firstDemand, matching.nodes()), false, false);
    }

    private static List<Chosen> chosen(
            Component component, List<Group> groups, List<Integer> firstDemand, int[] nodes) {
        var next = new HashMap<List<Integer>, Integer>();
        var spread = new Spread();
        var chosen = new ArrayList<Chosen>();
        for (int i = 0; i < groups.size(); i++) {
            Group group = groups.get(i);
            int nth = next.merge(group.candidateIds, 1, Integer::sum) - 1;
            var cpus = new HashMap<Boolean, Integer>();
            for (int c = 0; c < group.choices.size(); c++) {
                Choice choice = group.choices.get(c);
                int taken = choice.indexOf(nodes[firstDemand.get(i) + c]);
                cpus.put(choice.forSource, choice.cpus[taken]);
                if (group.joint) {
                    cpus.put(false, choice.peerCpus[taken]);
                }
            }
            PairRules rules = component.pairs().get(group.pair);
            int source = spread.application(rules.source(), group.source, cpus, -1);
            int destination = spread.application(
                    rules.destination(), group.destination, cpus, rules.sameMachine() ? source : -1);
            chosen.add(new Chosen(group, group.candidateIds.get(nth), source, destination));
        }
        return chosen;
    }

    /** Application CPUs that exclude nobody go where the fewest are so far. */
    private static final class Spread {
        private record Place(String machineId, int cpu) {}

        private final Map<Place, Integer> used = new HashMap<>();

        int application(PairRules.End end, Group.EndShape shape, Map<Boolean, Integer> matched, int peerCpu) {
            int cpu = shape.applicationCpu;
            if (shape.free != null) {
                Integer given = matched.get(end.isSource());
                cpu = given != null ? given : leastUsed(end.machineId(), shape.free, peerCpu);
            }
            used.merge(new Place(end.machineId(), cpu), 1, Integer::sum);
            return cpu;
        }

        private int leastUsed(String machineId, int[] free, int peerCpu) {
            int best = free[0];
            int bestCost = Integer.MAX_VALUE;
            for (int cpu : free) {
                // Twice the count, so that the peer's CPU loses to others that are as much in use.
                int cost = 2 * used.getOrDefault(new Place(machineId, cpu), 0) + (cpu == peerCpu ? 1 : 0);
                if (cost < bestCost) {
                    best = cpu;
                    bestCost = cost;
                }
            }
            return best;
        }
    }
}
