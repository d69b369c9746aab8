package dev.flowlane.core.placement;

import dev.flowlane.core.spec.RunSpec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One question to the matching: these pairs, candidates, claims and rules; split into its components. */
final class Search {
    private final List<Component> components;
    private final Cores cores;
    private final int flows;

    private Search(List<Component> components, Cores cores) {
        this.components = components;
        this.cores = cores;
        this.flows = components.stream().mapToInt(Component::flows).sum();
    }

    /**
     * @param spec may differ from the request's, to ask what would help
     * @param overlapAllowed see {@link ComponentBuilder}
     */
    static Search of(
            PlacementRequest request,
            RunSpec spec,
            List<HostPair> pairs,
            List<CandidatePair> candidates,
            Ledger others,
            boolean overlapAllowed) {
        var hosts = new LinkedHashSet<String>();
        pairs.forEach(pair -> {
            hosts.add(pair.source());
            hosts.add(pair.destination());
        });
        Cores cores = Cores.of(hosts.stream().map(request::host).toList(), spec.placement());
        var rules = new ArrayList<PairRules>();
        for (int i = 0; i < pairs.size(); i++) {
            HostPair pair = pairs.get(i);
            rules.add(PairRules.of(i, pair, request.host(pair.source()), request.host(pair.destination()),
                    spec.placement(), cores));
        }
        Map<HostPair, List<CandidatePair>> byPair = byPair(candidates);
        var builder = new ComponentBuilder(spec, others, cores, overlapAllowed, byPair(request.closed()));
        return new Search(byMachines(rules).stream().map(part -> builder.build(part, byPair)).toList(), cores);
    }

    private static Map<HostPair, List<CandidatePair>> byPair(List<CandidatePair> candidates) {
        return candidates.stream()
                .collect(Collectors.groupingBy(c -> new HostPair(c.sourceHostId(), c.destinationHostId())));
    }

    /** Pairs that share machines, directly or through others, together; in the order of their first pair. */
    private static List<List<PairRules>> byMachines(List<PairRules> pairs) {
        var parent = new LinkedHashMap<String, String>();
        for (PairRules pair : pairs) {
            String a = root(parent, pair.source().machineId());
            String b = root(parent, pair.destination().machineId());
            parent.put(a, b);
        }
        var parts = new LinkedHashMap<String, List<PairRules>>();
        for (PairRules pair : pairs) {
            parts.computeIfAbsent(root(parent, pair.source().machineId()), any -> new ArrayList<>()).add(pair);
        }
        return List.copyOf(parts.values());
    }

    private static String root(Map<String, String> parent, String machineId) {
        String root = machineId;
        String up = parent.getOrDefault(root, root);
        while (!up.equals(root)) {
            // Each one found on the way is hung up higher, so that long chains are walked once.
            parent.put(root, parent.getOrDefault(up, up));
            root = up;
            up = parent.getOrDefault(root, root);
        }
        return root;
    }

    List<Component> components() {
        return components;
    }

    Cores cores() {
        return cores;
    }

    int flows() {
        return flows;
    }

    /** A solution for each component, in their order. */
    Answer solve(boolean wantLargest) {
        return solve(wantLargest, ExactSearch.WORK_MAX);
    }

    private Answer solve(boolean wantLargest, long workMax) {
        return new Answer(
                components.stream().map(part -> new LaneSearch(part, workMax).solve(wantLargest)).toList(), flows);
    }

    /** Whether every flow fits, as far as a short search finds out. */
    boolean fits() {
        return solve(false, ExactSearch.WORK_MAX_FOR_ADVICE).complete();
    }

    /** Solutions by component. */
    record Answer(List<Solution> solutions, int flows) {
        int size() {
            return solutions.stream().mapToInt(Solution::size).sum();
        }

        boolean complete() {
            return size() == flows;
        }

        /** Whether it is proven that not every flow fits. */
        boolean impossible() {
            return solutions.stream().anyMatch(Solution::impossible);
        }

        boolean largest() {
            return solutions.stream().allMatch(Solution::largest);
        }
    }
}
