package dev.flowlane.core.placement;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.Smt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Who uses which CPU for what, kept beside the ledger from the lanes alone, and the rule of what two flows may share,
 * written down from the words of the spec: nothing here asks a {@link Claim}.
 */
final class ClaimedCpus {
    private final Map<String, HostCpus> hosts;
    private final Map<String, List<Use>> byMachine = new HashMap<>();
    private final Map<String, Map<Integer, Set<Integer>>> siblings = new HashMap<>();
    private final Map<String, Set<String>> machinesOf = new HashMap<>();

    ClaimedCpus(Map<String, HostCpus> hosts) {
        this.hosts = hosts;
    }

    private enum What {
        SOURCE_RECEIVE,
        DESTINATION_RECEIVE,
        APPLICATION
    }

    /** One use of one CPU by one flow. {@code partner}: the flow that it swaps with; else the flow itself. */
    private record Use(String flowId, String partner, int cpu, What what, PlacementPolicy policy) {}

    /** Takes the lanes of a run in; gives what they share with others against the policies. */
    List<String> add(PlacementRequest request, List<Lane> lanes) {
        var wrong = new ArrayList<String>();
        var machines = new HashSet<String>();
        for (Lane lane : lanes) {
            machines.add(host(lane.pair().source()).machineId());
            machines.add(host(lane.pair().destination()).machineId());
        }
        machinesOf.put(request.runId(), machines);
        var steering = new HashMap<Integer, CandidatePair>();
        request.candidates().forEach(candidate -> steering.put(candidate.candidateId(), candidate));
        for (int i = 0; i < lanes.size(); i++) {
            CandidatePair candidate = Objects.requireNonNull(steering.get(lanes.get(i).candidateId()));
            addFlow(request, lanes.get(i), i, candidate, wrong);
        }
        return wrong;
    }

    private void addFlow(
            PlacementRequest request, Lane lane, int index, CandidatePair candidate, List<String> wrong) {
        HostCpus source = host(lane.pair().source());
        HostCpus destination = host(lane.pair().destination());
        boolean local = source.machineId().equals(destination.machineId());
        int[] sources = {lane.sourceReceiveCpu(), lane.sourceApplicationCpu(), lane.destinationApplicationCpu()};
        int[] destinations = {
            lane.destinationReceiveCpu(), lane.destinationApplicationCpu(), lane.sourceApplicationCpu()
        };
        var flow = new Flow(request, index, wrong);
        flow.use(source, sources[0], What.SOURCE_RECEIVE);
        flow.use(source, sources[1], What.APPLICATION);
        flow.use(destination, destinations[0], What.DESTINATION_RECEIVE);
        flow.use(destination, destinations[1], What.APPLICATION);
        if (candidate.source().steering() == Steering.FOLLOWS_SENDER) {
            IntStream.range(1, local ? 3 : 2).forEach(i -> flow.use(source, sources[i], What.SOURCE_RECEIVE));
        }
        if (candidate.destination().steering() == Steering.FOLLOWS_SENDER) {
            IntStream.range(1, local ? 3 : 2)
                    .forEach(i -> flow.use(destination, destinations[i], What.DESTINATION_RECEIVE));
        }
    }

    private final class Flow {
        private final String flowId;
        private final String partner;
        private final PlacementPolicy policy;
        private final List<String> wrong;

        Flow(PlacementRequest request, int index, List<String> wrong) {
            this.flowId = request.runId() + "." + index;
            this.partner = request.runId() + "." + (index ^ 1);
            this.policy = request.spec().placement();
            this.wrong = wrong;
        }

        void use(HostCpus host, int cpu, What what) {
            if (cpu < 0) {
                return;
            }
            var use = new Use(flowId, partner, cpu, what, policy);
            List<Use> others = byMachine.computeIfAbsent(host.machineId(), any -> new ArrayList<>());
            for (Use other : others) {
                if (!other.flowId().equals(flowId) && clash(host.machineId(), use, other)) {
                    wrong.add(host.machineId() + ": " + use + " and " + other);
                }
            }
            others.add(use);
        }
    }

    private boolean clash(String machineId, Use a, Use b) {
        boolean avoid = avoids(a.policy()) || avoids(b.policy());
        boolean sameCore = avoid && siblings(machineId, a.cpu()).contains(b.cpu());
        if (a.cpu() != b.cpu() && !sameCore) {
            return false;
        }
        // A couple that swaps shares its CPUs, but does not receive on the same one.
        boolean couple = a.partner().equals(b.flowId())
                && a.policy().applicationCpu() instanceof ApplicationCpu.Cross;
        if (couple) {
            return a.what() == b.what() && a.what() != What.APPLICATION && a.policy().exclusive() != Exclusive.NONE;
        }
        return switch (a.policy().exclusive().stricter(b.policy().exclusive())) {
            case STRICT -> true;
            case PER_SIDE -> a.what() == b.what() && a.what() != What.APPLICATION;
            case NONE -> false;
        };
    }

    private static boolean avoids(PlacementPolicy policy) {
        return policy.smt() == Smt.AVOID && policy.exclusive() != Exclusive.NONE;
    }

    private Set<Integer> siblings(String machineId, int cpu) {
        return siblings.computeIfAbsent(machineId, this::siblings).getOrDefault(cpu, Set.of(cpu));
    }

    private Map<Integer, Set<Integer>> siblings(String machineId) {
        var all = new HashMap<Integer, Set<Integer>>();
        hosts.values().stream()
                .filter(host -> host.machineId().equals(machineId))
                .flatMap(host -> host.cpus().stream())
                .forEach(cpu -> cpu.smtSiblings().cpus()
                        .forEach(sibling -> all.computeIfAbsent(cpu.cpu(), any -> new HashSet<>()).add(sibling)));
        return all;
    }

    void remove(String runId) {
        Set<String> machines = machinesOf.remove(runId);
        for (String machineId : machines == null ? Set.<String>of() : machines) {
            byMachine.getOrDefault(machineId, new ArrayList<>())
                    .removeIf(use -> use.flowId().startsWith(runId + "."));
        }
    }

    boolean isEmpty() {
        return byMachine.values().stream().allMatch(List::isEmpty);
    }

    private HostCpus host(String hostId) {
        return Objects.requireNonNull(hosts.get(hostId));
    }
}
