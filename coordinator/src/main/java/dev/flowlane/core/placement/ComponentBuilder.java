package dev.flowlane.core.placement;

import dev.flowlane.core.placement.Group.Choice;
import dev.flowlane.core.placement.Group.EndShape;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Turns candidates into groups of equal ones, leaving out what the spec, the hosts or other runs' claims deny. */
final class ComponentBuilder {
    private final PlacementPolicy policy;
    private final int flowsPerPair;
    private final Occupancy occupancy;
    private final boolean overlapAllowed;

    /**
     * @param overlapAllowed whether the ends of a strict flow on one machine may share CPUs where the pair has no
     *     candidate that keeps them apart: when no more candidates will come
     */
    ComponentBuilder(RunSpec spec, Ledger others, boolean overlapAllowed) {
        this.policy = spec.placement();
        this.flowsPerPair = spec.flowsPerPair();
        this.occupancy = new Occupancy(others, policy.exclusive());
        this.overlapAllowed = overlapAllowed;
    }

    private record Kind(Steering source, int sourceCpu, Steering destination, int destinationCpu) {}

    Component build(List<PairRules> pairs, Map<HostPair, List<CandidatePair>> candidates) {
        var nodes = new Nodes(policy.exclusive(), pairs);
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
        return new Component(pairs, flowsPerPair, groups, nodes);
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
        var apart = new ArrayList<Group>();
        var overlapping = new ArrayList<Group>();
        byKind.forEach((kind, ids) -> {
            EndShape source = shape(rules, rules.source(), kind.source(), kind.sourceCpu());
            EndShape destination = shape(rules, rules.destination(), kind.destination(), kind.destinationCpu());
            if (source != null && destination != null) {
                Group group = group(index, rules, List.copyOf(ids), source, destination, nodes);
                (endsOverlap(rules, source, destination) ? overlapping : apart).add(group);
                Group joint = joint(rules, group);
                if (joint != null) {
                    apart.add(joint);
                }
            }
        });
        boolean canBeApart = byKind.keySet().stream().anyMatch(kind -> mayBeApart(rules, kind));
        if (rules.oneCpu() || (overlapAllowed && !canBeApart)) {
            apart.addAll(overlapping);
        }
        apart.sort(Comparator.comparing((Group g) -> g.joint).thenComparingInt(Group::firstCandidateId));
        return apart;
    }

