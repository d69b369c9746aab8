package dev.flowlane.core.placement;

import dev.flowlane.core.placement.Group.EndShape;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a run would find if it were to begin now. Opens nothing: where hashing decides the receive CPU, which one a
 * connection gets is not known before it is open, and then the plan tells which ones would do.
 *
 * @param outcome whether the run fits; {@code Placed} where all lanes are known, {@link Precheck.Fits} where hashing
 *     has a say
 * @param pairs every pair of the run; empty if a host is not known
 */
public record Plan(Outcome outcome, List<Pair> pairs) {
    public Plan {
        pairs = List.copyOf(pairs);
    }

    /** What can be said of the run as a whole. */
    public sealed interface Outcome {
        /** Nothing speaks against it, as far as can be known without connections. */
        record Fits() implements Outcome {}

        /** It fits, and these are its lanes. */
        record Lanes(PlacementOutcome.Placed placed) implements Outcome {}

        /** It would wait for these runs, or be rejected if its spec says so. */
        record Waits(PlacementOutcome.Blocked blocked) implements Outcome {}

        /** It would be rejected. */
        record Rejected(PlacementOutcome.Refused refused) implements Outcome {}
    }

    /** Who decides the receive CPUs of a pair's flows, at each end. */
    public record Steerings(Steering source, Steering destination) {
        boolean hashed() {
            return source == Steering.HASHED || destination == Steering.HASHED;
        }
    }

    /** A host pair and what is left for it. */
    public record Pair(HostPair pair, int flows, End source, End destination) {}

    /**
     * One end of a pair.
     *
     * @param usable CPUs that the spec and the host allow
     * @param receive those that a flow may receive on now, claims of others and the policy considered
     * @param application those that its worker may be pinned to then; empty for unpinned
     */
    public record End(
            String hostId, String machineId, Steering steering, CpuSet usable, CpuSet receive, CpuSet application) {}

    /**
     * The plan for a run.
     *
     * @param before as {@link PlacementRequest#beforeConnecting}
     * @param steerings by pair, for every pair of known hosts
     */
    public static Plan of(PlacementRequest before, Map<HostPair, Steerings> steerings) {
        PlacementRequest request = before.withoutOwnClaims();
        Outcome outcome = switch (Placement.precheck(request)) {
            case Precheck.Fits() -> lanes(request, steerings);
            case PlacementOutcome.Blocked blocked -> new Outcome.Waits(blocked);
            case PlacementOutcome.Refused refused -> new Outcome.Rejected(refused);
        };
        boolean known = request.pairs().stream()
                .allMatch(pair -> request.hosts().containsKey(pair.source())
                        && request.hosts().containsKey(pair.destination()));
        return new Plan(outcome, known ? pairs(request, steerings) : List.of());
    }

    /** Where nobody hashes, one connection is as good as another, and the lanes follow without any. */
    private static Outcome lanes(PlacementRequest request, Map<HostPair, Steerings> steerings) {
        var standIns = new ArrayList<CandidatePair>();
        for (HostPair pair : request.pairs()) {
            Steerings steering = Objects.requireNonNull(steerings.get(pair));
            if (steering.hashed()) {
                return new Outcome.Fits();
            }
            var source = new CandidateEnd("", 0, -1, steering.source());
            var destination = new CandidateEnd("", 0, -1, steering.destination());
            for (int flow = 0; flow < request.spec().flowsPerPair(); flow++) {
                standIns.add(new CandidatePair(
                        standIns.size(), pair.source(), pair.destination(), source, destination));
            }
        }
        var complete = new PlacementRequest(request.runId(), request.spec(), request.pairs(), standIns,
                request.hosts(), request.others(), request.spec().placement().maxCandidates());
        return switch (Placement.place(complete)) {
            case PlacementOutcome.Placed placed -> new Outcome.Lanes(placed);
            case PlacementOutcome.Blocked blocked -> new Outcome.Waits(blocked);
            case PlacementOutcome.Refused refused -> new Outcome.Rejected(refused);
            case PlacementOutcome.NeedMore _ -> new Outcome.Fits();
        };
    }

    private static List<Pair> pairs(PlacementRequest request, Map<HostPair, Steerings> steerings) {
        PlacementPolicy policy = request.spec().placement();
        Search search = Search.of(request, request.spec(), request.pairs(), List.of(), request.others(), false);
        EndShapes shapes = EndShapes.of(policy, request.others(), search.cores());
        var planned = new ArrayList<Pair>();
        for (int i = 0; i < request.pairs().size(); i++) {
            HostPair pair = request.pairs().get(i);
            PairRules rules = PairRules.of(i, pair, request.host(pair.source()), request.host(pair.destination()),
                    policy, search.cores());
            Steerings steering = Objects.requireNonNull(steerings.get(pair));
            planned.add(new Pair(pair, request.spec().flowsPerPair(),
                    end(shapes, rules, rules.source(), steering.source(), steering.destination()),
                    end(shapes, rules, rules.destination(), steering.destination(), steering.source())));
        }
        return planned;
    }

    private static End end(
            EndShapes shapes, PairRules rules, PairRules.End end, Steering steering, Steering peer) {
        var receive = new BitSet();
        var application = new BitSet();
        for (int cpu : end.usable().toArray()) {
            EndShape shape = shapes.of(rules, end, steering, cpu, peer);
            if (shape == null) {
                continue;
            }
            if (steering == Steering.HASHED) {
                receive.set(cpu);
            }
            if (shape.applicationCpu >= 0) {
                application.set(shape.applicationCpu);
            }
            if (shape.free != null) {
                for (int free : shape.free) {
                    application.set(free);
                }
            }
        }
        // Where the receive CPU follows, it is where an application is.
        CpuSet pinned = CpuSet.of(application.stream().toArray());
        return new End(end.host().hostId(), end.machineId(), steering, end.usable(),
                steering == Steering.HASHED ? CpuSet.of(receive.stream().toArray()) : pinned, pinned);
    }
}
