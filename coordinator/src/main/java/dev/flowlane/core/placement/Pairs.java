package dev.flowlane.core.placement;

import dev.flowlane.core.spec.RunSpec;

import java.util.ArrayList;
import java.util.List;

/** The host pairs of a spec. */
public final class Pairs {
    private Pairs() {}

    /** Every pair of the spec's topology, in the order that numbers the run's flows. */
    public static List<HostPair> of(RunSpec spec) {
        var pairs = new ArrayList<HostPair>();
        spec.topology().forEachPair(spec.sources(), spec.destinations(),
                (source, destination) -> pairs.add(new HostPair(source, destination)));
        return List.copyOf(pairs);
    }
}
