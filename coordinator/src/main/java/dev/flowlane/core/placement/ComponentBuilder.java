package dev.flowlane.core.placement;

import dev.flowlane.core.placement.Group.Choice;
import dev.flowlane.core.placement.Group.EndShape;
import dev.flowlane.core.placement.PairRules.Closeness;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Turns candidates into groups of equal ones, leaving out what the spec, the hosts or other runs' claims deny. */
final class ComponentBuilder {
    private final PlacementPolicy policy;
    private final int flowsPerPair;
    private final Cores cores;
    private final EndShapes shapes;
    private final boolean overlapAllowed;
    private final Map<HostPair, List<CandidatePair>> closed;

    /**
     * @param overlapAllowed whether the ends of a strict flow on one machine may share CPUs where the pair has no
     *     candidate that keeps them apart: when no more candidates will come
     * @param closed candidates that were closed again; a pair that had some which keep ends apart has had its chance
     */
    ComponentBuilder(
            RunSpec spec,
            Ledger others,
            Cores cores,
            boolean overlapAllowed,
            Map<HostPair, List<CandidatePair>> closed) {
        this.policy = spec.placement();
        this.flowsPerPair = spec.flowsPerPair();
        this.cores = cores;
        this.shapes = EndShapes.of(policy, others, cores);
        this.overlapAllowed = overlapAllowed;
        this.closed = closed;
    }

    private record Kind(Steering source, int sourceCpu, Steering destination, int destinationCpu) {}

    /** A group and how close the ends of its flows are. */
    private record Found(Group group, Closeness closeness) {}

    Component build(List<PairRules> pairs, Map<HostPair, List<CandidatePair>> candidates) {
        var nodes = new Nodes(policy.exclusive(), cores, pairs);
        for (PairRules pair : pairs) {
            for (CandidatePair candidate : candidates.getOrDefault(pair.pair(), List.of())) {
                if (pair.sameMachine() && followsSender(candidate)) {
                    nodes.joinSides(pair.source().machineId());
                }
            }
        }
        var groups = new ArrayList<Group>();
        for (int i = 0; i < pairs.size(); i++) {
            groups.addAll(groups(i, pairs.get(i), candidates.getOrDefault(pairs.get(i).pair(), List.of()), nodes));
        }
        return new Component(pairs, flowsPerPair, groups, nodes, cores);
    }

    private static boolean followsSender(CandidatePair candidate) {
        return candidate.source().steering() == Steering.FOLLOWS_SENDER
                || candidate.destination().steering() == Steering.FOLLOWS_SENDER;
    }

    private List<Group> groups(int index, PairRules rules, List<CandidatePair> candidates, Nodes nodes) {
        var byKind = new LinkedHashMap<Kind, TreeSet<Integer>>();
        for (CandidatePair candidate : candidates) {
            byKind.computeIfAbsent(kind(candidate), kind -> new TreeSet<>()).add(candidate.candidateId());
        }
        var found = new ArrayList<Found>();
        byKind.forEach((kind, ids) -> {
            EndShape source = shapes.of(
                    rules, rules.source(), kind.source(), kind.sourceCpu(), kind.destination());
            EndShape destination = shapes.of(
                    rules, rules.destination(), kind.destination(), kind.destinationCpu(), kind.source());
            if (source != null && destination != null) {
                Group group = group(index, rules, List.copyOf(ids), source, destination, nodes);
                found.add(new Found(group, closeness(rules, group.source, group.destination)));
                Group joint = joint(rules, group, nodes);
                if (joint != null) {
                    found.add(new Found(joint, Closeness.APART));
                }
            }
        });
        Closeness allowed = rules.unavoidable();
        if (overlapAllowed) {
            Closeness best = Stream.concat(
                            byKind.keySet().stream(),
                            closed.getOrDefault(rules.pair(), List.of()).stream().map(ComponentBuilder::kind))
                    .map(kind -> mayBe(rules, kind))
                    .min(Comparator.naturalOrder())
                    .orElse(Closeness.SAME_CPU);
            allowed = best.compareTo(allowed) > 0 ? best : allowed;
        }
        Closeness limit = allowed;
        return found.stream()
                .filter(one -> one.closeness().compareTo(limit) <= 0)
                .map(Found::group)
                .sorted(Comparator.comparing((Group g) -> g.joint).thenComparingInt(Group::firstCandidateId))
                .toList();
    }

