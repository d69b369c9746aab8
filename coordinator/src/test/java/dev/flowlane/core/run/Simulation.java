package dev.flowlane.core.run;

import static java.util.Objects.requireNonNull;

import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.coordinator.wire.FactsAvro;
import dev.flowlane.coordinator.wire.HostCommandAvro;
import dev.flowlane.coordinator.wire.HostEventAvro;
import dev.flowlane.coordinator.wire.Read;
import dev.flowlane.coordinator.wire.ResultAvro;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.core.check.Checker;
import dev.flowlane.core.check.Fact;
import dev.flowlane.core.check.Position;
import dev.flowlane.core.placement.Steering;

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
 * A fleet in virtual time: the coordinator's core, killed and started again from what it wrote, and real daemons'
 * machines, which are killed, paused, shut down and slow. Both may die between any two effects. Users who submit,
 * submit again, contradict themselves and cancel. For two minutes anything goes wrong; then nothing does any more, and
 * everything has to come to its end.
 */
final class Simulation {
    private static final Duration FAULTS = Duration.ofSeconds(100);
    /** Enough for every run to wait for every other, each with all its bounds. */
    private static final Duration LIMIT = Duration.ofMinutes(40);
    /** How often the progress is written when there is nothing else to write. */
    private static final Duration PROGRESS = Duration.ofSeconds(10);

    private final Random random;
    final SimBus bus;
    private final TreeMap<String, SimHost> hosts = new TreeMap<>();
    private final Map<String, SimHost> addresses = new HashMap<>();
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
    private final Map<String, Long> offsets = new HashMap<>();
    /** What hosts said since the progress was written. */
    private final List<Input> heard = new ArrayList<>();
    private Instant progressAt = FleetDriver.START;
    private final double crashes;
    private int steps;

