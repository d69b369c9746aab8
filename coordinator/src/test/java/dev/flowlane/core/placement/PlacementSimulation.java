package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.core.spec.SpecValidator;
import dev.flowlane.core.spec.Topology;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;

/** Runs that arrive, search, hold their lanes and leave again, in a random fleet; nothing but placement. */
final class PlacementSimulation {
    private static final RunSpec BASE = Fixtures.spec("sources: [a]\ndestinations: [b]");

    private final Random random;
    private final RandomFleet fleet;
    private final List<String> hostIds;
    private final ClaimedCpus claimed;
    private final int events;
    private final List<String> live = new ArrayList<>();
    private final Map<String, RunSpec> waiting = new TreeMap<>();
    private final Map<String, Integer> seen = new TreeMap<>();
    private Ledger ledger = Ledger.empty();
    private int runs;

    /** Most fleets are small, some are large: those with a seed that 100 divides. */
    PlacementSimulation(long seed) {
        this.random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
        boolean large = seed % 100 == 0;
        this.fleet = new RandomFleet(random, large ? random.nextInt(100, 1001) : random.nextInt(2, 30));
        this.hostIds = List.copyOf(fleet.hosts().keySet());
        this.claimed = new ClaimedCpus(fleet.hosts());
        this.events = large ? 500 : 26;
    }

    /** How often what happened. */
    Map<String, Integer> run() {
        for (int event = 0; event < events; event++) {
            if (random.nextInt(5) < 3) {
                begin("r" + runs++, spec());
            } else if (!live.isEmpty()) {
                end(live.get(random.nextInt(live.size())));
            }
        }
        seen.merge("live at once", live.size(), Math::max);
        while (!live.isEmpty()) {
            end(live.get(random.nextInt(live.size())));
        }
        assertThat(ledger).isEqualTo(Ledger.empty());
        assertThat(claimed.isEmpty()).isTrue();
        return seen;
    }

    private void begin(String runId, RunSpec spec) {
        switch (Placement.precheck(PlacementRequest.beforeConnecting(runId, spec, fleet.hosts(), ledger))) {
            case Precheck.Fits() -> search(runId, spec);
            case PlacementOutcome.Blocked blocked -> await(runId, spec, blocked);
            case PlacementOutcome.Refused _ -> seen.merge("Refused at once", 1, Integer::sum);
        }
    }

    private void search(String runId, RunSpec spec) {
        var open = new ArrayList<CandidatePair>();
        var closed = new ArrayList<CandidatePair>();
        for (int rounds = 0; ; rounds++) {
            var request = new PlacementRequest(runId, spec, Pairs.of(spec), open, closed, fleet.hosts(), ledger,
                    open.size() + closed.size());
            assertThat(rounds).as("rounds of %s", runId).isLessThan(60);
            switch (Placement.place(request)) {
                case PlacementOutcome.Placed placed -> {
                    hold(request, placed);
                    return;
                }
                case PlacementOutcome.NeedMore(List<CandidateDemand> demands) -> {
                    open(demands, open, closed.size());
                    close(request, open, closed);
                }
                case PlacementOutcome.Blocked blocked -> {
                    await(runId, spec, blocked);
                    return;
                }
                case PlacementOutcome.Refused _ -> {
                    seen.merge("Refused", 1, Integer::sum);
                    return;
                }
            }
        }
    }

    private void open(List<CandidateDemand> demands, List<CandidatePair> open, int closed) {
        for (CandidateDemand demand : demands) {
            for (int i = 0; i < demand.count(); i++) {
                String source = demand.pair().source();
                String destination = demand.pair().destination();
                int id = open.size() + closed;
                open.add(new CandidatePair(id, source, destination, fleet.connect(source, destination, 1024 + id),
                        fleet.connect(destination, source, 7411)));
            }
        }
    }

    /** Half of the searches close what cannot help any more, which must not change the answer. */
    private void close(PlacementRequest before, List<CandidatePair> open, List<CandidatePair> closed) {
        if (random.nextBoolean()) {
            return;
        }
        var request = new PlacementRequest(before.runId(), before.spec(), before.pairs(), open, closed, before.hosts(),
                before.others(), open.size() + closed.size());
        SortedSet<Integer> closable = Closable.of(request);
        open.stream().filter(c -> closable.contains(c.candidateId())).forEach(closed::add);
        open.removeIf(c -> closable.contains(c.candidateId()));
        seen.merge("closed early", closable.size(), Integer::sum);
    }

