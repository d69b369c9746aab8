package dev.flowlane.daemon.machine;

import org.jspecify.annotations.Nullable;
import org.pcollections.OrderedPMap;
import org.pcollections.PSortedMap;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** A state in the making, and the effects so far. Lives for one step and never leaves the package. */
final class Draft {
    final HostLimits limits;
    final long nowNs;
    final SequencedMap<String, RunState> runs;
    PSortedMap<Integer, Worker> workers;
    PSortedMap<Integer, Integer> seats;
    OrderedPMap<String, HostState.Over> over;
    boolean busReady;
    long epoch;
    int nextWorkerId;
    int spawnFailuresInARow;
    boolean respawnBlocked;
    boolean trimming;
    String cpusInUse;
    HostState.AotCache aotCache;
    @Nullable String shutdown;
    boolean left;

    private final List<Effect> effects = new ArrayList<>();

    Draft(HostState from, long nowNs) {
        this.limits = from.limits();
        this.nowNs = nowNs;
        this.runs = new LinkedHashMap<>(from.runs());
        this.over = from.over();
        this.workers = from.workers();
        this.seats = from.seats();
        this.busReady = from.busReady();
        this.epoch = from.epoch();
        this.nextWorkerId = from.nextWorkerId();
        this.spawnFailuresInARow = from.spawnFailuresInARow();
        this.respawnBlocked = from.respawnBlocked();
        this.trimming = from.trimming();
        this.cpusInUse = from.cpusInUse();
        this.aotCache = from.aotCache();
        this.shutdown = from.shutdown();
        this.left = from.left();
    }

    Step toStep() {
        return new Step(
                new HostState(
                        limits,
                        busReady,
                        epoch,
                        runs,
                        over,
                        workers,
                        seats,
                        nextWorkerId,
                        spawnFailuresInARow,
                        respawnBlocked,
                        trimming,
                        cpusInUse,
                        aotCache,
                        shutdown,
                        left),
                effects);
    }

    void emit(Effect effect) {
        effects.add(effect);
    }

    void publish(News news) {
        emit(new Effect.Publish(news));
    }

    void arm(TimerKey key, long delayNs) {
        emit(new Effect.ArmTimer(key, nowNs + delayNs));
    }

    void cancel(TimerKey key) {
        emit(new Effect.CancelTimer(key));
    }

    /** The run, if exactly this attempt of it is held. */
    @Nullable RunState run(RunRef ref) {
        RunState run = runs.get(ref.runId());
        return run != null && run.ref().equals(ref) ? run : null;
    }

    void put(RunState run) {
        runs.put(run.ref().runId(), run);
    }

    void put(int workerId, Worker worker) {
        workers = workers.plus(workerId, worker);
    }

    /** A further flow end's place in the process of another worker. */
    void seat(int seatId, int workerId) {
        seats = seats.plus(seatId, workerId);
    }

    /** Neither a worker nor a seat any more. */
    void remove(int workerId) {
        workers = workers.minus(workerId);
        seats = seats.minus(workerId);
    }

    void remember(RunRef ref, @Nullable String stopReason) {
        HostState.Over known = over.get(ref.runId());
        int attempt = known == null ? ref.attempt() : Math.max(known.attempt(), ref.attempt());
        over = over.minus(ref.runId()).plus(ref.runId(), new HostState.Over(attempt, stopReason));
        while (over.size() > HostState.OVER_MAX) {
            over = over.minus(over.keySet().iterator().next());
        }
    }

    boolean isOver(RunRef ref) {
        HostState.Over known = over.get(ref.runId());
        return known != null && known.attempt() >= ref.attempt();
    }

    boolean isQuiet() {
        return runs.values().stream().noneMatch(RunState::isLive);
    }

    /** A run and one of its ends. */
    record Held(RunState run, FlowEnd end) {}

    /** The end that this worker drives or last drove, as long as the worker's part in it is not over. */
    @Nullable Held endOf(int workerId) {
        if (workers.get(workerId) instanceof Worker.Busy(int _, RunRef ref, FlowEndId id)) {
            Held held = end(ref, id);
            if (held != null && held.end().workerId() == workerId) {
                return held;
            }
        }
        for (RunState run : runs.values()) {
            for (FlowEnd end : run.ends().values()) {
                if (end.workerId() == workerId) {
                    return new Held(run, end);
                }
            }
        }
        return null;
    }

    @Nullable Held end(RunRef ref, FlowEndId id) {
        RunState run = run(ref);
        FlowEnd end = run == null ? null : run.ends().get(id);
        return run == null || end == null ? null : new Held(run, end);
    }
}
