package dev.flowlane.daemon.machine;

import org.jspecify.annotations.Nullable;
import org.pcollections.OrderedPMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Everything a daemon knows that its decisions depend on. Immutable; only {@link HostMachine#step} makes a next one,
 * which shares with it what does not change: with a thousand flow ends, every one of them brings several inputs.
 *
 * @param epoch highest of any coordinator heard so far
 * @param runs by run id; at most one attempt of each
 * @param over runs that were stopped or released here, newest last, bounded: the highest attempt that is over
 * @param workers by worker id
 * @param respawnBlocked no worker is started before a timer says so: the last ones failed
 * @param trimming a timer for surplus workers runs
 * @param seats those of the workers that are a further flow end's place in another one's process, with that one
 * @param cpusInUse where the daemon's own threads run, in the kernel's list form
 * @param shutdown why the daemon is stopping; null when it is not
 * @param left it has said goodbye: nothing has an effect any more
 */
public record HostState(
        HostLimits limits,
        boolean busReady,
        long epoch,
        SequencedMap<String, RunState> runs,
        OrderedPMap<String, Over> over,
        PSortedMap<Integer, Worker> workers,
        PSortedMap<Integer, Integer> seats,
        int nextWorkerId,
        int spawnFailuresInARow,
        boolean respawnBlocked,
        boolean trimming,
        String cpusInUse,
        AotCache aotCache,
        @Nullable String shutdown,
        boolean left) {

    /** How many runs that are over are remembered. */
    static final int OVER_MAX = 512;

    enum AotCache {
        UNKNOWN,
        MISSING,
        TRAINING,
        /** Or it cannot be made: no more is to be done. */
        SETTLED
    }

    /** How a run ended here; the reason is null when it was released rather than stopped. */
    record Over(int attempt, @Nullable String stopReason) {}

    public HostState {
        runs = Collections.unmodifiableSequencedMap(runs);
    }

    public static HostState initial(HostLimits limits) {
        return new HostState(
                limits,
                false,
                0,
                new LinkedHashMap<>(),
                OrderedPMap.empty(),
                TreePMap.empty(),
                TreePMap.empty(),
                1,
                0,
                false,
                false,
                limits.allowedCpus().toString(),
                AotCache.UNKNOWN,
                null,
                false);
    }

    public List<String> liveRunIds() {
        return List.copyOf(runs.keySet());
    }

    /** Idle warm workers. */
    public int idleWorkers() {
        return count(Worker.Idle.class);
    }

    public int busyWorkers() {
        return (int) workers.entrySet().stream()
                .filter(worker -> !seats.containsKey(worker.getKey()))
                .map(Map.Entry::getValue)
                .filter(worker -> worker instanceof Worker.Busy || worker instanceof Worker.Released)
                .count();
    }

    /** Started and not warm yet. */
    public int warmingWorkers() {
        return count(Worker.Warming.class);
    }

    /** Whether every flow end it was assigned has ended and been reported. */
    boolean isQuiet() {
        return runs.values().stream().noneMatch(RunState::isLive);
    }

    private int count(Class<? extends Worker> kind) {
        return (int) workers.values().stream().filter(kind::isInstance).count();
    }
}
