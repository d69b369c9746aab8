package dev.flowlane.core.placement;

import org.jgrapht.Graph;
import org.jgrapht.alg.interfaces.MatchingAlgorithm;
import org.jgrapht.alg.matching.HopcroftKarpMaximumCardinalityBipartiteMatching;
import org.jgrapht.alg.matching.SparseEdmondsMaximumCardinalityMatching;
import org.jgrapht.alg.partition.BipartitePartitioning;
import org.jgrapht.graph.DefaultEdge;
import org.jgrapht.graph.SimpleGraph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Maximum matching over receive CPUs: nodes are CPUs, a group of candidates is an edge between its two receive CPUs
 * (to a vertex of its own where it has one only). Hopcroft-Karp where the graph is bipartite, Edmonds where it is not.
 *
 * <p>A pair must not get more than the flows it needs. Where the pair has one end whose CPUs no other pair uses (k of
 * them, n flows needed), k - n dummy vertices next to all of those keep k - n of them away from real edges: a maximum
 * matching of the larger graph is then the largest that respects the need. Where no end is the pair's own (mesh or
 * ring under strict) the matching only bounds the number of flows from above.
 */
final class FixedMatching {
    private final Component component;
    private final Graph<Integer, DefaultEdge> graph = new SimpleGraph<>(DefaultEdge.class);
    private final Map<DefaultEdge, Group> groupOf = new HashMap<>();
    private final int[] withoutNodes;
    private final Set<Integer> dummies = new HashSet<>();
    private boolean respectsNeed = true;
    private int nextVertex;

    FixedMatching(Component component) {
        this(component, true);
    }

    /** @param respectNeed whether pairs may get no more flows than they need; if not, only totals are of interest */
    FixedMatching(Component component, boolean respectNeed) {
        this.component = component;
        this.withoutNodes = new int[component.pairs().size()];
        this.nextVertex = component.nodes().count();
        for (Group group : component.groups()) {
            if (group.joint) {
                continue;
            }
            if (group.primary.length == 0) {
                withoutNodes[group.pair] += group.candidateIds.size();
            } else {
                addEdge(group);
            }
        }
        if (component.pairs().size() > 1 && respectNeed) {
            limitPairs();
        }
    }

    /**
     * @param groups at most the needed number for each pair; a group without nodes as often as it is used
     * @param atMost no more flows than this fit, whatever else speaks against some
     */
    record Result(List<Group> groups, int atMost) {}

    /**
     * CPUs that explain why no more fit (the odd set cover of Edmonds' algorithm; a vertex cover where the graph is
     * bipartite): every candidate takes one of {@code cover}, or two CPUs of one of {@code oddSets}.
     */
    record Certificate(BitSet cover, List<BitSet> oddSets, int atMost) {}

    Result solve() {
        Set<DefaultEdge> matched = matching().getMatching().getEdges();
        int[] need = new int[component.pairs().size()];
        int[] real = new int[need.length];
        var picked = new ArrayList<Group>();
        for (int pair = 0; pair < need.length; pair++) {
            need[pair] = component.need();
        }
        // Groups in their own order, so that which of too many are kept does not depend on the algorithm.
        var matchedGroups = new HashSet<Group>();
        for (DefaultEdge edge : matched) {
            Group group = groupOf.get(edge);
            if (group != null) {
                matchedGroups.add(group);
                real[group.pair]++;
            }
        }
        for (Group group : component.groups()) {
            int uses = group.joint ? 0 : group.primary.length > 0
                    ? (matchedGroups.contains(group) ? 1 : 0)
                    : group.candidateIds.size();
            for (int i = 0; i < uses && need[group.pair] > 0; i++) {
                need[group.pair]--;
                picked.add(group);
            }
        }
        return new Result(picked, atMost(real, matched.size()));
    }

    private int atMost(int[] real, int edges) {
        int free = 0;
        for (int count : withoutNodes) {
            free += Math.min(count, component.need());
        }
        int withNodes = respectsNeed
                ? edges - dummies.size()
                : Arrays.stream(real).sum();
        return Math.min(component.flows(), withNodes + free);
    }

