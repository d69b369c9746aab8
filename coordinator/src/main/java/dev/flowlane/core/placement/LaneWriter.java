package dev.flowlane.core.placement;

import dev.flowlane.core.placement.Claim.Part;
import dev.flowlane.core.placement.Solution.Chosen;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.SpecText;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Writes chosen candidates down as lanes, with what they claim. */
final class LaneWriter {
    private final PlacementRequest request;
    private final Exclusive exclusive;
    private final LinkedHashSet<String> notes = new LinkedHashSet<>();

    LaneWriter(PlacementRequest request) {
        this.request = request;
        this.exclusive = request.spec().placement().exclusive();
    }

    private record Pick(PairRules rules, Chosen chosen) {}

    PlacementOutcome.Placed write(Search search, List<Solution> solutions) {
        var picks = new ArrayList<Pick>();
        for (int i = 0; i < solutions.size(); i++) {
            List<PairRules> pairs = search.components().get(i).pairs();
            solutions.get(i).chosen().forEach(chosen -> picks.add(new Pick(pairs.get(chosen.group().pair), chosen)));
        }
        picks.sort(Comparator.comparingInt((Pick pick) -> pick.rules().index())
                .thenComparingInt(pick -> pick.chosen().candidateId()));
        var lanes = new ArrayList<Lane>();
        for (Pick pick : picks) {
            lanes.add(lane(pick.rules(), pick.chosen(), request.runId() + "." + lanes.size()));
        }
        return new PlacementOutcome.Placed(lanes, List.copyOf(notes));
    }

    private Lane lane(PairRules rules, Chosen chosen, String flowId) {
        Group.EndShape source = chosen.group().source;
        Group.EndShape destination = chosen.group().destination;
        note(rules.source(), source);
        note(rules.destination(), destination);
        int sourceReceive = source.receiveCpu(chosen.sourceApplicationCpu());
        int destinationReceive = destination.receiveCpu(chosen.destinationApplicationCpu());
        var uses = new LinkedHashMap<Use, Part>();
        addEnd(uses, rules, rules.source(), source, chosen.sourceApplicationCpu(), sourceReceive);
        addEnd(uses, rules, rules.destination(), destination, chosen.destinationApplicationCpu(), destinationReceive);
        List<Claim> claims = uses.entrySet().stream()
                .map(use -> new Claim(use.getKey().machineId(), use.getKey().cpu(), flowId, exclusive, use.getValue()))
                .toList();
        return new Lane(rules.pair(), chosen.candidateId(), chosen.sourceApplicationCpu(), sourceReceive,
                chosen.destinationApplicationCpu(), destinationReceive, claims);
    }

    private record Use(String machineId, int cpu) {}

    private void addEnd(
            Map<Use, Part> uses,
            PairRules rules,
            PairRules.End end,
            Group.EndShape shape,
            int application,
            int receive) {
        Part receivePart = end.isSource() ? Part.SOURCE_RECEIVE : Part.DESTINATION_RECEIVE;
        Part applicationPart = switch (shape.steering) {
            case HASHED, FOLLOWS_RECEIVER -> Part.APPLICATION;
            // Either application CPU may turn out to be the receive CPU of either end, if they are of one machine.
            case FOLLOWS_SENDER -> rules.sameMachine() ? Part.WHOLE : receivePart;
        };
        add(uses, end.machineId(), receive, receivePart);
        add(uses, end.machineId(), application, applicationPart);
    }

    private void add(Map<Use, Part> uses, String machineId, int cpu, Part part) {
        if (cpu >= 0) {
            uses.merge(new Use(machineId, cpu), exclusive == Exclusive.STRICT ? Part.WHOLE : part, Part::and);
        }
    }

    private void note(PairRules.End end, Group.EndShape shape) {
        ApplicationCpu policy = request.spec().placement().applicationCpu();
        if (shape.steering == Steering.HASHED) {
            return;
        }
        String where = shape.steering == Steering.FOLLOWS_SENDER ? "sending CPU" : "application";
        switch (policy) {
            case ApplicationCpu.Offset _ -> notes.add("application-cpu " + SpecText.text(policy) + " has no meaning at "
                    + end.host().hostId() + ": the receive CPU follows the " + where + " there");
            case ApplicationCpu.Unpinned() -> {
                if (exclusive != Exclusive.NONE) {
                    notes.add("no CPU is claimed at " + end.host().hostId() + ": the receive CPU follows the " + where
                            + " there, and the worker is not pinned");
                }
            }
            case ApplicationCpu.SameCore _, ApplicationCpu.Explicit _ -> {}
        }
    }
}
