package dev.flowlane.core.placement;

import dev.flowlane.core.placement.Group.EndShape;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.BitSet;
import java.util.stream.IntStream;

/** What one end of a candidate may use, by the policy, its host and other runs' claims. */
final class EndShapes {
    private final PlacementPolicy policy;
    private final Occupancy occupancy;
    private final Cores cores;

    private EndShapes(PlacementPolicy policy, Occupancy occupancy, Cores cores) {
        this.policy = policy;
        this.occupancy = occupancy;
        this.cores = cores;
    }

    /** @param others claims of other runs */
    static EndShapes of(PlacementPolicy policy, Ledger others, Cores cores) {
        return new EndShapes(policy, new Occupancy(others, policy.exclusive(), cores), cores);
    }

    /**
     * What an end of this steering may use; null when that is nothing.
     *
     * @param peer steering of the flow's other end
     */
    @Nullable EndShape of(PairRules rules, PairRules.End end, Steering steering, int receiveCpu, Steering peer) {
        Occupancy.Machine taken = occupancy.of(end.machineId());
        BitSet denied = taken.application();
        if (rules.receivesOnPeer(peer)) {
            denied = (BitSet) denied.clone();
            denied.or(taken.receive(!end.isSource()));
        }
        return switch (steering) {
            case HASHED -> hashed(end, receiveCpu, denied);
            case FOLLOWS_RECEIVER, FOLLOWS_SENDER -> following(end, steering, denied);
        };
    }

    /** @param denied CPUs that may not be application CPU */
    private @Nullable EndShape hashed(PairRules.End end, int receiveCpu, BitSet denied) {
        Occupancy.Machine taken = occupancy.of(end.machineId());
        boolean known = receiveCpu >= 0;
        boolean mayReceive = known
                ? end.usable().contains(receiveCpu) && !taken.receive(end.isSource()).get(receiveCpu)
                : policy.exclusive() == Exclusive.NONE;
        if (!mayReceive) {
            return null;
        }
        return switch (policy.applicationCpu()) {
            // Which flow runs on which of a couple's receive CPUs is settled when the lanes are written down.
            case ApplicationCpu.SameCore(), ApplicationCpu.Cross() ->
                known ? pinned(end, denied, receiveCpu, receiveCpu) : null;
            case ApplicationCpu.Offset(int offset) ->
                known ? pinned(end, denied, receiveCpu, receiveCpu + offset) : null;
            case ApplicationCpu.Explicit _ -> listed(end, denied, receiveCpu);
            case ApplicationCpu.NumaLocal() -> known ? numaLocal(end, denied, receiveCpu) : null;
            case ApplicationCpu.Unpinned() -> new EndShape(Steering.HASHED, receiveCpu, -1, null);
        };
    }

    private static @Nullable EndShape pinned(PairRules.End end, BitSet denied, int receiveCpu, int cpu) {
        return cpu < 0 || !end.usable().contains(cpu) || denied.get(cpu)
                ? null
                : new EndShape(Steering.HASHED, receiveCpu, cpu, null);
    }

    private @Nullable EndShape listed(PairRules.End end, BitSet denied, int receiveCpu) {
        BitSet free = bits(end.application());
        free.andNot(denied);
        if (receiveCpu >= 0 && free.get(receiveCpu)) {
            // The receive CPU is the flow's already: taking a second one could only be in another's way.
            return new EndShape(Steering.HASHED, receiveCpu, receiveCpu, null);
        }
        if (receiveCpu >= 0 && policy.exclusive() == Exclusive.STRICT) {
            // So is its core, where siblings are avoided.
            BitSet own = bits(cores.takenWith(end.machineId(), receiveCpu));
            own.and(free);
            free = own.isEmpty() ? free : own;
        }
        return choice(end, Steering.HASHED, receiveCpu, free);
    }

    private static @Nullable EndShape numaLocal(PairRules.End end, BitSet denied, int receiveCpu) {
        BitSet free = bits(end.application());
        free.andNot(denied);
        CpuTopology place = new CpuTopology(receiveCpu, -1, -1, -1, CpuSet.of(receiveCpu));
        for (CpuTopology cpu : end.host().cpus()) {
            place = cpu.cpu() == receiveCpu ? cpu : place;
        }
        for (CpuTopology cpu : end.host().cpus()) {
            if (cpu.numaNode() != place.numaNode()) {
                free.clear(cpu.cpu());
            }
        }
        place.smtSiblings().cpus().forEach(free::clear);
        free.clear(receiveCpu);
        return choice(end, Steering.HASHED, receiveCpu, free);
    }

    private @Nullable EndShape following(PairRules.End end, Steering steering, BitSet denied) {
        if (policy.applicationCpu() instanceof ApplicationCpu.Unpinned) {
            return new EndShape(steering, -1, -1, null);
        }
        BitSet free = bits(end.application());
        free.andNot(denied);
        free.andNot(occupancy.of(end.machineId()).receive(end.isSource()));
        return choice(end, steering, -1, free);
    }

    /** A choice among these; isolated CPUs first: they were set apart for work like this. */
    private static @Nullable EndShape choice(PairRules.End end, Steering steering, int receiveCpu, BitSet cpus) {
        if (cpus.isEmpty()) {
            return null;
        }
        var isolated = bits(end.host().isolated());
        isolated.and(cpus);
        var others = (BitSet) cpus.clone();
        others.andNot(isolated);
        return new EndShape(
                steering, receiveCpu, -1, IntStream.concat(isolated.stream(), others.stream()).toArray());
    }

    private static BitSet bits(CpuSet cpus) {
        var bits = new BitSet();
        cpus.cpus().forEach(bits::set);
        return bits;
    }
}