    /** Whether the ends of such a flow can be on different CPUs, other runs' claims aside. */
    private static boolean mayBeApart(PairRules rules, Kind kind) {
        boolean hashed = kind.source() == Steering.HASHED && kind.destination() == Steering.HASHED;
        boolean usable = kind.sourceCpu() >= 0
                && kind.destinationCpu() >= 0
                && rules.source().usable().contains(kind.sourceCpu())
                && rules.destination().usable().contains(kind.destinationCpu());
        return !hashed || (usable && kind.sourceCpu() != kind.destinationCpu());
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

    /** What an end of this steering may use; null when that is nothing. */
    private @Nullable EndShape shape(PairRules rules, PairRules.End end, Steering steering, int receiveCpu) {
        EndShape shape = switch (steering) {
            case HASHED -> hashed(end, receiveCpu);
            case FOLLOWS_RECEIVER -> following(rules, end, steering);
            case FOLLOWS_SENDER -> following(rules, end, steering);
        };
        return shape != null && shape.free != null && rules.oneCpu()
                ? new EndShape(steering, shape.receiveCpu, shape.free[0], null)
                : shape;
    }

    private @Nullable EndShape hashed(PairRules.End end, int receiveCpu) {
        Occupancy.Machine taken = occupancy.of(end.machineId());
        boolean known = receiveCpu >= 0;
        boolean mayReceive = known
                ? end.usable().contains(receiveCpu) && !taken.receive(end.isSource()).get(receiveCpu)
                : policy.exclusive() == Exclusive.NONE;
        if (!mayReceive) {
            return null;
        }
        return switch (policy.applicationCpu()) {
            case ApplicationCpu.SameCore() -> known ? pinned(end, taken, receiveCpu, receiveCpu) : null;
            case ApplicationCpu.Offset(int offset) ->
                    known ? pinned(end, taken, receiveCpu, receiveCpu + offset) : null;
            case ApplicationCpu.Explicit(CpuSet cpus) -> {
                BitSet free = bits(end.application());
                free.andNot(taken.application());
                if (known && free.get(receiveCpu)) {
                    // The receive CPU is the flow's already: taking a second one could only be in another's way.
                    yield new EndShape(Steering.HASHED, receiveCpu, receiveCpu, null);
                }
                yield free.isEmpty()
                        ? null
                        : new EndShape(Steering.HASHED, receiveCpu, -1, preferred(end, free));
            }
            case ApplicationCpu.Unpinned() -> new EndShape(Steering.HASHED, receiveCpu, -1, null);
        };
    }

    private static @Nullable EndShape pinned(PairRules.End end, Occupancy.Machine taken, int receiveCpu, int cpu) {
        return cpu < 0 || !end.usable().contains(cpu) || taken.application().get(cpu)
                ? null
                : new EndShape(Steering.HASHED, receiveCpu, cpu, null);
    }

    private @Nullable EndShape following(PairRules rules, PairRules.End end, Steering steering) {
        if (policy.applicationCpu() instanceof ApplicationCpu.Unpinned) {
            return new EndShape(steering, -1, -1, null);
        }
        Occupancy.Machine taken = occupancy.of(end.machineId());
        BitSet free = bits(end.application());
        free.andNot(taken.application());
        if (steering == Steering.FOLLOWS_SENDER && rules.sameMachine()) {
            free.andNot(taken.sourceReceive());
            free.andNot(taken.destinationReceive());
        } else {
            free.andNot(taken.receive(end.isSource()));
        }
        return free.isEmpty() ? null : new EndShape(steering, -1, -1, preferred(end, free));
    }

    /** Isolated CPUs first: they were set apart for work like this. */
    private static int[] preferred(PairRules.End end, BitSet cpus) {
        var isolated = bits(end.host().isolated());
        isolated.and(cpus);
        var others = (BitSet) cpus.clone();
        others.andNot(isolated);
        return IntStream.concat(isolated.stream(), others.stream()).toArray();
    }

    private Group group(
            int index, PairRules rules, List<Integer> ids, EndShape source, EndShape destination, Nodes nodes) {
        var primary = new BitSet();
        var fixed = new BitSet();
        var choices = new ArrayList<Choice>();
        addEnd(rules.source(), source, nodes, primary, fixed, choices);
        addEnd(rules.destination(), destination, nodes, primary, fixed, choices);
        return new Group(index, ids, source, destination, primary.stream().toArray(), fixed.stream().toArray(),
                List.copyOf(choices), false);
    }

    private void addEnd(
            PairRules.End end, EndShape shape, Nodes nodes, BitSet primary, BitSet fixed, List<Choice> choices) {
        boolean strict = policy.exclusive() == Exclusive.STRICT;
        if (policy.exclusive() == Exclusive.NONE) {
            return;
        }
        boolean follows = shape.steering != Steering.HASHED;
        if (shape.receiveCpu >= 0) {
            int node = nodes.of(end.machineId(), end.isSource(), shape.receiveCpu);
            primary.set(node);
            fixed.set(node);
        }
        if (shape.applicationCpu >= 0 && (strict || follows)) {
            fixed.set(nodes.of(end.machineId(), end.isSource(), shape.applicationCpu));
        }
        if (shape.free != null && (strict || follows)) {
            int[] free = shape.free.clone();
            if (!nodes.sidesJoined(end.machineId()) && !end.isSource()) {
                reverse(free);
            }
            for (int i = 0; i < free.length; i++) {
                free[i] = nodes.of(end.machineId(), end.isSource(), free[i]);
            }
            choices.add(new Choice(end.isSource(), free));
        }
    }

    /** Where sides do not exclude each other, they begin at opposite ends, so as not to meet without need. */
    private static void reverse(int[] values) {
        for (int i = 0, j = values.length - 1; i < j; i++, j--) {
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

    private boolean endsOverlap(PairRules rules, EndShape source, EndShape destination) {
        if (!rules.sameMachine() || policy.exclusive() != Exclusive.STRICT) {
            return false;
        }
        CpuSet sourceCpus = fixedCpus(source);
        return sourceCpus.intersects(fixedCpus(destination));
    }

    private static CpuSet fixedCpus(EndShape shape) {
        CpuSet cpus = shape.receiveCpu >= 0 ? CpuSet.of(shape.receiveCpu) : CpuSet.empty();
        return shape.applicationCpu >= 0 ? cpus.with(shape.applicationCpu) : cpus;
    }

    /** Under per-side, a flow that receives where it sends may do with one CPU for both ends. */
    private @Nullable Group joint(PairRules rules, Group group) {
        if (policy.exclusive() != Exclusive.PER_SIDE || !rules.sameMachine() || group.choices.size() != 2) {
            return null;
        }
        int[] destinationNodes = group.choices.get(1).nodes;
        int[] both = Arrays.stream(group.choices.get(0).nodes)
                .filter(node -> Arrays.stream(destinationNodes).anyMatch(other -> other == node))
                .toArray();
        return both.length == 0
                ? null
                : new Group(group.pair, group.candidateIds, group.source, group.destination, group.primary,
                        group.fixed, List.of(new Choice(true, both)), true);
    }

    private static BitSet bits(CpuSet cpus) {
        var bits = new BitSet();
        cpus.cpus().forEach(bits::set);
        return bits;
    }
}
