package dev.flowlane.core.placement;

import java.util.List;

/**
 * Pairs that share machines, directly or through others, and the candidates they have: the unit in which flows are
 * matched, since flows of different components cannot be in each other's way.
 *
 * @param need flows per pair
 * @param groups by pair, then by first candidate
 */
record Component(List<PairRules> pairs, int need, List<Group> groups, Nodes nodes, Cores cores) {

    int flows() {
        return pairs.size() * need;
    }

    List<Group> groupsOf(int pair) {
        return groups.stream().filter(group -> group.pair == pair).toList();
    }

    /** Candidates of the pair that may become a flow. */
    int usableCandidates(int pair) {
        return groups.stream()
                .filter(group -> group.pair == pair && !group.joint)
                .mapToInt(group -> group.candidateIds.size())
                .sum();
    }

    /** The same with one pair only. */
    Component only(int pair) {
        List<Group> own = groupsOf(pair).stream()
                .map(g -> new Group(0, g.candidateIds, g.source, g.destination, g.primary, g.fixed, g.choices, g.joint))
                .toList();
        return new Component(List.of(pairs.get(pair)), need, own, nodes, cores);
    }
}
