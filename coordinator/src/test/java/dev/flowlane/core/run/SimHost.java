package dev.flowlane.core.run;

import static java.util.Objects.requireNonNull;

import dev.flowlane.core.placement.Steering;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A daemon as far as the run protocol goes, with everything that can go wrong with one. */
final class SimHost {
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    final String id;
    final String machineId;
    final int cpus;
    private final Simulation world;
    private final SimBus bus;
    private final Steering steering;
    final SimPlane plane;
    private final TreeMap<String, SimHeld> held = new TreeMap<>();
    private final Deque<Runnable> postponed = new ArrayDeque<>();
    private Duration skew;
    private int instances;
    private long epochSeen;
    private boolean paused;
    boolean alive;
    Instant deadSince = FleetDriver.START;
    /** When it was last not as it should be. */
    Instant lastFault = FleetDriver.START;

    SimHost(String id, String machineId, int cpus, Steering steering, List<Integer> queueCpus, Simulation world) {
        this.id = id;
        this.machineId = machineId;
        this.cpus = cpus;
        this.steering = steering;
        this.world = world;
        this.bus = world.bus;
        this.plane = new SimPlane(this, world, steering, queueCpus);
        this.skew = bus.between(-300_000, 300_000);
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
        epochSeen = 0;
        world.announce(announcement(true));
        say((instance, at) -> new Input.HostHello(id, instance, at, holding(), 2, offsetNs()));
        beat(instance());
    }

    private HostAnnouncement announcement(boolean online) {
        HostAnnouncement announcement = Announcements.of(
                id, machineId, instance(), eventTime(), cpus, steering, List.of("10.0.0." + id.charAt(5)));
        return online ? announcement : Announcements.offline(announcement, eventTime());
    }

    private void beat(String instance) {
        bus.after(HEARTBEAT, () -> {
            if (alive && instance.equals(instance())) {
                if (!paused) {
                    say((me, at) -> new Input.HostHeartbeat(id, me, at, holding(), 2, offsetNs()));
                }
                beat(instance);
            }
        });
    }

    void kill() {
        if (alive) {
            alive = false;
            deadSince = bus.now;
            lastFault = bus.now;
            postponed.clear();
            held.values().forEach(this::killAll);
            held.clear();
        }
    }

    /** An orderly end: what runs is stopped and reported. */
    void shutDown() {
        if (alive && !paused) {
            for (SimHeld run : held.values()) {
                for (SimFlow.End end : List.copyOf(run.ends.values())) {
                    if (!end.over) {
                        end.flow.finish(end, EndOutcome.STOPPED);
                    }
                }
            }
            bus.after(Duration.ofMillis(300), () -> {
                if (alive) {
                    say((instance, at) -> new Input.HostGoodbye(id, instance, at));
                    world.announce(announcement(false));
                    kill();
                }
            });
        }
    }

    void pause(Duration length) {
        if (alive && !paused) {
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
            // It may have missed something.
            say((instance, at) -> new Input.HostHello(id, instance, at, holding(), 2, offsetNs()));
        }
        paused = false;
        lastFault = bus.now;
        while (alive && !paused && !postponed.isEmpty()) {
            postponed.poll().run();
        }
    }

    void stepClock() {
        skew = skew.plus(bus.between(-60_000, 60_000));
    }

    boolean well() {
        return alive && !paused;
    }

    @Nullable SimHeld held(String runId) {
        return held.get(runId);
    }

    boolean holds(String runId) {
        return held.containsKey(runId);
    }

    boolean idle() {
        return held.isEmpty();
    }

    String holdings() {
        return id + held.keySet();
    }

    private Set<String> holding() {
        return Set.copyOf(held.keySet());
    }

    private String instance() {
        return id + "-" + instances;
    }

    private Instant eventTime() {
        return bus.now.plus(skew);
    }

    private Long offsetNs() {
        return skew.negated().toNanos();
    }

    void say(Word word) {
        Input.HostWord spoken = word.of(instance(), eventTime());
        world.hostSays(id, spoken);
    }

    interface Word {
        Input.HostWord of(String instance, Instant at);
    }

    /** Does it now, or when the daemon goes on. */
    private void act(Runnable action) {
        if (paused) {
            String instance = instance();
            postponed.add(() -> {
                if (instance.equals(instance())) {
                    action.run();
                }
            });
        } else if (alive) {
            action.run();
        }
    }

    void later(Duration delay, Runnable action) {
        String instance = instance();
        bus.after(delay, () -> {
            if (alive && instance.equals(instance())) {
                act(action);
            }
        });
    }

    // ---- orders ----

    void receive(Effect.SendHostCommand command) {
        if (alive) {
            act(() -> obey(command));
        }
    }

    private void obey(Effect.SendHostCommand command) {
        if (command.epoch() < epochSeen) {
            return;
        }
        epochSeen = command.epoch();
        SimHeld run = held.get(command.runId());
        if (run != null && command.attempt() < run.attempt) {
            return;
        }
        if (command.expiresAt() != null && bus.now.isAfter(command.expiresAt())) {
            refuse(command, "EXPIRED");
            return;
        }
        if (run != null && command.attempt() > run.attempt) {
            forget(command.runId(), run);
            run = null;
        }
        switch (command.order()) {
            case HostOrder.Expect expect -> {
                if (bus.chance(0.005)) {
                    refuse(command, "LIMIT");
                } else {
                    hold(command).key = expect.runKey();
                }
            }
            case HostOrder.Connect connect -> plane.connect(command, connect, hold(command));
            case HostOrder.Assign assign -> assign(command, assign, run);
            case HostOrder.Start start -> start(command, run);
            case HostOrder.Stop stop -> stop(command, run);
            case HostOrder.Release release -> {
                if (run != null) {
                    forget(command.runId(), run);
                }
            }
        }
    }

