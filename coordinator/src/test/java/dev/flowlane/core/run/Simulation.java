package dev.flowlane.core.run;

import static java.util.Objects.requireNonNull;

import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.spec.RunSpec;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A fleet in virtual time: a coordinator that is killed and started again from what it wrote, daemons that are killed,
 * paused, shut down and slow, users who submit, submit again, contradict themselves and cancel. For two minutes
 * anything goes wrong; then nothing does any more, and everything has to come to its end.
 */
final class Simulation {
    private static final Duration FAULTS = Duration.ofSeconds(100);
    /** Enough for every run to wait for every other, each with all its bounds. */
    private static final Duration LIMIT = Duration.ofMinutes(40);

    private final Random random;
    final SimBus bus;
    private final TreeMap<String, SimHost> hosts = new TreeMap<>();
    private final FleetInvariants invariants;
    private final Map<String, SimFlow> flows = new HashMap<>();
    private final List<SimFlow.End> ends = new ArrayList<>();
    private final StringBuilder trace = new StringBuilder();
    private final boolean tracing;

    // What the bus remembers.
    private final TreeMap<String, RunRecord> runRecords = new TreeMap<>();
    private final TreeMap<String, HostAnnouncement> hostRecords = new TreeMap<>();
    private final Deque<Input> unread = new ArrayDeque<>();

    // The coordinator that is alive.
    private FleetState state = FleetState.INITIAL;
    private final Map<TimerKey, Instant> timers = new HashMap<>();
    private boolean up;
    private Instant upSince = FleetDriver.START;
    private long epoch;
    private long incarnation;
    private int steps;

    Simulation(long seed, boolean tracing) {
        this.tracing = tracing;
        this.random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
        this.bus = new SimBus(random);
        this.invariants = new FleetInvariants(flows, ends);
        buildFleet();
        new SimUsers(this, hosts.values().stream().map(host -> host.id).toList()).schedule();
        scheduleFaults();
    }

    private void buildFleet() {
        int count =
                switch (random.nextInt(200)) {
                    // Some of the size of a data centre's row, a few of a whole fleet's.
                    case 0 -> 101 + random.nextInt(900);
                    case 1, 2, 3 -> 20 + random.nextInt(81);
                    default -> 2 + random.nextInt(3);
                };
        int machines = 1 + random.nextInt(count);
        for (int i = 0; i < count; i++) {
            int cpus = random.nextInt(20) == 0 ? 2 + random.nextInt(255) : 2 + random.nextInt(7);
            int machine = i % machines;
            int machineCpus = machine < i ? host(name(machine)).cpus : cpus;
            Steering steering = random.nextInt(3) == 0 ? Steering.FOLLOWS_RECEIVER : Steering.HASHED;
            List<Integer> queues = IntStream.range(0, machineCpus)
                    .filter(cpu -> random.nextInt(4) > 0)
                    .boxed()
                    .toList();
            SimHost host = new SimHost(
                    name(i),
                    "machine-" + machine,
                    machineCpus,
                    steering,
                    queues.isEmpty() ? List.of(0) : queues,
                    this);
            hosts.put(host.id, host);
        }
    }

    private static String name(int index) {
        return "host-" + (char) ('a' + index % 26) + (index < 26 ? "" : index / 26);
    }

    private void scheduleFaults() {
        bus.after(Duration.ZERO, this::startCoordinator);
        hosts.values().forEach(host -> bus.after(bus.between(0, 2_000), host::boot));
        for (int i = random.nextInt(4); i > 0; i--) {
            bus.after(bus.between(1_000, FAULTS.toMillis()), this::killCoordinator);
        }
        for (SimHost host : hosts.values()) {
            for (int i = random.nextInt(4); i > 0; i--) {
                Duration when = bus.between(5_000, FAULTS.toMillis());
                Duration length = random.nextInt(5) == 0 ? bus.between(40_000, 60_000) : bus.between(100, 25_000);
                switch (random.nextInt(5)) {
                    case 0 -> fault(when, length, host::kill, host::boot);
                    case 1 -> fault(when, length, host::shutDown, host::boot);
                    case 2, 3 -> bus.after(when, () -> host.pause(length));
                    default -> bus.after(when, host::stepClock);
                }
            }
        }
        bus.after(FAULTS.plusSeconds(30), () -> {
            trace("-- no more faults");
            bus.heal();
            startCoordinator();
            hosts.values().forEach(host -> {
                host.resume();
                host.boot();
            });
        });
    }

    private void fault(Duration when, Duration length, Runnable begin, Runnable end) {
        bus.after(when, begin);
        bus.after(when.plus(length), end);
    }

    // ---- the world as its parts see it ----

    SimHost host(String hostId) {
        return requireNonNull(hosts.get(hostId));
    }

    void announce(HostAnnouncement announcement) {
        hostRecords.put(announcement.hostId(), announcement);
        bus.write("hosts", new Input.HostAnnounced(announcement), this::read);
    }

    void hostSays(String hostId, Input.HostWord word) {
        bus.write("host-events-" + hostId, word, this::read);
    }

    void command(Input command) {
        bus.write("commands", command, this::read);
    }

