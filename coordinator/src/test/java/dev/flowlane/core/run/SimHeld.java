package dev.flowlane.core.run;

import dev.flowlane.core.spec.RunSpec;
import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a simulated daemon holds of a run. */
final class SimHeld {
    final int attempt;
    @Nullable OpaqueBytes key;
    /** By candidate id. */
    final Map<Integer, CandidateReport> candidates = new TreeMap<>();
    /** Ids of candidates that the coordinator had closed. */
    final Set<Integer> closed = new TreeSet<>();
    /** By flow id and role. */
    final TreeMap<String, SimFlow.End> ends = new TreeMap<>();
    /** Keys of the ends that were reported ready. */
    final Set<String> ready = new TreeSet<>();
    boolean assigned;
    boolean stopped;

    SimHeld(int attempt) {
        this.attempt = attempt;
    }

    /** Of the run; there is one as soon as ends are assigned. */
    RunSpec spec() {
        return ends.firstEntry().getValue().flow.spec;
    }
}