    /** Why no more flows fit, needs of pairs aside. */
    Certificate certificate() {
        var edmonds = new SparseEdmondsMaximumCardinalityMatching<>(graph);
        int size = edmonds.getMatching().getEdges().size();
        var cover = new BitSet();
        var odd = new HashMap<Integer, BitSet>();
        edmonds.getOddSetCover().forEach((vertex, label) -> {
            if (vertex < component.nodes().count()) {
                if (label == 1) {
                    cover.set(vertex);
                } else if (label > 1) {
                    odd.computeIfAbsent(label, any -> new BitSet()).set(vertex);
                }
            } else if (label == 1) {
                // The vertex of its own of a CPU whose candidates have no other: the CPU says the same.
                graph.edgesOf(vertex).forEach(edge -> cover.set(Math.min(
                        graph.getEdgeSource(edge), graph.getEdgeTarget(edge))));
            }
        });
        return new Certificate(cover, List.copyOf(new TreeMap<>(odd).values()), size);
    }

    private void addEdge(Group group) {
        int a = group.primary[0];
        int b = group.primary.length > 1 ? group.primary[1] : nextVertex++;
        graph.addVertex(a);
        graph.addVertex(b);
        DefaultEdge edge = graph.addEdge(a, b);
        if (edge != null) {
            groupOf.put(edge, group);
        }
    }

    private MatchingAlgorithm<Integer, DefaultEdge> matching() {
        var partitioning = new BipartitePartitioning<>(graph);
        if (!partitioning.isBipartite()) {
            return new SparseEdmondsMaximumCardinalityMatching<>(graph);
        }
        var partitions = partitioning.getPartitioning();
        return new HopcroftKarpMaximumCardinalityBipartiteMatching<>(
                graph, partitions.getPartition(0), partitions.getPartition(1));
    }

    private void limitPairs() {
        var pairsAt = new HashMap<Integer, Set<Integer>>();
        for (Group group : component.groups()) {
            for (int node : group.primary) {
                pairsAt.computeIfAbsent(node, any -> new HashSet<>()).add(group.pair);
            }
        }
        for (int pair = 0; pair < component.pairs().size(); pair++) {
            int needed = Math.max(0, component.need() - withoutNodes[pair]);
            Set<Integer> own = ownSide(pair, pairsAt, true);
            if (own.isEmpty()) {
                own = ownSide(pair, pairsAt, false);
            }
            boolean hasEdges = pairHasEdges(pair);
            if (own.isEmpty() && hasEdges) {
                respectsNeed = false;
            } else {
                addDummies(own, own.size() - needed);
            }
        }
    }

    private boolean pairHasEdges(int pair) {
        return component.groups().stream().anyMatch(group -> group.pair == pair && group.primary.length > 0);
    }

    /** Nodes of one end of the pair, if every edge of the pair has exactly one of them and no other pair has any. */
    private Set<Integer> ownSide(int pair, Map<Integer, Set<Integer>> pairsAt, boolean sourceSide) {
        var own = new LinkedHashSet<Integer>();
        List<Group> edges = component.groups().stream()
                .filter(group -> group.pair == pair && group.primary.length > 0 && !group.joint)
                .toList();
        for (Group group : edges) {
            PairRules.End end = sourceSide ? component.pairs().get(pair).source()
                    : component.pairs().get(pair).destination();
            int receiveCpu = sourceSide ? group.source.receiveCpu : group.destination.receiveCpu;
            if (receiveCpu < 0) {
                return Set.of();
            }
            own.add(component.nodes().of(end.machineId(), sourceSide, receiveCpu));
        }
        boolean separate = own.stream().allMatch(node -> pairsAt.getOrDefault(node, Set.of()).size() == 1)
                && edges.stream().allMatch(group ->
                        Arrays.stream(group.primary).filter(own::contains).count() == 1);
        return separate ? own : Set.of();
    }

    private void addDummies(Set<Integer> own, int count) {
        for (int i = 0; i < count; i++) {
            int dummy = nextVertex++;
            dummies.add(dummy);
            graph.addVertex(dummy);
            own.forEach(node -> graph.addEdge(dummy, node));
        }
    }
}
