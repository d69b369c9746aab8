package dev.flowlane.core.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How many more connections to open, and between whom: at first the flows and a little more, then as many again as
 * there are, for the pairs that are short of flows and those that share machines with them.
 */
final class Growth {
    /** So many candidates without a receive CPU show that the kernel does not tell it. */
    private static final int SILENT_MIN = 8;

    private final PlacementRequest request;
    private final Map<HostPair, List<CandidatePair>> open;

    Growth(PlacementRequest request) {
        this.request = request;
        this.open = request.candidates().stream()
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
                        demands.add(new CandidateDemand(component.pairs().get(pair).pair(), count));
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
        return silent ? 0 : Math.max(open.size(), need + 1 + need / 4 - open.size());
    }

    private static boolean isHashed(CandidateEnd end) {
        return end.steering() == Steering.HASHED;
    }

    private static boolean isSilent(CandidateEnd end) {
        return isHashed(end) && end.receiveCpu() < 0;
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
            long share = Math.min(left, Math.ceilDiv(demand.count() * (long) budget, total));
            if (share > 0) {
                fitted.add(new CandidateDemand(demand.pair(), (int) share));
                left -= share;
            }
        }
        return fitted;
    }
}