    /** How close the ends of such a flow are at the least, other runs' claims aside. */
    private Closeness mayBe(PairRules rules, Kind kind) {
        if (kind.source() != Steering.HASHED || kind.destination() != Steering.HASHED) {
            return Closeness.APART;
        }
        boolean usable = rules.source().usable().contains(kind.sourceCpu())
                && rules.destination().usable().contains(kind.destinationCpu());
        return usable
                ? closeness(rules, CpuSet.of(kind.sourceCpu()), CpuSet.of(kind.destinationCpu()))
                : Closeness.SAME_CPU;
    }

    /** What follows is the same wherever the candidate was first seen to be received. */
    private static Kind kind(CandidatePair candidate) {
        CandidateEnd source = candidate.source();
        CandidateEnd destination = candidate.destination();
        return new Kind(
                source.steering(),
                source.steering() == Steering.HASHED ? source.receiveCpu() : -1,
                destination.steering(),
                destination.steering() == Steering.HASHED ? destination.receiveCpu() : -1);
    }

    private Group group(
            int index, PairRules rules, List<Integer> ids, EndShape source, EndShape destination, Nodes nodes) {
        EndShape from = source;
        EndShape to = destination;
        if (rules.unavoidable() != Closeness.APART) {
            Pinned pinned = closest(source, destination);
            from = source.pinnedTo(pinned.source());
            to = destination.pinnedTo(pinned.destination());
        }
        var primary = new BitSet();
        var fixed = new BitSet();
        var choices = new ArrayList<Choice>();
        addEnd(rules.source(), from, rules.receivesOnPeer(to.steering), nodes, primary, fixed, choices);
        addEnd(rules.destination(), to, rules.receivesOnPeer(from.steering), nodes, primary, fixed, choices);
        return new Group(index, ids, from, to, primary.stream().toArray(), fixed.stream().toArray(),
                List.copyOf(choices), false);
    }

    private record Pinned(int source, int destination) {}

    /** Application CPUs for ends that have one core or CPU between them: two different ones if there are. */
    private static Pinned closest(EndShape source, EndShape destination) {
        int[] from = options(source);
        int[] to = options(destination);
        for (int a : from) {
            for (int b : to) {
                if (!fixedCpus(source.pinnedTo(a)).intersects(fixedCpus(destination.pinnedTo(b)))) {
                    return new Pinned(a, b);
                }
            }
        }
        return new Pinned(from[0], to[0]);
    }

    private static int[] options(EndShape shape) {
        return shape.free == null ? new int[] {shape.applicationCpu} : shape.free;
    }

    /** @param peerReceivesHere whether the other end may receive on the application CPU of this one */
    private void addEnd(
            PairRules.End end,
            EndShape shape,
            boolean peerReceivesHere,
            Nodes nodes,
            BitSet primary,
            BitSet fixed,
            List<Choice> choices) {
        if (policy.exclusive() == Exclusive.NONE) {
            return;
        }
        boolean counts = policy.exclusive() == Exclusive.STRICT
                || shape.steering != Steering.HASHED
                || peerReceivesHere;
        if (shape.receiveCpu >= 0) {
            int node = nodes.of(end.machineId(), end.isSource(), shape.receiveCpu);
            primary.set(node);
            fixed.set(node);
        }
        if (shape.applicationCpu >= 0 && counts) {
            fixed.set(nodes.of(end.machineId(), end.isSource(), shape.applicationCpu));
        }
        if (shape.free != null && counts) {
            int[] free = shape.free.clone();
            if (!nodes.sidesJoined(end.machineId()) && !end.isSource()) {
                reverse(free);
            }
            Choice choice = choice(end, free, nodes);
            // A core that the flow has already by its receive CPU is nothing to compete for.
            boolean own = shape.receiveCpu >= 0
                    && choice.nodes.length == 1
                    && choice.nodes[0] == nodes.of(end.machineId(), end.isSource(), shape.receiveCpu);
            if (!own) {
                choices.add(choice);
            }
        }
    }

