package dev.flowlane.core.run;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.Ledger;
import dev.flowlane.core.spec.Exclusive;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** Whether a flow end that is ready is where it was planned to be. */
final class LaneCheck {
    private LaneCheck() {}

    /** What is wrong with the lane; empty when it is right. */
    static Optional<String> problem(FlowLane flow, FlowEnd end, EndLane seen, String machineId, Exclusive exclusive,
            Ledger ledger) {
        String who = "flow " + flow.flowId() + ": " + end.hostId() + " (" + end.role().text() + ")";
        if (end.applicationCpu() >= 0 && seen.applicationCpu() != end.applicationCpu()) {
            return Optional.of(who + " runs on CPU " + seen.applicationCpu() + " instead of " + end.applicationCpu()
                    + "; something on that host moves its threads (cpuset, numad, taskset)");
        }
        if (seen.receiveCpu() < 0) {
            return Optional.empty();
        }
        Optional<String> moved =
                switch (seen.steering()) {
                    case HASHED ->
                        end.receiveCpu() >= 0 && seen.receiveCpu() != end.receiveCpu()
                                ? Optional.of(who + " receives on CPU " + seen.receiveCpu() + " instead of "
                                        + end.receiveCpu() + "; something moves its receive queues (irqbalance,"
                                        + " ethtool -X, rps_cpus)")
                                : Optional.empty();
                    // The receiver draws the queue to itself: whatever CPU shows now is the lane's.
                    case FOLLOWS_RECEIVER -> Optional.empty();
                    case FOLLOWS_SENDER -> followsSender(flow, seen, who);
                };
        return moved.isPresent() ? moved : shared(flow, end, seen, machineId, exclusive, ledger, who);
    }

    private static Optional<String> followsSender(FlowLane flow, EndLane seen, String who) {
        int source = flow.source().applicationCpu();
        int destination = flow.destination().applicationCpu();
        boolean anywhere = source < 0 || destination < 0;
        return anywhere || seen.receiveCpu() == source || seen.receiveCpu() == destination
                ? Optional.empty()
                : Optional.of(who + " receives on CPU " + seen.receiveCpu() + ", which is neither end's CPU (" + source
                        + ", " + destination + "); see rps_cpus and the load on that CPU");
    }

    private static Optional<String> shared(
            FlowLane flow,
            FlowEnd end,
            EndLane seen,
            String machineId,
            Exclusive exclusive,
            Ledger ledger,
            String who) {
        SortedSet<String> others = ledger.conflicts(claim(flow, end, seen, machineId, exclusive));
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(who + " receives on CPU " + seen.receiveCpu() + ", which is claimed by another flow of "
                        + String.join(", ", others));
    }

    /** The flow with the receive CPU that was observed among its claims. */
    static FlowLane claimed(FlowLane flow, FlowEnd end, EndLane seen, String machineId, Exclusive exclusive) {
        if (seen.receiveCpu() < 0) {
            return flow;
        }
        Claim claim = claim(flow, end, seen, machineId, exclusive);
        boolean held = flow.claims().stream()
                .anyMatch(other -> other.cpu() == claim.cpu()
                        && other.machineId().equals(machineId)
                        && (other.part() == Claim.Part.WHOLE || other.part() == claim.part()));
        if (held) {
            return flow;
        }
        List<Claim> claims = new ArrayList<>(flow.claims());
        claims.add(claim);
        return flow.withClaims(claims);
    }

    private static Claim claim(
            FlowLane flow, FlowEnd end, EndLane seen, String machineId, Exclusive exclusive) {
        Claim.Part part =
                switch (exclusive) {
                    case STRICT -> Claim.Part.WHOLE;
                    case PER_SIDE, NONE ->
                        switch (end.role()) {
                            case SOURCE -> Claim.Part.SOURCE_RECEIVE;
                            case DESTINATION -> Claim.Part.DESTINATION_RECEIVE;
                        };
                };
        return new Claim(machineId, seen.receiveCpu(), flow.flowId(), exclusive, part);
    }
}
