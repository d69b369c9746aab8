package dev.flowlane.core.placement;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The largest number of flows that fit together, by trying everything. For small cases. */
final class BruteForce {
    private final PlacementRequest request;
    private final LaneChecker checker;
    private final List<List<FlowUse>> ways = new ArrayList<>();
    private final Map<HostPair, Integer> left = new HashMap<>();
    private final List<FlowUse> taken = new ArrayList<>();
    private int best;

    BruteForce(PlacementRequest request) {
        this.request = request;
        this.checker = new LaneChecker(request);
        request.candidates().forEach(candidate -> ways.add(checker.ways(candidate)));
        request.pairs().forEach(pair -> left.put(pair, request.spec().flowsPerPair()));
    }

    int largest() {
        from(0);
        return best;
    }

    private void from(int index) {
        best = Math.max(best, taken.size());
        int flows = request.pairs().size() * request.spec().flowsPerPair();
        if (index == ways.size() || best == flows || taken.size() + ways.size() - index <= best) {
            return;
        }
        CandidatePair candidate = request.candidates().get(index);
        var pair = new HostPair(candidate.sourceHostId(), candidate.destinationHostId());
        if (left.getOrDefault(pair, 0) > 0) {
            left.merge(pair, -1, Integer::sum);
            for (FlowUse way : ways.get(index)) {
                if (taken.stream().noneMatch(other -> checker.conflict(other, way))) {
                    taken.add(way);
                    from(index + 1);
                    taken.removeLast();
                }
            }
            left.merge(pair, 1, Integer::sum);
        }
        from(index + 1);
    }
}
