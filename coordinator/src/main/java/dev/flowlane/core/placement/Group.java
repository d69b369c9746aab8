package dev.flowlane.core.placement;

import org.jspecify.annotations.Nullable;

import java.util.BitSet;
import java.util.List;

/**
 * Candidates of a pair that are worth the same: they would use the same CPUs. Nodes are the exclusive things of a
 * {@link Component}: CPUs of machines, or receive CPUs of sides. Groups are compared by identity.
 */
final class Group {
    /** Place of the pair in its component. */
    final int pair;
    /** Ascending, never empty. A joint variant has the same list as the group it is a variant of. */
    final List<Integer> candidateIds;

    final EndShape source;
    final EndShape destination;
    /** Nodes of the receive CPUs, at most one for each end; what the matching graphs are made of. */
    final int[] primary;
    /** Every node that a flow of this group takes whatever else is chosen; contains {@link #primary}. */
    final int[] fixed;
    /** Nodes of which a flow of this group takes one each. */
    final List<Choice> choices;
    /** One node serves both ends: a variant of a group that has two choices. */
    final boolean joint;

    Group(int pair, List<Integer> candidateIds, EndShape source, EndShape destination,
            int[] primary, int[] fixed, List<Choice> choices, boolean joint) {
        this.pair = pair;
        this.candidateIds = candidateIds;
        this.source = source;
        this.destination = destination;
        this.primary = primary;
        this.fixed = fixed;
        this.choices = choices;
        this.joint = joint;
    }

    /** One end as the candidate's steering leaves it. */
    static final class EndShape {
        final Steering steering;
        /** Where hashing puts it; -1: where the application is, or not known. */
        final int receiveCpu;
        /** -1: to be chosen, or unpinned. */
        final int applicationCpu;
        /** CPUs to choose the application CPU from, in order of preference; null when there is nothing to choose. */
        final int @Nullable [] free;

        EndShape(Steering steering, int receiveCpu, int applicationCpu, int @Nullable [] free) {
            this.steering = steering;
            this.receiveCpu = receiveCpu;
            this.applicationCpu = applicationCpu;
            this.free = free;
        }

        /** How it is pinned once its application CPU is chosen. */
        EndShape pinnedTo(int cpu) {
            return new EndShape(steering, receiveCpu, cpu, null);
        }

        /** The receive CPU to expect once the application CPU is known; -1: shows later. */
        int receiveCpu(int chosenApplicationCpu) {
            return steering == Steering.FOLLOWS_RECEIVER ? chosenApplicationCpu : receiveCpu;
        }
    }

    /** Nodes to take one of, in order of preference, for the application CPU of one end, or of both. */
    static final class Choice {
        final boolean forSource;
        final int[] nodes;
        /** The CPU that each node gives the end. */
        final int[] cpus;
        /** The CPU that each node gives the other end of a joint flow; the same as {@link #cpus} for one end. */
        final int[] peerCpus;

        Choice(boolean forSource, int[] nodes, int[] cpus, int[] peerCpus) {
            this.forSource = forSource;
            this.nodes = nodes;
            this.cpus = cpus;
            this.peerCpus = peerCpus;
        }

        /** Place of one of its nodes. */
        int indexOf(int node) {
            for (int i = 0; i < nodes.length; i++) {
                if (nodes[i] == node) {
                    return i;
                }
            }
            throw new IllegalArgumentException("node " + node + " is none of the choice");
        }
    }

    /** Whether any node that the group cannot do without is in the set. */
    boolean collidesWith(BitSet used) {
        for (int node : fixed) {
            if (used.get(node)) {
                return true;
            }
        }
        return false;
    }

    int firstCandidateId() {
        return candidateIds.getFirst();
    }

    /** How many flows of a pair can be of this group: a CPU that is taken serves one. */
    int uses(int need) {
        return fixed.length > 0 ? 1 : Math.min(need, candidateIds.size());
    }
}
