package dev.flowlane.daemon.machine;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Predicate;

/**
 * Which worker processes there are. A few wait warm while nothing runs; more are started when flow ends need them and
 * stay a while; none is started for later use while a run is on, because a starting JVM is a noisy neighbour.
 */
final class Pool {
    private Pool() {}

    static void warm(Draft draft, int workerId, int pid) {
        if (draft.workers.get(workerId) instanceof Worker.Warming) {
            draft.cancel(new TimerKey.Warming(workerId));
            draft.put(workerId, new Worker.Idle(pid));
            draft.spawnFailuresInARow = 0;
        }
    }

    /** The worker reported its end: it gets warm again. */
    static void freed(Draft draft, int workerId) {
        Worker worker = draft.workers.get(workerId);
        if (!(worker instanceof Worker.Busy || worker instanceof Worker.Released)) {
            return;
        }
        Integer process = draft.seats.get(workerId);
        if (process != null) {
            leave(draft, workerId, process);
        } else {
            draft.put(workerId, new Worker.Warming());
            awaitWarm(draft, workerId);
        }
    }

    /** A seat's flow end is over: nobody else will sit there. */
    private static void leave(Draft draft, int seatId, int process) {
        draft.cancel(new TimerKey.Warming(seatId));
        draft.remove(seatId);
        draft.emit(new Effect.LeaveSeat(seatId));
        if (draft.workers.get(process) instanceof Worker.Warming) {
            awaitWarm(draft, process);
        }
    }

    /** The process gets warm only when none of its flow ends goes on. */
    private static void awaitWarm(Draft draft, int workerId) {
        if (!draft.seats.containsValue(workerId)) {
            draft.arm(new TimerKey.Warming(workerId), Bounds.WARMING_NS);
        }
    }

    /** Its connection could not be handed over, so that it has no flow end after all. */
    static void notAssigned(Draft draft, int workerId) {
        if (!(draft.workers.get(workerId) instanceof Worker.Busy(int pid, RunRef _, FlowEndId _))) {
            return;
        }
        if (draft.seats.containsKey(workerId) || draft.seats.containsValue(workerId)) {
            freed(draft, workerId);
        } else {
            draft.put(workerId, new Worker.Idle(pid));
        }
    }

    /** Its flow end will not begin; {@code tell} says whether it has to be told. */
    static void recycle(Draft draft, int workerId, boolean tell) {
        if (draft.workers.get(workerId) instanceof Worker.Busy(int pid, RunRef _, FlowEndId _)) {
            draft.put(workerId, new Worker.Released(pid));
            if (tell) {
                draft.emit(new Effect.StopWorker(workerId, "its run was released"));
            }
            draft.arm(new TimerKey.Warming(workerId), Bounds.STOP_BEFORE_START_NS);
        }
    }

    static void kill(Draft draft, int workerId, String reason) {
        Worker worker = draft.workers.get(workerId);
        if (worker != null && !(worker instanceof Worker.Dying)) {
            draft.cancel(new TimerKey.Warming(workerId));
            draft.put(workerId, new Worker.Dying());
            draft.emit(new Effect.KillWorker(workerId, reason));
        }
    }

    static void killAll(Draft draft) {
        for (int workerId : List.copyOf(draft.workers.keySet())) {
            kill(draft, workerId, "the daemon is leaving");
        }
        if (draft.aotCache == HostState.AotCache.TRAINING) {
            draft.emit(new Effect.AbortTraining());
        }
    }

    static void warmedTooLong(Draft draft, int workerId) {
        kill(draft, workerId, "it did not get warm in time");
    }

    static void gone(Draft draft, int workerId, String how) {
        Worker worker = draft.workers.get(workerId);
        draft.remove(workerId);
        draft.cancel(new TimerKey.Warming(workerId));
        if (!(worker instanceof Worker.Warming)) {
            return;
        }
        draft.spawnFailuresInARow++;
        draft.respawnBlocked = true;
        draft.arm(new TimerKey.Respawn(), Bounds.respawnNs(draft.spawnFailuresInARow));
        failWaiting(draft, "no worker could be started: " + how);
    }

