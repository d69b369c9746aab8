package dev.flowlane.core.placement;

import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How many more connections to open, and between whom: at first the flows and a little more, then half the flows or an
 * eighth of what was opened, whichever is more, for the pairs that are short of flows and those that share machines
 * with them. Half of a batch is opened in vain on average, so batches are small where the flows are few; they grow so
 * that a search that finds nothing comes to its bound in a few dozen of them. Where source ports can be predicted, as
 * many as there are flows missing, each for CPUs that no flow has yet.
 */
final class Growth {
    /** So many candidates without a receive CPU show that the kernel does not tell it. */
    private static final int SILENT_MIN = 8;
    /** Of those that are open, this part is opened again even if fewer are missing: predictions may keep failing. */
    private static final int HINTED_PART = 16;
    private static final int BATCH_MIN = 4;
    private static final int BATCH_PART = 8;

    private final PlacementRequest request;
    private final SourcePortHints hints;
    private final Map<HostPair, List<CandidatePair>> open;

    Growth(PlacementRequest request, SourcePortHints hints) {
        this.request = request;
        this.hints = hints;
        this.open = request.allCandidates().stream()
                .collect(Collectors.groupingBy(c -> new HostPair(c.sourceHostId(), c.destinationHostId())));
    }

    /** No demands: the bound is reached, or more connections could not change anything. */
    List<CandidateDemand> demands(Search search, List<Solution> solutions) {
        int budget = request.spec().placement().maxCandidates() - request.candidatesOpened();
        var demands = new ArrayList<CandidateDemand>();
        for (int i = 0; i < solutions.size(); i++) {
            Component component = search.components().get(i);
            if (solutions.get(i).size() < component.flows()) {
                for (int pair = 0; pair < component.pairs().size(); pair++) {
                    int count = wanted(component, pair);
                    if (count > 0) {
                        demands.add(demand(component, solutions.get(i), pair, count));
                    }
                }
            }
        }
        return within(budget, demands);
    }

    private int wanted(Component component, int pair) {
        int need = component.need();
        List<CandidatePair> open = this.open.getOrDefault(component.pairs().get(pair).pair(), List.of());
        if (open.isEmpty()) {
            return need + 1 + need / 4;
        }
        boolean hashed = open.stream().anyMatch(c -> isHashed(c.source()) || isHashed(c.destination()));
        if (!hashed) {
            // One is as good as another here: what counts is that there are enough.
            return Math.max(0, need - open.size());
        }
        boolean silent = open.size() >= SILENT_MIN
                && open.stream().allMatch(c -> isSilent(c.source()) || isSilent(c.destination()));
        int batch = Math.max(BATCH_MIN, Math.max(Math.ceilDiv(need, 2), Math.ceilDiv(open.size(), BATCH_PART)));
        return silent ? 0 : Math.max(batch, need + 1 + need / 4 - open.size());
    }

    private static boolean isHashed(CandidateEnd end) {
        return end.steering() == Steering.HASHED;
    }

    private static boolean isSilent(CandidateEnd end) {
        return isHashed(end) && end.receiveCpu() < 0;
    }

    private CandidateDemand demand(Component component, Solution solution, int pair, int count) {
        PairRules rules = component.pairs().get(pair);
        long placed = solution.chosen().stream().filter(chosen -> chosen.group().pair == pair).count();
        int missing = component.need() - (int) placed;
        if (hints.equals(SourcePortHints.NONE) || missing <= 0) {
            return new CandidateDemand(rules.pair(), count);
        }
        BitSet used = used(component, solution);
        List<Integer> ports = hints.sourcePorts(
                rules.pair(), free(component, rules, rules.source(), used),
                free(component, rules, rules.destination(), used), missing);
        int open = this.open.getOrDefault(rules.pair(), List.of()).size();
        // Ports for some only: what prediction does not reach is left to luck, as without it.
        int hinted = ports.size() < missing ? count : Math.max(missing, open / HINTED_PART);
        return new CandidateDemand(rules.pair(), hinted, ports);
    }

    /** Nodes that the flows found so far take. */
    private static BitSet used(Component component, Solution solution) {
        var used = new BitSet();
        for (Solution.Chosen chosen : solution.chosen()) {
            Arrays.stream(chosen.group().fixed).forEach(used::set);
            PairRules rules = component.pairs().get(chosen.group().pair);
            use(used, component, rules.source(), chosen.sourceApplicationCpu());
            use(used, component, rules.destination(), chosen.destinationApplicationCpu());
        }
        return used;
    }

    private static void use(BitSet used, Component component, PairRules.End end, int applicationCpu) {
        if (applicationCpu >= 0) {
            used.set(component.nodes().of(end.machineId(), end.isSource(), applicationCpu));
        }
    }

    /** Receive CPUs that would do for a flow beside those that are found. */
    private CpuSet free(Component component, PairRules rules, PairRules.End end, BitSet used) {
        var shapes = EndShapes.of(request.spec().placement(), request.others(), component.cores());
        int[] free = end.usable().cpus()
                .filter(cpu -> {
                    Group.EndShape shape = shapes.of(rules, end, Steering.HASHED, cpu, Steering.HASHED);
                    return shape != null
                            && !used.get(component.nodes().of(end.machineId(), end.isSource(), cpu))
                            && (shape.applicationCpu < 0
                                    || !used.get(component.nodes().of(
                                            end.machineId(), end.isSource(), shape.applicationCpu)));
                })
                .toArray();
        return CpuSet.of(free);
    }

    /** In the same proportions, the earlier pairs first, as far as the budget goes. */
    private static List<CandidateDemand> within(int budget, List<CandidateDemand> demands) {
        long total = demands.stream().mapToLong(CandidateDemand::count).sum();
        if (total <= budget) {
            return demands;
        }
        var fitted = new ArrayList<CandidateDemand>();
        long left = Math.max(0, budget);
        for (CandidateDemand demand : demands) {
            int share = (int) Math.min(left, Math.ceilDiv(demand.count() * (long) budget, total));
            if (share > 0) {
                List<Integer> ports = demand.sourcePorts();
                fitted.add(new CandidateDemand(
                        demand.pair(), share, ports.subList(0, Math.min(share, ports.size()))));
                left -= share;
            }
        }
        return fitted;
    }
}