    SimFlow.End take(
            Effect.SendHostCommand command, SimHost host, HostOrder.Assignment assignment, HostOrder.Assign assign) {
        SimFlow flow = flows.computeIfAbsent(
                assignment.flowId() + "#" + command.attempt(),
                key -> new SimFlow(command.runId(), command.attempt(), assignment.flowId(), assign.spec(), bus));
        SimFlow.End end = new SimFlow.End(flow, host, assignment);
        switch (assignment.role()) {
            case SOURCE -> flow.source = end;
            case DESTINATION -> flow.destination = end;
        }
        ends.add(end);
        return end;
    }

    void started(Effect.SendHostCommand command, boolean ready, RunSpec spec) {
        invariants.started(command, ready, spec);
    }

    // ---- the coordinator's shell ----

    private void read(Input input) {
        if (up) {
            step(input);
        } else {
            unread.add(input);
        }
    }

    private void startCoordinator() {
        if (up) {
            return;
        }
        up = true;
        upSince = bus.now;
        incarnation++;
        epoch++;
        state = FleetState.INITIAL;
        timers.clear();
        trace("-- coordinator starts, epoch " + epoch);
        List<RunRecord> runs = runRecords.values().stream().map(FleetDriver::replayed).toList();
        OpaqueBytes secret = OpaqueBytes.of(ByteBuffer.allocate(8).putLong(epoch).array());
        step(new Input.CoordinatorStarted(epoch, secret, runs, List.copyOf(hostRecords.values())));
        while (up && !unread.isEmpty()) {
            step(unread.poll());
        }
    }

    private void killCoordinator() {
        if (up && bus.faulty()) {
            trace("-- coordinator killed");
            up = false;
            bus.after(bus.between(100, 20_000), this::startCoordinator);
        }
    }

    private void step(Input input) {
        steps++;
        FleetState before = state;
        trace(() -> "> " + input);
        Step step = Fleet.step(before, input, bus.now);
        state = step.next();
        for (Effect effect : step.effects()) {
            trace(() -> "  " + effect);
            carryOut(effect);
        }
        invariants.afterStep(before, step, input, bus.now, timers, runRecords);
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.WriteRun write -> runRecords.put(write.run().runId(), write.run());
            case Effect.SendHostCommand command -> {
                if (hosts.containsKey(command.hostId())) {
                    bus.write("host-commands-" + command.hostId(), command, host(command.hostId())::receive);
                }
            }
            case Effect.WriteRunEvent write -> lost(write.event());
            case Effect.WriteTrial trial -> {}
            case Effect.WriteResult result -> {}
            case Effect.ArmTimer arm -> {
                timers.put(arm.key(), arm.at());
                long armedBy = incarnation;
                bus.at(arm.at(), () -> {
                    if (up && incarnation == armedBy && arm.at().equals(timers.get(arm.key()))) {
                        timers.remove(arm.key());
                        step(new Input.TimerFired(arm.key()));
                    }
                });
            }
            case Effect.CancelTimer cancel -> timers.remove(cancel.key());
        }
    }

    private void lost(RunEvent event) {
        if (event.type() == RunEvent.Type.HOST_LOST) {
            invariants.lost(event, host(requireNonNull(event.hostId())), bus.now);
        }
    }

    // ---- running it ----

    /** Runs to the end; the answer counts what happened. */
    FleetInvariants run() {
        Instant limit = FleetDriver.START.plus(LIMIT);
        Instant healed = FleetDriver.START.plus(FAULTS).plusSeconds(31);
        while (!(bus.now.isAfter(healed) && quiet())) {
            if (bus.now.isAfter(limit)) {
                throw new AssertionError("not at rest after " + LIMIT + ": runs "
                        + state.runs().values().stream()
                                .filter(run -> run.state().live() || !run.claims().isEmpty())
                                .map(run -> run.runId() + " " + run.state())
                                .toList()
                        + ", hosts hold " + hosts.values().stream().map(SimHost::holdings).toList());
            }
            if (!bus.next()) {
                throw new AssertionError("time has ended");
            }
            invariants.afterEvent(runRecords);
            if (up) {
                hosts.values().forEach(this::noticed);
            }
        }
        invariants.atRest(state, timers);
        return invariants;
    }

    private void noticed(SimHost host) {
        if (!host.alive) {
            Instant since = host.deadSince.isAfter(upSince) ? host.deadSince : upSince;
            invariants.noticed(host, state.hosts().get(host.id), Duration.between(since, bus.now));
        }
    }

    private boolean quiet() {
        return up
                && state.runs().values().stream()
                        .noneMatch(run -> run.state().live() || !run.claims().isEmpty())
                && hosts.values().stream().allMatch(SimHost::idle)
                && ends.stream().noneMatch(end -> end.running);
    }

    int steps() {
        return steps;
    }

    String trace() {
        return trace.toString();
    }

    private void trace(String line) {
        trace(() -> line);
    }

    private void trace(Supplier<String> line) {
        if (tracing) {
            trace.append(Duration.between(FleetDriver.START, bus.now).toMillis() / 1000.0)
                    .append(' ')
                    .append(line.get())
                    .append('\n');
        }
    }
}
