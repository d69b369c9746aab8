package dev.flowlane.core.placement;

import dev.flowlane.core.Counted;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Why a run has no lanes, and what would help.
 *
 * @param summary one sentence
 * @param flowsRequested flows of the run
 * @param flowsPlaced largest number of flows that was found to fit together
 * @param exact whether {@code flowsPlaced} is proven to be the largest; else the search ended at its bound
 * @param reachable receive CPUs that the candidates reached, for ends where hashing decides
 * @param bottlenecks sets of CPUs and flows that rule a larger number out
 * @param claimsInTheWay CPUs that live runs hold, by run id
 * @param suggestions what would help, best first
 */
public record Explanation(
        String summary,
        int flowsRequested,
        int flowsPlaced,
        boolean exact,
        List<Reachable> reachable,
        List<String> bottlenecks,
        SortedMap<String, List<HeldCpus>> claimsInTheWay,
        List<String> suggestions) {
    private static final int SINGLE_HITS_MAX = 8;
    private static final int HOSTS_MAX = 8;

    public Explanation {
        reachable = List.copyOf(reachable);
        bottlenecks = List.copyOf(bottlenecks);
        claimsInTheWay = new TreeMap<>(claimsInTheWay);
        suggestions = List.copyOf(suggestions);
    }

    /** How often each receive CPU was hit at a host. {@code hits} maps CPU to count; CPU -1: the kernel did not say. */
    public record Reachable(String hostId, SortedMap<Integer, Integer> hits) {
        public Reachable {
            hits = new TreeMap<>(hits);
        }

        String line() {
            if (hits.size() <= SINGLE_HITS_MAX) {
                return "receive CPUs reached at " + hostId + ": " + hits.entrySet().stream()
                        .map(hit -> cpuName(hit.getKey()) + " (" + times(hit.getValue()) + ")")
                        .collect(Collectors.joining(", "));
            }
            int[] cpus = hits.keySet().stream().mapToInt(Integer::intValue).filter(cpu -> cpu >= 0).toArray();
            int least = hits.values().stream().mapToInt(Integer::intValue).min().orElse(0);
            int most = hits.values().stream().mapToInt(Integer::intValue).max().orElse(0);
            return "receive CPUs reached at " + hostId + ": " + CpuSet.of(cpus) + " (" + Counted.of(cpus.length, "CPU")
                    + ", "
                    + (least == most ? "" : least + " to ") + times(most) + " each)";
        }

        private static String cpuName(int cpu) {
            return cpu < 0 ? "not told by the kernel" : Integer.toString(cpu);
        }

        private static String times(int count) {
            return switch (count) {
                case 1 -> "once";
                case 2 -> "twice";
                default -> count + " times";
            };
        }
    }

    /**
     * CPUs of a machine that a run holds.
     *
     * @param hostIds hosts of the refused run on that machine
     */
    public record HeldCpus(String machineId, List<String> hostIds, CpuSet cpus) {
        public HeldCpus {
            hostIds = List.copyOf(hostIds);
        }

        String text() {
            return (cpus.size() == 1 ? "CPU " : "CPUs ") + cpus + " of " + String.join(", ", hostIds);
        }
    }

    /** Short lines for people: the summary first, suggestions last. */
    public List<String> lines() {
        var lines = new ArrayList<String>();
        lines.add(summary);
        lines.addAll(bottlenecks);
        reachable.stream().limit(HOSTS_MAX).forEach(host -> lines.add(host.line()));
        if (reachable.size() > HOSTS_MAX) {
            lines.add("and receive CPUs at " + Counted.of(reachable.size() - HOSTS_MAX, "more host"));
        }
        claimsInTheWay.forEach((runId, held) -> lines.add("run " + runId + " holds " + held.stream()
                .map(HeldCpus::text)
                .collect(Collectors.joining("; "))));
        if (flowsPlaced > 0 && flowsPlaced < flowsRequested) {
            lines.add("largest set found: " + flowsPlaced + " of " + flowsRequested + " flows"
                    + (exact ? "" : " (the search ended at its bound; there may be a larger one)"));
        }
        if (!suggestions.isEmpty()) {
            lines.add("what would help: " + String.join("; ", suggestions));
        }
        return lines;
    }

    /** {@link #lines()} in one text. */
    public String text() {
        return String.join("\n", lines());
    }
}
