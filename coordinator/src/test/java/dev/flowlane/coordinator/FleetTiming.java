package dev.flowlane.coordinator;

import dev.flowlane.bus.Codec;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.core.placement.CpuTopology;
import dev.flowlane.core.placement.HostCpus;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.run.CandidateReport;
import dev.flowlane.core.run.Effect;
import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.EndOutcome;
import dev.flowlane.core.run.EndReport;
import dev.flowlane.core.run.Fleet;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.HostAnnouncement.DataAddress;
import dev.flowlane.core.run.HostOrder;
import dev.flowlane.core.run.Input;
import dev.flowlane.core.run.KindFigures;
import dev.flowlane.core.run.OpaqueBytes;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.Step;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.HdrHistogram.Histogram;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Prints how much CPU each kind of input costs the core in the fleet of {@link FleetLoad}, without any broker: 1,000
 * hosts, 200 runs at a time, 10,000 flows; and what it costs to encode the records of runs that follow. Time is that of
 * the thread on a CPU, so that other processes hardly matter. A main, not a test: {@code java -cp ...
 * dev.flowlane.coordinator.FleetTiming [HOSTS RUNS FLOWS ROUNDS]}.
 */
final class FleetTiming {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final int CPUS = 64;

    private final FleetLoad.Load load;
    private final Codec<dev.flowlane.avro.Run> codec = Codec.of(Topic.RUNS);
    private final Map<String, Histogram> costsNs = new TreeMap<>();
    private final ArrayDeque<Input> words = new ArrayDeque<>();
    private final Map<String, Set<String>> held = new HashMap<>();
    /** By run: reports that its hosts make when its time is over. */
    private final Map<String, List<Input>> reports = new TreeMap<>();
    private FleetState state = FleetState.INITIAL;
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private int commands;
    private long inputsNs;

    private FleetTiming(FleetLoad.Load load) {
        this.load = load;
    }

    public static void main(String[] arguments) {
        int[] numbers = arguments.length == 0
                ? new int[] {1_000, 200, 10_000, 3}
                : IntStream.range(0, 4).map(i -> Integer.parseInt(arguments[i])).toArray();
        new FleetTiming(new FleetLoad.Load(
                        numbers[0], numbers[1], numbers[2], Duration.ofSeconds(30), Duration.ofSeconds(30)))
                .run(numbers[3]);
    }

    private void run(int rounds) {
        take(new Input.CoordinatorStarted(1, OpaqueBytes.of(new byte[32]), List.of(), List.of()));
        for (int number = 0; number < load.hosts(); number++) {
            take(new Input.HostAnnounced(announcement(number)));
        }
        for (int round = 0; round <= rounds; round++) {
            inputsNs = 0;
            for (int place = 0; place < load.runs(); place++) {
                submit(place, round);
            }
            for (int beat = 0; beat < 6; beat++) {
                for (int number = 0; number < load.hosts(); number++) {
                    String hostId = FleetLoad.host(number);
                    tick();
                    take(new Input.HostHeartbeat(
                            hostId, instance(hostId), now, held.getOrDefault(hostId, Set.of()), 2, 0L));
                }
            }
            // Ends of different runs come mixed, as the clocks of their hosts have it.
            List<List<Input>> ends = new ArrayList<>(reports.values());
            reports.clear();
            for (int i = 0; i < ends.getFirst().size(); i++) {
                for (List<Input> ofRun : ends) {
                    words.add(ofRun.get(i));
                }
                drain();
            }
            System.out.printf(Locale.ROOT, "round %d: %.0f ms of CPU of the core for 30 s of the fleet%s%n", round,
                    inputsNs / 1e6, round == 0 ? ", to warm up" : "");
            if (round == 0) {
                costsNs.clear();
            }
        }
        costsNs.forEach((what, ns) -> System.out.printf(Locale.ROOT,
                "%-20s %6d times, mean %8.1f us, median %8.1f us, p99 %8.1f us, most %8.1f us%n", what,
                ns.getTotalCount(), ns.getMean() / 1e3, ns.getValueAtPercentile(50) / 1e3,
                ns.getValueAtPercentile(99) / 1e3, ns.getMaxValue() / 1e3));
    }

    private void submit(int place, int round) {
        RunSpec spec = FleetLoad.spec(load, place);
        tick();
        take(new Input.SubmitRun("c" + commands++, "run-" + place + "-" + round, "load", spec, now, null));
        drain();
    }

    private void drain() {
        for (Input word = words.poll(); word != null; word = words.poll()) {
            tick();
            take(word);
        }
    }

    private void tick() {
        now = now.plusNanos(100_000);
    }