    /** Ends that nobody is on the way for any more are told so at once. */
    private static void failWaiting(Draft draft, String message) {
        int surplus = waiting(draft) - count(draft, worker -> worker instanceof Worker.Warming);
        for (RunState run : List.copyOf(draft.runs.values())) {
            surplus *= run.flowsPerWorker();
            for (FlowEnd end : run.ends().values()) {
                if (surplus > 0 && end.phase() instanceof FlowEnd.Waiting) {
                    surplus--;
                    FlowEnds.failWaiting(draft, run.ref(), end, message);
                }
            }
        }
    }

    static void aotCacheKnown(Draft draft, boolean present) {
        if (draft.aotCache == HostState.AotCache.UNKNOWN) {
            draft.aotCache = present ? HostState.AotCache.SETTLED : HostState.AotCache.MISSING;
        }
    }

    static void trainingEnded(Draft draft, boolean present) {
        if (draft.aotCache == HostState.AotCache.TRAINING) {
            // Without a result there is no second try: workers start without it, only slower.
            draft.aotCache = HostState.AotCache.SETTLED;
        } else if (present) {
            draft.aotCache = HostState.AotCache.SETTLED;
        }
    }

    static void trim(Draft draft) {
        draft.trimming = false;
        int surplus = count(draft, worker -> worker instanceof Worker.Idle) - draft.limits.warmWorkers();
        if (!draft.isQuiet()) {
            return;
        }
        List<Integer> newestFirst = List.copyOf(draft.workers.descendingMap().keySet());
        for (int workerId : newestFirst) {
            if (surplus > 0 && draft.workers.get(workerId) instanceof Worker.Idle) {
                surplus--;
                kill(draft, workerId, "surplus");
            }
        }
    }

    /** Brings the workers, the daemon's CPUs and the AOT cache in line with the runs, after every input. */
    static void settle(Draft draft) {
        if (draft.shutdown != null) {
            return;
        }
        useHousekeeping(draft);
        if (waiting(draft) > 0) {
            assignWaiting(draft);
        }
        int idle = count(draft, worker -> worker instanceof Worker.Idle);
        boolean quiet = draft.isQuiet();
        if (!quiet && draft.aotCache == HostState.AotCache.TRAINING) {
            draft.aotCache = HostState.AotCache.MISSING;
            draft.emit(new Effect.AbortTraining());
        }
        spawn(draft, quiet, idle);
        trimLater(draft, quiet, idle);
        boolean poolIsWarm = idle >= draft.limits.warmWorkers();
        if (quiet && poolIsWarm && draft.aotCache == HostState.AotCache.MISSING) {
            draft.aotCache = HostState.AotCache.TRAINING;
            draft.emit(new Effect.TrainAotCache());
        }
    }

    private static void useHousekeeping(Draft draft) {
        CpuSet cpus = draft.limits.allowedCpus();
        for (RunState run : draft.runs.values()) {
            CpuSet housekeeping = run.housekeeping();
            if (run.isLive() && housekeeping != null) {
                cpus = cpus.and(housekeeping);
            }
        }
        if (cpus.isEmpty()) {
            cpus = draft.limits.allowedCpus();
        }
        if (!cpus.toString().equals(draft.cpusInUse)) {
            draft.cpusInUse = cpus.toString();
            draft.emit(new Effect.UseCpus(cpus));
        }
    }

