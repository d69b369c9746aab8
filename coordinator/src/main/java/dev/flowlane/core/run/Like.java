package dev.flowlane.core.run;

import dev.flowlane.core.Counted;
import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Lane;
import dev.flowlane.core.placement.Pairs;
import dev.flowlane.core.spec.RunSpec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Lanes of an earlier run that another one asks for. */
final class Like {
    private Like() {}

    /** Why the run cannot ask for that; empty when it can, or asks for nothing. */
    static Optional<String> problem(Turn turn, RunSpec spec) {
        String like = spec.conduct().like();
        if (like == null) {
            return Optional.empty();
        }
        RunRecord earlier = turn.run(like);
        if (earlier == null) {
            return Optional.of("like: there is no run " + like + " among the live and the last " + Bounds.TERMINAL_RUNS
                    + " ended ones; see `flowlane list`");
        }
        if (earlier.flows().isEmpty()) {
            return Optional.of("like: no lanes of run " + like + " are known, it is " + earlier.state().name()
                    + ": it found none, or runs that ended later had " + Bounds.TERMINAL_FLOWS + " flows");
        }
        List<HostPair> known = earlier.flows().stream().map(FlowLane::pair).toList();
        return known.equals(pairs(spec))
                ? Optional.empty()
                : Optional.of("like: the flows of run " + like + " were not between the same hosts; name the same"
                        + " sources, destinations, topology and flows, or leave it out");
    }

    private static List<HostPair> pairs(RunSpec spec) {
        return Pairs.of(spec).stream()
                .flatMap(pair -> Collections.nCopies(spec.flowsPerPair(), pair).stream())
                .toList();
    }

    /** The flows whose lanes are asked for; empty when none are, or when that run has been forgotten meanwhile. */
    static List<FlowLane> wanted(Turn turn, RunSpec spec) {
        String like = spec.conduct().like();
        RunRecord earlier = like == null ? null : turn.run(like);
        return earlier == null || problem(turn, spec).isPresent() ? List.of() : earlier.flows();
    }

    /** Which of the lanes that were asked for are not among those that were found. */
    static List<String> notes(RunSpec spec, List<FlowLane> wanted, List<Lane> found, int connections) {
        String like = spec.conduct().like();
        if (like == null) {
            return List.of();
        }
        if (wanted.isEmpty()) {
            return List.of("like: run " + like + " has been forgotten meanwhile; any lanes were taken");
        }
        List<Lane> left = new ArrayList<>(found);
        List<String> notes = new ArrayList<>();
        for (FlowLane flow : wanted) {
            Optional<Lane> same = left.stream().filter(lane -> same(flow, lane)).findFirst();
            if (same.isPresent()) {
                left.remove(same.get());
            } else {
                notes.add("like: no flow is on the lane of " + flow.flowId() + ", " + end(flow.source()) + " to "
                        + end(flow.destination()) + ": the hash sent none of " + Counted.of(connections, "connection")
                        + " there, or those CPUs are not free");
            }
        }
        return notes;
    }

    private static boolean same(FlowLane flow, Lane lane) {
        return flow.pair().equals(lane.pair())
                && flow.source().applicationCpu() == lane.sourceApplicationCpu()
                && flow.source().receiveCpu() == lane.sourceReceiveCpu()
                && flow.destination().applicationCpu() == lane.destinationApplicationCpu()
                && flow.destination().receiveCpu() == lane.destinationReceiveCpu();
    }

    private static String end(FlowEnd end) {
        return end.hostId() + " rx " + cpu(end.receiveCpu()) + " app " + cpu(end.applicationCpu());
    }

    private static String cpu(int cpu) {
        return cpu < 0 ? "?" : Integer.toString(cpu);
    }
}
