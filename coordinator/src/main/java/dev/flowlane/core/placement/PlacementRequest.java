package dev.flowlane.core.placement;

import dev.flowlane.core.spec.RunSpec;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Everything a decision depends on.
 *
 * @param pairs as {@link Pairs#of}
 * @param candidates usable candidates: open, and reported by both ends
 * @param closed candidates that were reported and closed again because {@link Closable} named them: they cannot become
 *     flows, but explanations count them
 * @param hosts at least the hosts of {@code pairs}, by host id
 * @param others claims of live runs; the run's own are left out of account
 * @param candidatesOpened connections opened so far for this run, failed ones included
 */
public record PlacementRequest(
        String runId,
        RunSpec spec,
        List<HostPair> pairs,
        List<CandidatePair> candidates,
        List<CandidatePair> closed,
        Map<String, HostCpus> hosts,
        Ledger others,
        int candidatesOpened) {
    public PlacementRequest {
        pairs = List.copyOf(pairs);
        candidates = List.copyOf(candidates);
        closed = List.copyOf(closed);
    }

    /** A request for which no candidate was closed. */
    public PlacementRequest(
            String runId,
            RunSpec spec,
            List<HostPair> pairs,
            List<CandidatePair> candidates,
            Map<String, HostCpus> hosts,
            Ledger others,
            int candidatesOpened) {
        this(runId, spec, pairs, candidates, List.of(), hosts, others, candidatesOpened);
    }

    /** The same without claims of the run itself, which it may still hold from an earlier attempt. */
    PlacementRequest withoutOwnClaims() {
        return new PlacementRequest(
                runId, spec, pairs, candidates, closed, hosts, others.without(runId), candidatesOpened);
    }

    /** Every candidate that was reported, whether or not it is open still. */
    List<CandidatePair> allCandidates() {
        return closed.isEmpty() ? candidates : Stream.concat(candidates.stream(), closed.stream()).toList();
    }

    /** A host of the request's pairs. */
    HostCpus host(String hostId) {
        return Objects.requireNonNull(hosts.get(hostId), hostId);
    }

    /** A request before any connection is open. */
    public static PlacementRequest beforeConnecting(
            String runId, RunSpec spec, Map<String, HostCpus> hosts, Ledger others) {
        return new PlacementRequest(runId, spec, Pairs.of(spec), List.of(), hosts, others, 0);
    }
}