    private SimHeld hold(Effect.SendHostCommand command) {
        return held.computeIfAbsent(command.runId(), runId -> new SimHeld(command.attempt()));
    }

    private void forget(String runId, SimHeld run) {
        held.remove(runId);
        killAll(run);
    }

    private void killAll(SimHeld run) {
        run.ends.values().forEach(end -> end.flow.kill(end));
    }

    private void refuse(Effect.SendHostCommand command, String code) {
        say((instance, at) -> new Input.CommandRefused(
                id,
                instance,
                at,
                command.runId(),
                command.attempt(),
                command.commandId(),
                command.order().type(),
                code,
                "simulated"));
    }

    // ---- workers ----

    private void assign(Effect.SendHostCommand command, HostOrder.Assign assign, @Nullable SimHeld run) {
        if (run == null) {
            refuse(command, "UNKNOWN_RUN");
            return;
        }
        boolean gone = assign.flowEnds().stream().anyMatch(end -> !run.candidates.containsKey(end.candidateId()));
        if (gone || bus.chance(0.01)) {
            refuse(command, "UNKNOWN_CANDIDATE");
            return;
        }
        if (run.stopped) {
            return;
        }
        if (bus.chance(0.01)) {
            refuse(command, "NO_WORKER");
            return;
        }
        run.assigned = true;
        Map<String, EndLane> seen = new HashMap<>();
        for (HostOrder.Assignment assignment : assign.flowEnds()) {
            String key = assignment.flowId() + assignment.role();
            SimFlow.End end = run.ends.computeIfAbsent(key, missing -> world.take(command, this, assignment, assign));
            end.candidate = run.candidates.get(assignment.candidateId());
            seen.put(key, lane(run, end));
        }
        boolean silent = bus.chance(0.01);
        boolean broken = bus.chance(0.01);
        later(bus.between(2, 150), () -> {
            if (held.get(command.runId()) != run || run.stopped || silent) {
                return;
            }
            if (broken) {
                SimFlow.End first = run.ends.firstEntry().getValue();
                first.flow.finish(first, EndOutcome.ERROR);
                return;
            }
            run.ready.addAll(seen.keySet());
            List<EndLane> lanes = List.copyOf(new TreeMap<>(seen).values());
            say((instance, at) -> new Input.FlowEndsReady(id, instance, at, command.runId(), run.attempt, lanes));
        });
    }

    private EndLane lane(SimHeld run, SimFlow.End end) {
        CandidateReport candidate = requireNonNull(run.candidates.get(end.assignment.candidateId()));
        int application = end.assignment.applicationCpu() < 0 ? 0 : end.assignment.applicationCpu();
        int receive =
                switch (candidate.steering()) {
                    case HASHED -> bus.chance(0.02) ? plane.anyQueueCpu() : candidate.receiveCpu();
                    case FOLLOWS_RECEIVER -> application;
                    case FOLLOWS_SENDER ->
                        end.assignment.peerApplicationCpu() >= 0 && bus.random().nextBoolean()
                                ? end.assignment.peerApplicationCpu()
                                : application;
                };
        return new EndLane(
                end.assignment.flowId(),
                end.role(),
                application,
                receive,
                "" + application,
                candidate.steering(),
                1,
                1);
    }

    private void start(Effect.SendHostCommand command, @Nullable SimHeld run) {
        // A CONNECT that comes once more after the RELEASE, and then this START: of nothing.
        if (run == null || run.ends.isEmpty()) {
            refuse(command, "UNKNOWN_RUN");
        } else if (!run.stopped) {
            world.started(command, run.assigned && run.ready.containsAll(run.ends.keySet()), run.spec());
            run.ends.values().forEach(end -> end.flow.start(end));
        }
    }

    private void stop(Effect.SendHostCommand command, @Nullable SimHeld run) {
        if (run == null) {
            refuse(command, "UNKNOWN_RUN");
            return;
        }
        run.stopped = true;
        if (!run.assigned) {
            forget(command.runId(), run);
            return;
        }
        for (SimFlow.End end : run.ends.values()) {
            if (!end.running) {
                end.flow.finish(end, EndOutcome.NEVER_STARTED);
            } else if (end.role() == FlowRole.SOURCE) {
                end.flow.finish(end, EndOutcome.STOPPED);
            } else {
                later(Bounds.DRAIN, () -> end.flow.finish(end, EndOutcome.TIMED_OUT));
            }
        }
    }

    /** An interval shows that a worker's flow has left its lane. */
    void drifted(SimFlow.End end, LaneDrift drift) {
        sayOf(end, (instance, at) -> new Input.LaneDrifted(id, instance, at, end.flow.runId, end.flow.attempt, drift));
    }

    /** A worker's last word. */
    void report(SimFlow.End end) {
        sayOf(end, (instance, at) -> new Input.FlowEndEnded(
                id, instance, at, end.flow.runId, end.flow.attempt, requireNonNull(end.report)));
    }

    private void sayOf(SimFlow.End end, Word word) {
        act(() -> {
            SimHeld run = held.get(end.flow.runId);
            if (run != null && run.ends.containsValue(end)) {
                say(word);
            }
        });
    }
}