    private void take(Input input) {
        long beganNs = THREADS.getCurrentThreadCpuTime();
        Step step = Fleet.step(state, input, now);
        long tookNs = THREADS.getCurrentThreadCpuTime() - beganNs;
        inputsNs += tookNs;
        record(input.getClass().getSimpleName(), tookNs);
        state = step.next();
        for (Effect effect : step.effects()) {
            switch (effect) {
                case Effect.WriteRun(RunRecord run) -> {
                    long encodingNs = THREADS.getCurrentThreadCpuTime();
                    codec.encode(RunAvro.toAvro(run));
                    record("encoding of a Run", THREADS.getCurrentThreadCpuTime() - encodingNs);
                }
                case Effect.SendHostCommand command -> obey(command);
                case Effect.ArmTimer _, Effect.CancelTimer _ -> {}
                case Effect.WriteRunEvent _, Effect.WriteTrial _, Effect.WriteResult _ -> {}
            }
        }
    }

    private void record(String what, long ns) {
        costsNs.computeIfAbsent(what, _ -> new Histogram(3)).recordValue(ns);
    }

    private void obey(Effect.SendHostCommand command) {
        String hostId = command.hostId();
        String runId = command.runId();
        int attempt = command.attempt();
        switch (command.order()) {
            case HostOrder.Expect _ -> held.computeIfAbsent(hostId, _ -> new TreeSet<>()).add(runId);
            case HostOrder.Connect connect -> {
                held.computeIfAbsent(hostId, _ -> new TreeSet<>()).add(runId);
                for (HostOrder.ConnectTarget target : connect.targets()) {
                    words.add(candidates(hostId, runId, attempt, target, FlowRole.SOURCE));
                    words.add(candidates(target.destinationHostId(), runId, attempt, target, FlowRole.DESTINATION));
                }
            }
            case HostOrder.Assign assign -> {
                List<EndLane> lanes = new ArrayList<>();
                for (HostOrder.Assignment end : assign.flowEnds()) {
                    lanes.add(new EndLane(end.flowId(), end.role(), end.applicationCpu(), end.candidateId() % CPUS,
                            Integer.toString(end.applicationCpu()), Steering.HASHED, 100, 101));
                    reports.computeIfAbsent(runId, _ -> new ArrayList<>())
                            .add(new Input.FlowEndEnded(hostId, instance(hostId), now, runId, attempt,
                                    done(end)));
                }
                words.add(new Input.FlowEndsReady(hostId, instance(hostId), now, runId, attempt, lanes));
            }
            case HostOrder.Start _, HostOrder.Stop _ -> {}
            case HostOrder.Release _ -> held.getOrDefault(hostId, new TreeSet<>()).remove(runId);
        }
    }

    private Input candidates(
            String hostId, String runId, int attempt, HostOrder.ConnectTarget target, FlowRole role) {
        List<CandidateReport> candidates = IntStream.range(0, target.candidateCount())
                .map(i -> target.firstCandidateId() + i)
                .mapToObj(id -> new CandidateReport(id, role, id % CPUS, Steering.HASHED, "10.0.0.1",
                        role == FlowRole.SOURCE ? 20_000 + id : 7411, "10.0.0.2",
                        role == FlowRole.SOURCE ? 7411 : 20_000 + id, null))
                .toList();
        return new Input.CandidatesReported(hostId, instance(hostId), now, runId, attempt, candidates);
    }

    private EndReport done(HostOrder.Assignment end) {
        boolean source = end.role() == FlowRole.SOURCE;
        int intervals = (int) load.runLength().toSeconds();
        return new EndReport(
                end.flowId(),
                end.role(),
                EndOutcome.DONE,
                null,
                1,
                1,
                load.runLength().toNanos(),
                source ? 1_000 : 0,
                source ? 0 : 1_000,
                0,
                0,
                0,
                null,
                null,
                1,
                1,
                new EndReport.Intervals(intervals, intervals, 0, intervals, 0),
                null,
                0,
                null,
                new EndReport.Tcp(0L, 0L, 0L, 100_000L, 10_000L, 65_536L, 10L),
                new EndReport.CpuRatios(0.1, 0.2, 0, 0.3, 0, 0.4),
                EndReport.Worker.UNKNOWN,
                EndReport.ZeroCopy.NONE,
                null,
                List.of(),
                KindFigures.NONE,
                null);
    }

    private static String instance(String hostId) {
        return hostId + "-1";
    }

    private HostAnnouncement announcement(int number) {
        String hostId = FleetLoad.host(number);
        List<CpuTopology> cpus = IntStream.range(0, CPUS)
                .mapToObj(cpu -> new CpuTopology(cpu, cpu, 0, 0, CpuSet.of(cpu)))
                .toList();
        CpuSet all = CpuSet.parse("0-" + (CPUS - 1));
        String address = "10.0." + number / 256 + "." + number % 256;
        return new HostAnnouncement(
                hostId,
                instance(hostId),
                now,
                true,
                LEASE,
                List.of(new DataAddress(address, 7411, "eth0", Steering.HASHED)),
                new HostCpus(hostId, "machine-of-" + hostId, all, CpuSet.empty(), cpus),
                Set.of());
    }
}