    private void hold(PlacementRequest request, PlacementOutcome.Placed placed) {
        Ledger next = ledger.with(request.runId(),
                placed.lanes().stream().flatMap(lane -> lane.claims().stream()).toList());
        assertThat(claimed.add(request, placed.lanes())).as("lanes of %s: %s", request.runId(), placed).isEmpty();
        assertThat(ledger.conflicts(next.claims(request.runId()))).as("claims of %s", request.runId()).isEmpty();
        assertThat(Ledger.empty().with(request.runId(), next.claims(request.runId())).violations())
                .as("claims of %s: %s", request.runId(), placed)
                .isEmpty();
        assertThat(new LaneChecker(withOwnHosts(request)).violations(placed.lanes())).isEmpty();
        ledger = next;
        live.add(request.runId());
        PlacementPolicy policy = request.spec().placement();
        seen.merge("Placed " + policy.applicationCpu().getClass().getSimpleName(), 1, Integer::sum);
        seen.merge("Placed " + request.spec().topology(), 1, Integer::sum);
        seen.merge("Placed " + policy.exclusive() + " " + policy.smt(), 1, Integer::sum);
    }

    private PlacementRequest withOwnHosts(PlacementRequest r) {
        Set<String> machines = new HashSet<>();
        r.pairs().forEach(pair -> {
            machines.add(fleet.host(pair.source()).machineId());
            machines.add(fleet.host(pair.destination()).machineId());
        });
        var own = new TreeMap<String, HostCpus>();
        fleet.hosts().forEach((hostId, host) -> {
            if (machines.contains(host.machineId())) {
                own.put(hostId, host);
            }
        });
        var others = new TreeMap<String, List<Claim>>();
        machines.forEach(machineId -> r.others().on(machineId).forEach(held ->
                others.computeIfAbsent(held.runId(), any -> new ArrayList<>()).add(held.claim())));
        return new PlacementRequest(r.runId(), r.spec(), r.pairs(), r.candidates(), r.closed(), own,
                Ledger.of(others), r.candidatesOpened());
    }

    private void await(String runId, RunSpec spec, PlacementOutcome.Blocked blocked) {
        seen.merge("Blocked", 1, Integer::sum);
        assertThat(blocked.runIds()).isNotEmpty().isSubsetOf(ledger.runIds());
        waiting.put(runId, spec);
    }

    /** A run leaves, and one of those that wait tries again. */
    private void end(String runId) {
        live.remove(runId);
        ledger = ledger.without(runId);
        claimed.remove(runId);
        assertThat(ledger.claims(runId)).isEmpty();
        if (!waiting.isEmpty()) {
            String next = waiting.keySet().iterator().next();
            RunSpec spec = waiting.remove(next);
            if (spec != null && random.nextBoolean()) {
                seen.merge("tried again", 1, Integer::sum);
                begin(next, spec);
            }
        }
    }

    private RunSpec spec() {
        while (true) {
            Topology topology = any(Topology.values());
            var shuffled = new ArrayList<>(hostIds);
            Collections.shuffle(shuffled, random);
            int count = Math.min(shuffled.size(), random.nextInt(2, 7));
            List<String> chosen = shuffled.subList(0, count);
            ApplicationCpu applicationCpu = applicationCpu();
            int flows = random.nextInt(1, 5);
            Smt smt = applicationCpu instanceof ApplicationCpu.NumaLocal ? Smt.AVOID : any(Smt.values());
            var policy = new PlacementPolicy(applicationCpu, exclusive(), smt, limit(), limit(),
                    random.nextInt(20) == 0, random.nextInt(64, 257), List.of());
            var spec = new RunSpec(
                    switch (topology) {
                        case PAIR -> chosen.subList(0, count / 2);
                        case FAN_IN -> chosen.subList(1, count);
                        case FAN_OUT -> chosen.subList(0, 1);
                        case MESH, RING -> chosen.subList(0, Math.min(count, 4));
                    },
                    switch (topology) {
                        case PAIR -> chosen.subList(count / 2, count / 2 * 2);
                        case FAN_IN -> chosen.subList(0, 1);
                        case FAN_OUT -> chosen.subList(1, count);
                        case MESH, RING -> List.of();
                    },
                    topology, applicationCpu instanceof ApplicationCpu.Cross ? 2 * flows : flows, BASE.traffic(),
                    BASE.duration(), BASE.warmup(), BASE.interval(), 0, policy, BASE.io(), BASE.socket(),
                    BASE.whenBusy());
            if (SpecValidator.problems(spec).isEmpty()) {
                return spec;
            }
        }
    }

    private ApplicationCpu applicationCpu() {
        return switch (random.nextInt(8)) {
            case 0 -> new ApplicationCpu.Offset(random.nextBoolean() ? 1 : -2);
            case 1 -> new ApplicationCpu.Explicit(CpuSet.of(random.ints(4, 0, 16).toArray()));
            case 2 -> new ApplicationCpu.Unpinned();
            case 3 -> new ApplicationCpu.Cross();
            case 4 -> new ApplicationCpu.NumaLocal();
            default -> new ApplicationCpu.SameCore();
        };
    }

    private Exclusive exclusive() {
        return random.nextInt(3) == 0 ? any(Exclusive.values()) : Exclusive.STRICT;
    }

    private @Nullable CpuSet limit() {
        return random.nextInt(6) == 0 ? CpuSet.parse("0-" + random.nextInt(0, 24)) : null;
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
