package dev.flowlane.core.run;

import dev.flowlane.avro.HostCommand;
import dev.flowlane.daemon.machine.CandidateKey;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.HostLimits;
import dev.flowlane.daemon.machine.HostMachine;
import dev.flowlane.daemon.machine.HostState;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.machine.News;
import dev.flowlane.daemon.machine.Step;
import dev.flowlane.daemon.machine.TimerKey;
import dev.flowlane.daemon.wire.CommandFromAvro;
import dev.flowlane.daemon.wire.EventToAvro;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.KernelFeature;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A daemon: the real {@link HostMachine} with a shell in virtual time around it, and everything that can go wrong with
 * one. It dies between any two effects.
 */
final class SimHost {
    private static final Duration WORKER_SOCKET = Duration.ofMillis(1);

    final String id;
    final String machineId;
    final int cpus;
    final String address;
    final Simulation world;
    private final SimBus bus;
    private final dev.flowlane.core.placement.Steering steering;
    final SimPlane plane;
    private final SimTelemetry telemetry;
    private final TreeMap<Integer, SimWorker> workers = new TreeMap<>();

    /** Those of them that are a place in another one's process. */
    private final TreeMap<Integer, Integer> seats = new TreeMap<>();
    private final Map<TimerKey, Long> timers = new HashMap<>();
    private final Deque<Runnable> postponed = new ArrayDeque<>();
    private HostState state = HostState.initial(new HostLimits(CpuSet.of(0), 0, 1, 1));
    private EventToAvro toAvro;
    private Duration skew;
    private int instances;
    private int pids = 1000;
    private boolean paused;
    boolean alive;
    Instant deadSince = FleetDriver.START;
    /** When it was last not as it should be. */
    Instant lastFault = FleetDriver.START;

    SimHost(
            String id,
            String machineId,
            int cpus,
            String address,
            dev.flowlane.core.placement.Steering steering,
            List<Integer> queueCpus,
            Simulation world) {
        this.id = id;
        this.machineId = machineId;
        this.cpus = cpus;
        this.address = address;
        this.steering = steering;
        this.world = world;
        this.bus = world.bus;
        this.plane = new SimPlane(
                this, world, dev.flowlane.daemon.machine.Steering.valueOf(steering.name()), queueCpus);
        this.telemetry = new SimTelemetry(this, world);
        this.skew = bus.between(-300_000, 300_000);
        this.toAvro = new EventToAvro(id, instance());
    }

    // ---- life ----

    void boot() {
        if (alive) {
            return;
        }
        alive = true;
        lastFault = bus.now;
        paused = false;
        instances++;
        toAvro = new EventToAvro(id, instance());
        CpuSet all = CpuSet.parse("0-" + (cpus - 1));
        int workersMax = bus.random().nextInt(20) == 0 ? 2 : 256;
        state = HostState.initial(new HostLimits(all, bus.random().nextInt(3), workersMax, 4_096));
        step(new Input.AotCacheKnown(bus.random().nextInt(4) > 0));
        step(new Input.Started());
        later(bus.between(1, 300), () -> step(new Input.BusReady()));
    }

    /** The process is gone; the kernel ends its workers. */
    void kill() {
        if (alive) {
            world.trace("-- " + id + " killed");
            alive = false;
            deadSince = bus.now;
            lastFault = bus.now;
            postponed.clear();
            timers.clear();
            plane.vanish();
            telemetry.vanish();
            workers.values().forEach(SimWorker::orphaned);
            workers.clear();
            seats.clear();
        }
    }

    /** An orderly end: what runs is stopped and reported. */
    void shutDown() {
        if (alive && !paused) {
            step(new Input.ShutdownRequested("SIGTERM"));
        }
    }

    void pause(Duration length) {
        if (alive && !paused) {
            world.trace("-- " + id + " paused for " + length);
            paused = true;
            lastFault = bus.now;
            String instance = instance();
            bus.after(length, () -> {
                if (instance.equals(instance())) {
                    resume();
                }
            });
        }
    }