    private static void assignWaiting(Draft draft) {
        Queue<Integer> idle = new ArrayDeque<>();
        draft.workers.forEach((workerId, worker) -> {
            if (worker instanceof Worker.Idle) {
                idle.add(workerId);
            }
        });
        for (RunState run : List.copyOf(draft.runs.values())) {
            Order.Assign order = run.assign();
            if (order == null || idle.isEmpty()) {
                continue;
            }
            Map<Together, Room> rooms = new HashMap<>();
            for (FlowEnd end : run.ends().values()) {
                Integer workerId = end.phase() instanceof FlowEnd.Waiting
                        ? place(draft, idle, rooms, run.ref(), end, order.settings().flowsPerWorker())
                        : null;
                RunState current = draft.run(run.ref());
                if (workerId == null || current == null) {
                    continue;
                }
                draft.put(current.with(end.in(new FlowEnd.Preparing(workerId))));
                draft.emit(new Effect.AssignWorker(
                        workerId,
                        run.ref(),
                        end.assignment(),
                        order.settings(),
                        order.housekeeping()));
                draft.arm(new TimerKey.Preparing(run.ref(), end.id()), Bounds.PREPARING_NS);
            }
        }
    }

    /** A worker's process and the flow ends that it can still take. */
    private record Room(int workerId, int pid, int seats) {}

    /** The worker that is to drive a flow end, busy with it from now on; null when there is none. */
    private static @Nullable Integer place(
            Draft draft,
            Queue<Integer> idle,
            Map<Together, Room> rooms,
            RunRef run,
            FlowEnd end,
            int flowsPerWorker) {
        Together together = Together.of(end.assignment());
        Room room = rooms.get(together);
        if (room != null && room.seats() > 0) {
            int seatId = draft.nextWorkerId++;
            draft.seat(seatId, room.workerId());
            draft.put(seatId, new Worker.Busy(room.pid(), run, end.id()));
            draft.emit(new Effect.SeatWorker(seatId, room.workerId()));
            rooms.put(together, new Room(room.workerId(), room.pid(), room.seats() - 1));
            return seatId;
        }
        Integer workerId = idle.poll();
        if (workerId == null || !(draft.workers.get(workerId) instanceof Worker.Idle(int pid))) {
            return null;
        }
        draft.put(workerId, new Worker.Busy(pid, run, end.id()));
        rooms.put(together, new Room(workerId, pid, flowsPerWorker - 1));
        return workerId;
    }

    private static void spawn(Draft draft, boolean quiet, int idle) {
        int wanted = waiting(draft);
        for (RunState run : draft.runs.values()) {
            if (run.assign() == null) {
                wanted += run.workersWanted();
            }
        }
        if (quiet) {
            wanted = Math.max(wanted, draft.limits.warmWorkers());
        }
        if (wanted <= idle) {
            return;
        }
        int coming = count(draft, worker -> worker instanceof Worker.Warming || worker instanceof Worker.Released);
        int missing = Math.min(wanted - idle - coming, draft.limits.maxWorkers() - processes(draft));
        List<Integer> started = new ArrayList<>();
        while (missing-- > 0 && !draft.respawnBlocked) {
            int workerId = draft.nextWorkerId++;
            draft.put(workerId, new Worker.Warming());
            draft.emit(new Effect.SpawnWorker(workerId));
            started.add(workerId);
        }
        for (int workerId : started) {
            draft.arm(new TimerKey.Warming(workerId), Bounds.WARMING_NS);
        }
    }

    private static void trimLater(Draft draft, boolean quiet, int idle) {
        boolean surplus = idle > draft.limits.warmWorkers();
        if (quiet && surplus && !draft.trimming) {
            draft.trimming = true;
            draft.arm(new TimerKey.Trim(), Bounds.TRIM_NS);
        } else if (draft.trimming && !(quiet && surplus)) {
            draft.trimming = false;
            draft.cancel(new TimerKey.Trim());
        }
    }

    static int processes(Draft draft) {
        return draft.workers.size() - draft.seats.size();
    }

    private static int waiting(Draft draft) {
        return draft.runs.values().stream().mapToInt(RunState::waiting).sum();
    }

    private static int count(Draft draft, Predicate<Worker> which) {
        int count = 0;
        for (Worker worker : draft.workers.values()) {
            count += which.test(worker) ? 1 : 0;
        }
        return count;
    }
}
