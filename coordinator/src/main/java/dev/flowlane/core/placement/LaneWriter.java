package dev.flowlane.core.placement;

import dev.flowlane.core.placement.Claim.Part;
import dev.flowlane.core.placement.Solution.Chosen;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.SpecText;
import org.jspecify.annotations.Nullable;

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

    private record Pick(PairRules rules, Chosen chosen) {
        boolean hashed(boolean isSource) {
            Group.EndShape shape = isSource ? chosen.group().source : chosen.group().destination;
            return shape.steering == Steering.HASHED && shape.receiveCpu >= 0;
        }
    }

    PlacementOutcome.Placed write(Search search, List<Solution> solutions) {
        var picks = new ArrayList<Pick>();
        for (int i = 0; i < solutions.size(); i++) {
            List<PairRules> pairs = search.components().get(i).pairs();
            solutions.get(i).chosen().forEach(chosen -> picks.add(new Pick(pairs.get(chosen.group().pair), chosen)));
        }
        picks.sort(Comparator.comparingInt((Pick pick) -> pick.rules().index())
                .thenComparingInt(pick -> pick.chosen().candidateId()));
        var lanes = new ArrayList<Lane>();
        for (int i = 0; i < picks.size(); i++) {
            lanes.add(lane(picks.get(i), leader(picks, i), partner(picks, i), search.cores(), i));
        }
        return new PlacementOutcome.Placed(lanes, List.copyOf(notes));
    }

    /**
     * The first of the flows that share a worker with this one, whose application CPUs are those of all of them: the
     * flows of a pair in their order, as many to a worker as the spec says.
     */
    private Pick leader(List<Pick> picks, int index) {
        int inPair = index % request.spec().flowsPerPair();
        return picks.get(index - inPair % request.spec().io().flowsPerWorker());
    }

    /**
     * Under cross, the flow that this one swaps with: flows of a pair are coupled two by two in their order. As every
     * pair has the same even number of flows, the number of a flow says which one it is.
     */
    private @Nullable Partner partner(List<Pick> picks, int index) {
        int partner = index ^ 1;
        boolean cross = request.spec().placement().applicationCpu() instanceof ApplicationCpu.Cross;
        return cross && partner < picks.size() && picks.get(partner).rules().index() == picks.get(index).rules().index()
                ? new Partner(picks.get(partner), flowId(partner))
                : null;
    }

    private record Partner(Pick pick, String flowId) {}

    private String flowId(int index) {
        return request.runId() + "." + index;
    }

    private Lane lane(Pick pick, Pick leader, @Nullable Partner partner, Cores cores, int index) {
        PairRules rules = pick.rules();
        Chosen chosen = pick.chosen();
        Group.EndShape source = chosen.group().source;
        Group.EndShape destination = chosen.group().destination;
        var uses = new Uses(cores);
        int sourceApplication = leader.chosen().sourceApplicationCpu();
        int destinationApplication = leader.chosen().destinationApplicationCpu();
        int sourceReceive = source.receiveCpu(sourceApplication);
        int destinationReceive = destination.receiveCpu(destinationApplication);
        boolean sourceSwaps = swaps(pick, partner, true);
        boolean destinationSwaps = swaps(pick, partner, false);
        if (partner != null && sourceSwaps) {
            sourceApplication = partner.pick().chosen().group().source.receiveCpu;
        }
        if (partner != null && destinationSwaps) {
            destinationApplication = partner.pick().chosen().group().destination.receiveCpu;
        }
        note(rules.source(), source, sourceSwaps);
        note(rules.destination(), destination, destinationSwaps);
        String sharedWith = partner == null ? "" : partner.flowId();
        uses.addEnd(rules, rules.source(), source.steering, sourceReceive, sourceApplication, destinationApplication,
                sourceSwaps ? sharedWith : "");
        uses.addEnd(rules, rules.destination(), destination.steering, destinationReceive, destinationApplication,
                sourceApplication, destinationSwaps ? sharedWith : "");
        return new Lane(rules.pair(), chosen.candidateId(), sourceApplication, sourceReceive, destinationApplication,
                destinationReceive, uses.claims(flowId(index)));
    }

    /** Whether the flow and its partner swap at this end: where hashing has put both. */
    private static boolean swaps(Pick pick, @Nullable Partner partner, boolean isSource) {
        return partner != null && pick.hashed(isSource) && partner.pick().hashed(isSource);
    }

    private record Use(String machineId, int cpu) {}

    private record Right(Part part, String sharedWith) {
        Right and(Right other) {
            return new Right(part.and(other.part), sharedWith.isEmpty() ? other.sharedWith : sharedWith);
        }
    }

    /** What one flow takes, CPU by CPU. */
    private final class Uses {
        private final Map<Use, Right> rights = new LinkedHashMap<>();
        private final Cores cores;

        Uses(Cores cores) {
            this.cores = cores;
        }

        void addEnd(PairRules rules, PairRules.End end, Steering steering, int receive, int application,
                int peerApplication, String sharedWith) {
            Part receivePart = end.isSource() ? Part.SOURCE_RECEIVE : Part.DESTINATION_RECEIVE;
            Part applicationPart = switch (steering) {
                case HASHED, FOLLOWS_RECEIVER -> Part.APPLICATION;
                case FOLLOWS_SENDER -> receivePart;
            };
            add(end.machineId(), receive, receivePart, sharedWith);
            add(end.machineId(), application, applicationPart, sharedWith);
            if (rules.receivesOnPeer(steering)) {
                add(end.machineId(), peerApplication, receivePart, "");
            }
        }

        private void add(String machineId, int cpu, Part part, String sharedWith) {
            if (cpu < 0) {
                return;
            }
            var right = new Right(exclusive == Exclusive.STRICT ? Part.WHOLE : part, sharedWith);
            rights.merge(new Use(machineId, cpu), right, Right::and);
            if (cores.threaded(machineId)) {
                cores.takenWith(machineId, cpu).without(cpu).cpus().forEach(sibling ->
                        rights.merge(new Use(machineId, sibling), right, Right::and));
            }
        }

        List<Claim> claims(String flowId) {
            return rights.entrySet().stream()
                    .map(use -> new Claim(use.getKey().machineId(), use.getKey().cpu(), flowId, exclusive,
                            use.getValue().part(), use.getValue().sharedWith()))
                    .toList();
        }
    }

    private void note(PairRules.End end, Group.EndShape shape, boolean swaps) {
        ApplicationCpu policy = request.spec().placement().applicationCpu();
        String host = end.host().hostId();
        if (shape.steering == Steering.HASHED) {
            if (policy instanceof ApplicationCpu.Cross && !swaps) {
                notes.add("a flow at " + host + " has no partner to cross with and runs on its receive CPU");
            }
            return;
        }
        String where = shape.steering == Steering.FOLLOWS_SENDER ? "sending CPU" : "application";
        switch (policy) {
            case ApplicationCpu.Offset _, ApplicationCpu.Cross _, ApplicationCpu.NumaLocal _ ->
                notes.add("application-cpu " + SpecText.text(policy) + " has no meaning at " + host
                        + ": the receive CPU follows the " + where + " there");
            case ApplicationCpu.Unpinned() -> {
                if (exclusive != Exclusive.NONE) {
                    notes.add("no CPU is claimed at " + host + ": the receive CPU follows the " + where
                            + " there, and the worker is not pinned");
                }
            }
            case ApplicationCpu.SameCore _, ApplicationCpu.Explicit _ -> {}
        }
    }
}
