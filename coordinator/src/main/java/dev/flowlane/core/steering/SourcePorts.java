package dev.flowlane.core.steering;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses source ports whose connections are expected to be received on wanted CPUs at both ends, on as many different
 * ones as there are. An end whose CPU cannot be foretold does not matter.
 *
 * <p>Ports are taken from {@value #FIRST} to {@value #LAST}: below the kernel's ephemeral range (32768 to 60999 unless
 * net.ipv4.ip_local_port_range says otherwise), where every connection that anybody opens from the same address takes a
 * port at random, without SO_REUSEADDR, so that a bind to it fails; and above the registered services that are
 * widespread. A port that a service listens on nevertheless costs one candidate.
 */
public final class SourcePorts {
    static final int FIRST = 16_384;
    static final int LAST = 32_767;

    /** Looked at in any case, so that there is a choice: with 64 queues at both ends, one for each pair of them. */
    private static final int SCAN_MIN = 4_096;

    private static final int RANGE = LAST - FIRST + 1;
    private static final int ANYWHERE = -1;

    private SourcePorts() {}

    /**
     * One end of the connections.
     *
     * @param prediction null: not to be relied on
     * @param wanted CPUs on which it should be received
     */
    public record End(String machineId, @Nullable QueuePrediction prediction, CpuSet wanted) {}

    /**
     * Chooses up to {@code count} ports.
     *
     * @param flow addresses and the destination's port; its source port does not matter
     * @param taken ports that are not to be used
     * @param start where in the range to begin: different runs should begin at different places
     * @param use connections that are there already; those of the chosen ports are added
     * @return fewer when no more lead to wanted CPUs; none when the port makes no difference, as far as can be foretold
     */
    public static List<Integer> choose(
            FourTuple flow, End source, End destination, int count, Set<Integer> taken, int start, CpuUse use) {
        if (!mayDependOnPorts(source) && !mayDependOnPorts(destination)) {
            return List.of();
        }
        Map<Landing, Deque<Integer>> landings = scan(flow, source, destination, count, taken, start);
        if (landings.size() < 2) {
            return List.of();
        }
        landings.keySet().removeIf(landing ->
                !isWanted(source, landing.sourceCpu()) || !isWanted(destination, landing.destinationCpu()));
        List<Integer> ports = new ArrayList<>();
        for (Landing landing : disjoint(landings.keySet(), source, destination, use)) {
            if (ports.size() < count) {
                take(landings, landing, source, destination, use, ports);
            }
        }
        while (ports.size() < count) {
            Optional<Landing> next = landings.entrySet().stream()
                    .filter(entry -> !entry.getValue().isEmpty())
                    .map(Map.Entry::getKey)
                    .min(Comparator.comparingInt(landing -> used(landing, source, destination, use)));
            if (next.isEmpty()) {
                break;
            }
            take(landings, next.get(), source, destination, use, ports);
        }
        return ports;
    }

    private static boolean mayDependOnPorts(End end) {
        QueuePrediction prediction = end.prediction();
        return prediction != null && prediction.mayDependOnPorts();
    }

    /** Where a connection is received at both ends; {@link #ANYWHERE} when nobody can tell. */
    private record Landing(int sourceCpu, int destinationCpu) {}

    private static int cpu(End end, FourTuple packet) {
        QueuePrediction prediction = end.prediction();
        return prediction == null
                ? ANYWHERE
                : switch (prediction.of(packet)) {
                    case QueuePrediction.Cpu(int cpu) -> cpu;
                    case QueuePrediction.Unknown _ -> ANYWHERE;
                };
    }

    private static Map<Landing, Deque<Integer>> scan(
            FourTuple flow, End source, End destination, int count, Set<Integer> taken, int start) {
        Map<Landing, Deque<Integer>> landings = new LinkedHashMap<>();
        int found = 0;
        for (int i = 0; i < RANGE && (i < SCAN_MIN || found < count); i++) {
            int port = FIRST + Math.floorMod(start + i, RANGE);
            FourTuple packet = flow.from(port);
            Landing landing = new Landing(cpu(source, packet.reversed()), cpu(destination, packet));
            if (!taken.contains(port)) {
                landings.computeIfAbsent(landing, l -> new ArrayDeque<>()).add(port);
                boolean wanted = isWanted(source, landing.sourceCpu())
                        && isWanted(destination, landing.destinationCpu());
                found += wanted ? 1 : 0;
            }
        }
        return landings;
    }

    private static boolean isWanted(End end, int cpu) {
        return cpu == ANYWHERE || end.wanted().contains(cpu);
    }

    private static void take(
            Map<Landing, Deque<Integer>> landings,
            Landing landing,
            End source,
            End destination,
            CpuUse use,
            List<Integer> ports) {
        Deque<Integer> candidates = landings.get(landing);
        if (candidates == null || candidates.isEmpty()) {
            return;
        }
        ports.add(candidates.poll());
        if (landing.sourceCpu() != ANYWHERE) {
            use.add(source.machineId(), landing.sourceCpu());
        }
        if (landing.destinationCpu() != ANYWHERE) {
            use.add(destination.machineId(), landing.destinationCpu());
        }
    }

    private static int used(Landing landing, End source, End destination, CpuUse use) {
        return use.of(source.machineId(), landing.sourceCpu())
                + use.of(destination.machineId(), landing.destinationCpu());
    }

    /**
     * A largest set of landings on CPUs that nobody uses yet, no two of which share one at either end: a maximum
     * matching of source CPUs with destination CPUs by augmenting paths. Where one end is anybody's guess, the other
     * decides alone.
     */
    private static List<Landing> disjoint(Set<Landing> landings, End source, End destination, CpuUse use) {
        List<Landing> chosen = new ArrayList<>();
        Map<Integer, List<Integer>> edges = new LinkedHashMap<>();
        Set<Integer> alone = new HashSet<>();
        for (Landing landing : landings) {
            if (used(landing, source, destination, use) > 0) {
                continue;
            }
            if (landing.sourceCpu() == ANYWHERE || landing.destinationCpu() == ANYWHERE) {
                if (alone.add(Math.max(landing.sourceCpu(), landing.destinationCpu()))) {
                    chosen.add(landing);
                }
            } else {
                edges.computeIfAbsent(landing.sourceCpu(), cpu -> new ArrayList<>()).add(landing.destinationCpu());
            }
        }
        Map<Integer, Integer> sourceOf = new HashMap<>();
        edges.keySet().forEach(cpu -> augment(cpu, edges, sourceOf, new HashSet<>()));
        sourceOf.forEach((to, from) -> chosen.add(new Landing(from, to)));
        return chosen;
    }

    private static boolean augment(
            int from, Map<Integer, List<Integer>> edges, Map<Integer, Integer> sourceOf, Set<Integer> seen) {
        for (int to : edges.getOrDefault(from, List.of())) {
            if (seen.add(to)) {
                Integer other = sourceOf.get(to);
                if (other == null || augment(other, edges, sourceOf, seen)) {
                    sourceOf.put(to, from);
                    return true;
                }
            }
        }
        return false;
    }
}