    /** One node for each core or CPU of the list, in its order. */
    private static Choice choice(PairRules.End end, int[] free, Nodes nodes) {
        var firstCpu = new LinkedHashMap<Integer, Integer>();
        for (int cpu : free) {
            firstCpu.putIfAbsent(nodes.of(end.machineId(), end.isSource(), cpu), cpu);
        }
        int[] cpus = firstCpu.values().stream().mapToInt(Integer::intValue).toArray();
        return new Choice(
                end.isSource(), firstCpu.keySet().stream().mapToInt(Integer::intValue).toArray(), cpus, cpus);
    }

    /** Where sides do not exclude each other, they begin at opposite ends, so as not to meet without need. */
    private static void reverse(int[] values) {
        for (int i = 0, j = values.length - 1; i < j; i++, j--) {
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

    private Closeness closeness(PairRules rules, EndShape source, EndShape destination) {
        return closeness(rules, fixedCpus(source), fixedCpus(destination));
    }

    private Closeness closeness(PairRules rules, CpuSet source, CpuSet destination) {
        if (!rules.sameMachine() || policy.exclusive() != Exclusive.STRICT) {
            return Closeness.APART;
        }
        if (source.intersects(destination)) {
            return Closeness.SAME_CPU;
        }
        String machineId = rules.source().machineId();
        return cores.standIns(machineId, source).intersects(cores.standIns(machineId, destination))
                ? Closeness.SAME_CORE
                : Closeness.APART;
    }

    private static CpuSet fixedCpus(EndShape shape) {
        CpuSet cpus = shape.receiveCpu >= 0 ? CpuSet.of(shape.receiveCpu) : CpuSet.empty();
        return shape.applicationCpu >= 0 ? cpus.with(shape.applicationCpu) : cpus;
    }

    /** Under per-side, a flow that receives where it sends may do with one node for both ends. */
    private @Nullable Group joint(PairRules rules, Group group, Nodes nodes) {
        int[] to = group.destination.free;
        if (policy.exclusive() != Exclusive.PER_SIDE || !rules.sameMachine() || group.choices.size() != 2
                || to == null) {
            return null;
        }
        Choice source = group.choices.get(0);
        Choice destination = group.choices.get(1);
        var both = new ArrayList<int[]>();
        for (int i = 0; i < source.nodes.length; i++) {
            for (int j = 0; j < destination.nodes.length; j++) {
                if (source.nodes[i] == destination.nodes[j]) {
                    int cpu = source.cpus[i];
                    both.add(new int[] {source.nodes[i], cpu, peer(rules, to, nodes, source.nodes[i], cpu)});
                }
            }
        }
        if (both.isEmpty()) {
            return null;
        }
        var choice = new Choice(true, column(both, 0), column(both, 1), column(both, 2));
        return new Group(group.pair, group.candidateIds, group.source, group.destination, group.primary, group.fixed,
                List.of(choice), true);
    }

    /** The other end's CPU of the node: another one than this, if the node is a core that has one. */
    private static int peer(PairRules rules, int[] free, Nodes nodes, int node, int cpu) {
        int peer = -1;
        for (int other : free) {
            if (nodes.of(rules.destination().machineId(), false, other) == node && (peer < 0 || peer == cpu)) {
                peer = other;
            }
        }
        return peer;
    }

    private static int[] column(List<int[]> rows, int column) {
        return rows.stream().mapToInt(row -> row[column]).toArray();
    }
}
