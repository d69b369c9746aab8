package dev.flowlane.core.run;

import dev.flowlane.core.Counted;
import dev.flowlane.core.placement.CandidateDemand;
import dev.flowlane.core.placement.CandidateEnd;
import dev.flowlane.core.placement.CandidatePair;
import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Lane;
import dev.flowlane.core.placement.Steering;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * New connections for lanes that the run still holds: each has to be received on the very CPUs of the flow whose place
 * it takes, at both ends. READY then shows whether it is.
 *
 * <p>Taking the first flow that a connection fits is a maximum matching: where the receive CPUs decide, flows that
 * want the same pair of them are interchangeable; where they follow the application or the sender, any will do.
 *
 * @param lanes in flow order; whole when none is missing
 * @param missing flows that no connection fits
 */
record SameLanes(List<Lane> lanes, List<FlowLane> missing) {
    /** Connections to open at once for each flow that lacks one, at least. */
    private static final int FEW = 4;

    static SameLanes match(List<FlowLane> wanted, List<CandidatePair> candidates) {
        List<CandidatePair> left = new ArrayList<>(candidates);
        List<Lane> lanes = new ArrayList<>();
        List<FlowLane> missing = new ArrayList<>();
        for (FlowLane flow : wanted) {
            CandidatePair fit = left.stream().filter(candidate -> fits(flow, candidate)).findFirst().orElse(null);
            if (fit == null) {
                missing.add(flow);
            } else {
                left.remove(fit);
                lanes.add(new Lane(
                        flow.pair(),
                        fit.candidateId(),
                        flow.source().applicationCpu(),
                        flow.source().receiveCpu(),
                        flow.destination().applicationCpu(),
                        flow.destination().receiveCpu(),
                        flow.claims()));
            }
        }
        return new SameLanes(lanes, missing);
    }

    private static boolean fits(FlowLane flow, CandidatePair candidate) {
        return flow.pair().source().equals(candidate.sourceHostId())
                && flow.pair().destination().equals(candidate.destinationHostId())
                && fits(flow.source(), candidate.source())
                && fits(flow.destination(), candidate.destination());
    }

    private static boolean fits(FlowEnd end, CandidateEnd candidate) {
        return candidate.steering() != Steering.HASHED
                || end.receiveCpu() < 0
                || end.receiveCpu() == candidate.receiveCpu();
    }

    boolean complete() {
        return missing.isEmpty();
    }

    /**
     * What to try: at first the ports of the flows that are missing, since the same four-tuple is hashed to the same
     * queue. When that fails, twice as many as are open for each pair that lacks one, so that few rounds are needed.
     */
    List<CandidateDemand> demands(List<CandidatePair> open, boolean first) {
        if (first) {
            Map<HostPair, List<Integer>> ports = new LinkedHashMap<>();
            missing.forEach(flow -> ports.computeIfAbsent(flow.pair(), pair -> new ArrayList<>())
                    .add(flow.source().port()));
            List<CandidateDemand> again = new ArrayList<>();
            ports.forEach((pair, known) -> again.add(new CandidateDemand(
                    pair, known.size(), known.stream().filter(port -> port > 0).distinct().toList())));
            return again;
        }

        Map<HostPair, Integer> counts = new LinkedHashMap<>();
        missing.forEach(flow -> counts.merge(flow.pair(), FEW, Integer::sum));
        List<CandidateDemand> demands = new ArrayList<>();
        counts.forEach((pair, few) -> {
            int known = (int) open.stream()
                    .filter(candidate -> candidate.sourceHostId().equals(pair.source())
                            && candidate.destinationHostId().equals(pair.destination()))
                    .count();
            demands.add(new CandidateDemand(pair, Math.max(few, known)));
        });
        return demands;
    }

    /** Why it is not complete, for a person. */
    String problem(int opened) {
        FlowLane first = missing.getFirst();
        return "none of " + Counted.of(opened, "connection") + " is received on the CPUs of the trials before: flow "
                + first.flowId() + " was on " + first.source().receiveCpu() + " of " + first.pair().source()
                + " and " + first.destination().receiveCpu() + " of " + first.pair().destination()
                + (missing.size() == 1 ? "" : ", and " + Counted.of(missing.size() - 1, "more flow"))
                + "; raise max-candidates";
    }
}
