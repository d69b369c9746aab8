package dev.flowlane.core.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Branch and bound over groups: takes the pair with the least to spare, tries each of its groups, and last that the
 * pair gets no more flows. A branch ends when even the receive CPUs that are left to each pair could not beat the best
 * found. Exact when it ends by itself; after {@code workMax} steps it gives back the best found so far, not proven.
 */
final class ExactSearch {
    /** Looks at a node or a group; a few tens of milliseconds in all, which a coordinator can spend on a decision. */
    static final long WORK_MAX = 1_000_000;
    /** The same for a question that is only asked to advise. */
    static final long WORK_MAX_FOR_ADVICE = 50_000;

    private final Component component;
    private final List<List<Group>> groups = new ArrayList<>();
    private final int atMost;
    private final long workMax;
    private final boolean withChoices;
    private final BitSet used = new BitSet();
    private final List<Group> taken = new ArrayList<>();
    private final int[] need;
    private final int[] next;
    private final Map<List<Integer>, Integer> candidatesTaken = new HashMap<>();
    private Solution best;
    private int toBeat;
    private long work;

    /** @param known flows that are known to fit, to be improved upon */
    ExactSearch(Component component, int atMost, Solution known, long workMax) {
        this.workMax = workMax;
        this.component = component;
        this.atMost = atMost;
        this.best = known;
        this.toBeat = known.size();
        this.need = new int[component.pairs().size()];
        this.next = new int[need.length];
        Arrays.fill(need, component.need());
        for (int pair = 0; pair < need.length; pair++) {
            groups.add(component.groupsOf(pair));
        }
        this.withChoices = component.groups().stream().anyMatch(group -> !group.choices.isEmpty());
    }

    /** @param allOrNothing whether only a solution that serves every flow is of interest */
    Solution run(boolean allOrNothing) {
        if (allOrNothing) {
            toBeat = component.flows() - 1;
        }
        search();
        boolean exhausted = work < workMax;
        boolean largest = (exhausted && !allOrNothing) || best.size() == atMost;
        boolean impossible = best.size() < component.flows() && (exhausted || atMost < component.flows());
        return new Solution(best.chosen(), largest, impossible);
    }

    private void search() {
        if (taken.size() > toBeat) {
            Solution found = LaneSearch.withChoices(component, taken, used);
            if (found.size() == taken.size()) {
                best = found;
                toBeat = found.size();
            }
        }
        int pair = tightestPair();
        if (pair < 0) {
            return;
        }
        List<Group> own = groups.get(pair);
        int from = next[pair];
        for (int i = from; i < own.size() && !ended(); i++) {
            Group group = own.get(i);
            work++;
            if (isOpen(group)) {
                // The same group may be taken again as long as it has candidates; an earlier one not, which would
                // only repeat a set in another order.
                next[pair] = group.fixed.length > 0 ? i + 1 : i;
                take(group);
                if (choicesFit()) {
                    search();
                }
                giveBack(group);
            }
        }
        next[pair] = from;
        if (!ended()) {
            int needed = need[pair];
            need[pair] = 0;
            search();
            need[pair] = needed;
        }
    }

    private boolean ended() {
        return toBeat >= atMost || work >= workMax;
    }

    private boolean isOpen(Group group) {
        return !group.collidesWith(used)
                && candidatesTaken.getOrDefault(group.candidateIds, 0) < group.candidateIds.size();
    }

    private void take(Group group) {
        Arrays.stream(group.fixed).forEach(used::set);
        candidatesTaken.merge(group.candidateIds, 1, Integer::sum);
        taken.add(group);
        need[group.pair]--;
    }

    private void giveBack(Group group) {
        Arrays.stream(group.fixed).forEach(used::clear);
        candidatesTaken.merge(group.candidateIds, -1, Integer::sum);
        taken.removeLast();
        need[group.pair]++;
    }

    private boolean choicesFit() {
        if (!withChoices) {
            return true;
        }
        var matching = new ChoiceMatching(component.nodes().count(), used);
        boolean fits = taken.stream()
                .flatMap(group -> group.choices.stream())
                .allMatch(choice -> matching.add(choice.nodes));
        work += matching.work();
        return fits;
    }

    /** The open pair with the least to spare; -1 when none is open or what is left cannot beat the best. */
    private int tightestPair() {
        int tightest = -1;
        int leastSpare = Integer.MAX_VALUE;
        int possible = taken.size();
        for (int pair = 0; pair < need.length; pair++) {
            if (need[pair] > 0) {
                int room = room(pair);
                possible += Math.min(need[pair], room);
                if (room > 0 && room - need[pair] < leastSpare) {
                    leastSpare = room - need[pair];
                    tightest = pair;
                }
            }
        }
        return possible > toBeat && !ended() ? tightest : -1;
    }

    /** No more flows than this can be added to the pair: distinct nodes that its open groups have at either end. */
    private int room(int pair) {
        var sources = new BitSet();
        var destinations = new BitSet();
        int unbound = 0;
        List<Group> own = groups.get(pair);
        PairRules rules = component.pairs().get(pair);
        Cores cores = component.cores();
        for (int i = next[pair]; i < own.size(); i++) {
            Group group = own.get(i);
            work++;
            if (isOpen(group)) {
                if (group.fixed.length == 0) {
                    unbound += group.candidateIds.size();
                } else {
                    sources.set(cores.standIn(rules.source().machineId(), Math.max(0, group.source.receiveCpu)));
                    destinations.set(cores.standIn(
                            rules.destination().machineId(), Math.max(0, group.destination.receiveCpu)));
                }
            }
        }
        boolean allHashed = own.stream().allMatch(g -> g.source.receiveCpu >= 0 && g.destination.receiveCpu >= 0);
        return unbound + (allHashed
                ? Math.min(sources.cardinality(), destinations.cardinality())
                : own.size() - next[pair]);
    }
}
