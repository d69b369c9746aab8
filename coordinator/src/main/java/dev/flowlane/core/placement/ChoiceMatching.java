package dev.flowlane.core.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Gives every demand one node of its own out of those it may take: augmenting paths (Kuhn 1955), so the number of
 * demands served is the largest possible. Earlier demands and earlier nodes of a demand are preferred.
 */
final class ChoiceMatching {
    private static final int NOBODY = -1;

    private final int[] owner;
    private final BitSet denied;
    private final List<int[]> demands = new ArrayList<>();
    private final BitSet visitedNodes = new BitSet();
    private final BitSet visitedDemands = new BitSet();
    private long work;

    /** @param denied nodes that nobody gets */
    ChoiceMatching(int nodeCount, BitSet denied) {
        this.owner = new int[nodeCount];
        this.denied = denied;
        Arrays.fill(owner, NOBODY);
    }

    /** Adds a demand and serves it, moving others about if need be; false, and nothing has changed, if it cannot be. */
    boolean add(int[] nodes) {
        int demand = demands.size();
        demands.add(nodes);
        visitedNodes.clear();
        visitedDemands.clear();
        if (serve(demand)) {
            return true;
        }
        demands.removeLast();
        return false;
    }

    private boolean serve(int demand) {
        visitedDemands.set(demand);
        // A node that is free is taken at once, so that nobody is moved without need.
        for (int node : demands.get(demand)) {
            work++;
            if (owner[node] == NOBODY && !denied.get(node)) {
                owner[node] = demand;
                return true;
            }
        }
        for (int node : demands.get(demand)) {
            if (!denied.get(node) && !visitedNodes.get(node)) {
                visitedNodes.set(node);
                if (serve(owner[node])) {
                    owner[node] = demand;
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * After {@link #add} failed: nodes that the failed demand and those it competes with may take. They are all taken,
     * and by demands that may take no others (Hall's condition fails for them).
     */
    BitSet tightNodes() {
        return (BitSet) visitedNodes.clone();
    }

    /** The node of every served demand, in the order of {@link #add}. */
    int[] nodes() {
        var nodes = new int[demands.size()];
        for (int node = 0; node < owner.length; node++) {
            if (owner[node] != NOBODY) {
                nodes[owner[node]] = node;
            }
        }
        return nodes;
    }

    /** Steps done so far, for searches that count their work. */
    long work() {
        return work;
    }
}