    void resume() {
        if (alive && paused) {
            paused = false;
            lastFault = bus.now;
            while (alive && !paused && !postponed.isEmpty()) {
                postponed.poll().run();
            }
            if (bus.random().nextInt(4) == 0) {
                // Its reader was lost meanwhile: it may have missed commands.
                step(new Input.BusReady());
            }
        }
        paused = false;
    }

    void stepClock() {
        skew = skew.plus(bus.between(-60_000, 60_000));
    }

    boolean well() {
        return alive && !paused;
    }

    boolean holds(String runId) {
        return alive && state.liveRunIds().contains(runId);
    }

    boolean idle() {
        return !alive || state.liveRunIds().isEmpty();
    }

    String holdings() {
        return id + (alive ? state.liveRunIds().toString() : "(dead)");
    }

    String instance() {
        return id + "-" + instances;
    }

    Instant eventTime() {
        return bus.now.plus(skew);
    }

    long wallNs() {
        return Duration.between(Instant.EPOCH, eventTime()).toNanos();
    }

    private long nowNs() {
        return Duration.between(FleetDriver.START, bus.now).toNanos();
    }

    /** Does it now, or when the daemon goes on. */
    void act(Runnable action) {
        if (alive && paused) {
            postponed.add(action);
        } else if (alive) {
            action.run();
        }
    }

    void later(Duration delay, Runnable action) {
        String instance = instance();
        bus.after(delay, () -> {
            if (instance.equals(instance())) {
                act(action);
            }
        });
    }

    // ---- what it hears ----

    void receive(HostCommand command) {
        act(() -> step(CommandFromAvro.input(command, bus.now.plus(bus.between(-3, 3)))));
    }

    /** What one worker says is heard in order. */
    void hear(SimWorker worker, Input input) {
        later(WORKER_SOCKET, () -> {
            if (workers.containsValue(worker)) {
                step(input);
            }
        });
    }

    /** What a worker said before its end is heard before it. */
    void hearGone(SimWorker worker, Input.WorkerGone gone) {
        act(() -> {
            if (workers.remove(worker.id(), worker)) {
                seats.remove(worker.id());
                step(gone);
            }
        });
    }

    void hearInterval(SimWorker worker, int workerId, SimTelemetry.Interval interval) {
        later(WORKER_SOCKET, () -> {
            if (workers.containsValue(worker)) {
                telemetry.interval(workerId, interval);
                step(new Input.WorkerInterval(workerId, interval.seq()));
            }
        });
    }

    void step(Input input) {
        if (!alive) {
            return;
        }
        world.trace(() -> id + " > " + input);
        Step step = HostMachine.step(state, input, nowNs());
        state = step.state();
        for (Effect effect : step.effects()) {
            if (bus.chance(world.crashes())) {
                kill();
                bus.after(bus.between(1_000, 20_000), this::boot);
                return;
            }
            world.trace(() -> id + "   " + effect);
            carryOut(effect);
        }
    }