    Simulation(long seed, boolean tracing) {
        this.tracing = tracing;
        this.random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
        this.bus = new SimBus(random);
        this.invariants = new FleetInvariants(flows, ends);
        this.crashes = random.nextInt(4) == 0 ? 0.002 : 0;
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
                    "10.0." + i / 256 + "." + i % 256,
                    steering,
                    queues.isEmpty() ? List.of(0) : queues,
                    this);
            hosts.put(host.id, host);
            addresses.put(host.address, host);
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
        checker().take(new Fact.HostAnnounced(position("hosts"), announcement));
        bus.write("hosts", new Input.HostAnnounced(announcement), this::read);
    }

    SimHost hostAt(String address) {
        return requireNonNull(addresses.get(address));
    }

    void hostSays(String hostId, HostEvent event) {
        Position at = position("host-events-" + hostId);
        Fact fact = requireNonNull(FactsAvro.fact(at, hostId, bus.now, event));
        checker().take(fact);
        bus.write("host-events-" + hostId, event, this::read);
    }

    void command(Input command, String commandId, String runId) {
        checker().take(new Fact.Asked(position("commands"), bus.now, commandId, runId));
        bus.write("commands", command, this::read);
    }

    /** The connection that a worker is given. */
    SimFlow flow(dev.flowlane.daemon.machine.Effect.AssignWorker order) {
        String flowId = order.assignment().end().flowId();
        String runId = order.run().runId();
        return flows.computeIfAbsent(flowId + "#" + order.run().attempt(), _ -> new SimFlow(
                runId,
                order.run().attempt(),
                flowId,
                requireNonNull(runRecords.get(runId)).spec(),
                order.settings(),
                bus));
    }

    void began(SimFlow.End end) {
        ends.add(end);
    }

    /** The next record of a partition; what is between two transactions is left out. */
    Position position(String topic) {
        return new Position(topic, 0, offsets.merge(topic, 1L, Long::sum));
    }

    Checker checker() {
        return invariants.checker();
    }

    /** How likely a process dies before its next effect. */
    double crashes() {
        return crashes;
    }

    // ---- the coordinator's shell ----

    private void read(HostEvent event) {
        switch (HostEventAvro.fromAvro(event)) {
            case Read.Value<Input>(Input word) -> read(word);
            case Read.Unreadable<Input>(String why) -> throw new AssertionError("a daemon says " + event + ": " + why);
        }
    }

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
        checker().take(new Fact.EpochTaken(position("runs"), epoch));
        offsets.merge("runs", 1L, Long::sum);
        List<RunRecord> runs = runRecords.values().stream().map(Simulation::replayed).toList();
        heard.reversed().forEach(unread::addFirst);
        heard.clear();
        OpaqueBytes secret = OpaqueBytes.of(ByteBuffer.allocate(8).putLong(epoch).array());
        step(new Input.CoordinatorStarted(epoch, secret, runs, List.copyOf(hostRecords.values())));
        while (up && !unread.isEmpty()) {
            step(unread.poll());
        }
    }

    /** As it was written and is read. */
    private static RunRecord replayed(RunRecord run) {
        return switch (RunAvro.fromAvro(RunAvro.toAvro(run))) {
            case Read.Value<RunRecord>(RunRecord value) -> value;
            case Read.Unreadable<RunRecord>(String why) ->
                    throw new AssertionError(run + " cannot be replayed: " + why);
        };
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
        if (bus.chance(crashes)) {
            // Before the transaction is committed: nothing of it is true, and its input is read again.
            if (!(input instanceof Input.TimerFired || input instanceof Input.CoordinatorStarted)) {
                unread.addFirst(input);
            }
            killCoordinator();
            return;
        }
        state = step.next();
        remember(input, step);
        for (Effect effect : step.effects()) {
            trace(() -> "  " + effect);
            carryOut(effect);
        }
        offsets.merge("runs", 1L, Long::sum);
        checker().transactionEnded();
        invariants.afterStep(before, step, input, bus.now, timers, runRecords);
        if (bus.chance(crashes)) {
            // The transaction is there, the timers are not.
            killCoordinator();
        }
    }

    /** Progress on what hosts say is part of a transaction, or written every ten seconds; the rest is read again. */
    private void remember(Input input, Step step) {
        if (input instanceof Input.HostWord) {
            heard.add(input);
        }
        boolean writes = step.effects().stream()
                .anyMatch(effect -> !(effect instanceof Effect.ArmTimer || effect instanceof Effect.CancelTimer));
        if (writes || Duration.between(progressAt, bus.now).compareTo(PROGRESS) > 0) {
            heard.clear();
            progressAt = bus.now;
        }
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.WriteRun write -> {
                runRecords.put(write.run().runId(), write.run());
                checker().take(new Fact.RunWritten(position("runs"), write.run()));
            }
            case Effect.SendHostCommand command -> send(command);
            case Effect.WriteRunEvent write -> {
                told(write.event());
                lost(write.event());
            }
            case Effect.WriteTrial trial -> flowResults(trial.outcome());
            case Effect.WriteResult result -> {
                RunOutcome outcome = result.outcome();
                checker().take(requireNonNull(FactsAvro.fact(
                        position("run-results"), outcome.runId(), bus.now, ResultAvro.run(outcome))));
                flowResults(outcome);
            }
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

    private void send(Effect.SendHostCommand command) {
        HostCommand record = HostCommandAvro.toAvro(command);
        checker().take(requireNonNull(
                FactsAvro.fact(position("host-commands"), command.hostId(), bus.now, record)));
        SimHost host = hosts.get(command.hostId());
        if (host != null) {
            bus.write("host-commands-" + command.hostId(), record, host::receive);
        }
    }

    private void told(RunEvent event) {
        checker().take(new Fact.Told(
                position("run-events"), event.at(), event.runId(), event.type(), event.commandId(), event.code()));
    }

    private void flowResults(RunOutcome outcome) {
        ResultAvro.flows(outcome).forEach(flow -> checker().take(requireNonNull(
                FactsAvro.fact(position("flow-results"), flow.getFlowId(), bus.now, flow))));
    }

    private void lost(RunEvent event) {
        if (event.type() == RunEvent.Type.HOST_LOST) {
            invariants.lost(event, host(requireNonNull(event.hostId())), upSince, bus.now);
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
        invariants.atRest(timers);
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
                && ends.stream().noneMatch(end -> end.running)
                && unread.isEmpty();
    }

    int steps() {
        return steps;
    }

    String trace() {
        return trace.toString();
    }

    void trace(String line) {
        trace(() -> line);
    }

    void trace(Supplier<String> line) {
        if (tracing) {
            trace.append(Duration.between(FleetDriver.START, bus.now).toMillis() / 1000.0)
                    .append(' ')
                    .append(line.get())
                    .append('\n');
        }
    }
}
