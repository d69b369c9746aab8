package dev.flowlane.core.placement;

import dev.flowlane.core.spec.RunSpec;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Everything a decision depends on.
 *
 * @param pairs as {@link Pairs#of}
 * @param candidates usable candidates: open, and reported by both ends
 * @param hosts at least the hosts of {@code pairs}, by host id
 * @param others claims of live runs; the run's own are left out of account
 * @param candidatesOpened connections opened so far for this run, failed ones included
 */
public record PlacementRequest(
        String runId,
        RunSpec spec,
        List<HostPair> pairs,
        List<CandidatePair> candidates,
        Map<String, HostCpus> hosts,
        Ledger others,
        int candidatesOpened) {
    public PlacementRequest {
        pairs = List.copyOf(pairs);
        candidates = List.copyOf(candidates);
    }

    /** The same without claims of the run itself, which it may still hold from an earlier attempt. */
    PlacementRequest withoutOwnClaims() {
        return new PlacementRequest(runId, spec, pairs, candidates, hosts, others.without(runId), candidatesOpened);
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