    // ---- what it does ----

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Expect(var run, var key, int max) -> plane.expect(run, key);
            case Effect.Connect(var run, var key, var attempts, var options, boolean datagrams) ->
                plane.connect(run, key, attempts);
            case Effect.CloseConnections(var run, var which) -> plane.close(run, which);
            case Effect.KeepOnly(var run, var keep) -> plane.keepOnly(run, keep);
            case Effect.ForgetConnections(var run) -> plane.forget(run);
            case Effect.SpawnWorker(int workerId) -> spawn(workerId);
            case Effect.SeatWorker(int seatId, int workerId) -> seat(seatId, workerId);
            case Effect.LeaveSeat(int seatId) -> {
                workers.remove(seatId);
                seats.remove(seatId);
            }
            case Effect.AssignWorker assign -> assign(assign);
            case Effect.StartWorker(int workerId) -> start(workerId);
            case Effect.StopWorker(int workerId, String reason) -> {
                SimWorker worker = workers.get(workerId);
                if (worker != null) {
                    worker.stop(reason);
                }
            }
            case Effect.KillWorker(int workerId, String reason) -> dieWithProcess(workerId, "killed: " + reason);
            case Effect.OpenTelemetry open -> telemetry.open(open);
            case Effect.CloseTelemetry(var run, var end) -> telemetry.close(run, end);
            case Effect.GiveUpTelemetry(var run, var end) -> telemetry.giveUp(run, end);
            case Effect.Publish(News news) ->
                world.hostSays(id, toAvro.event(news, state.epoch(), eventTime(), skew.negated().toNanos()));
            case Effect.PublishHost(boolean online) -> world.announce(announcement(online));
            case Effect.UseCpus(CpuSet cpuSet) -> {}
            case Effect.TrainAotCache() ->
                later(bus.between(500, 3_000), () -> step(new Input.AotTrainingEnded(true)));
            case Effect.AbortTraining() -> later(Duration.ofMillis(2), () -> step(new Input.AotTrainingEnded(false)));
            case Effect.CountCommand(String type, var outcome) -> {}
            case Effect.ArmTimer(TimerKey key, long deadlineNs) -> arm(key, deadlineNs);
            case Effect.CancelTimer(TimerKey key) -> timers.remove(key);
            case Effect.Exit() -> kill();
        }
    }

    private HostAnnouncement announcement(boolean online) {
        HostAnnouncement announcement = Announcements.with(
                Announcements.of(id, machineId, instance(), eventTime(), cpus, steering, List.of(address)),
                List.of(new HostFeature(KernelFeature.TIMESTAMPING.word(), true, "")));
        return online ? announcement : Announcements.offline(announcement, eventTime());
    }

    private void seat(int seatId, int workerId) {
        SimWorker process = workers.get(workerId);
        SimWorker seat = new SimWorker(this, bus, seatId, process == null ? 0 : process.pid());
        workers.put(seatId, seat);
        seats.put(seatId, workerId);
        if (process == null || process.isDead()) {
            seat.die("its process is gone");
        }
    }

    /** A process dies with every flow end that it drives. */
    void dieWithProcess(SimWorker worker, String how) {
        if (workers.containsValue(worker)) {
            dieWithProcess(worker.id(), how);
        }
        worker.die(how); // One that its daemon left behind is alone.
    }

    private void dieWithProcess(int workerId, String how) {
        int process = seats.getOrDefault(workerId, workerId);
        for (SimWorker worker : List.copyOf(workers.values())) {
            if (seats.getOrDefault(worker.id(), worker.id()) == process) {
                worker.die(how);
            }
        }
    }

    /** Whether further flow ends are driven in its process. */
    boolean isShared(SimWorker process) {
        return seats.containsValue(process.id());
    }

    private void spawn(int workerId) {
        SimWorker worker = new SimWorker(this, bus, workerId, pids++);
        workers.put(workerId, worker);
        worker.spawned();
    }

    private void assign(Effect.AssignWorker order) {
        SimWorker worker = workers.get(order.workerId());
        var end = order.assignment().end();
        SimPlane.@Nullable Connection connection =
                plane.take(order.run(), new CandidateKey(order.assignment().candidateId(), end.role()));
        if (connection == null || worker == null || worker.isDead()) {
            later(Duration.ofMillis(1), () -> step(new Input.AssignFailed(
                    order.workerId(), "candidate " + order.assignment().candidateId() + " is closed")));
        } else {
            worker.assign(order, connection, world.flow(order));
        }
    }

    private void start(int workerId) {
        SimWorker worker = workers.get(workerId);
        if (worker != null) {
            later(Duration.ofMillis(bus.random().nextInt(3)), worker::start);
        }
    }

    private void arm(TimerKey key, long deadlineNs) {
        timers.put(key, deadlineNs);
        String instance = instance();
        bus.after(Duration.ofNanos(Math.max(0, deadlineNs - nowNs())), () -> {
            if (instance.equals(instance())) {
                act(() -> {
                    Long armed = timers.get(key);
                    if (armed != null && armed == deadlineNs) {
                        timers.remove(key);
                        step(new Input.TimerFired(key));
                    }
                });
            }
        });
    }
}
