package dev.flowlane.daemon.telemetry;

import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.EndOutcome;
import dev.flowlane.daemon.machine.EndedFlow;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.CpuUse;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the flow ends of this host have done since the daemon began. From any thread; nothing here waits for long.
 *
 * <p>What is kept is bounded. A flow end's figures stand still from its end on and are forgotten a while later, so that
 * its last figures are scraped. Of runs that are over only the last {@value #ENDED_RUNS} are kept, however short that
 * while was. Figures of single flows and CPUs have a budget: a flow end that finds no room is counted with all such
 * ones of its pair of hosts under the flow id {@value PairSeries#OTHER}, so that sums stay whole; what has no sum (its
 * lane, its CPUs' time, what TCP says of it) is left out. Either way the series that were not made are counted.
 */
public final class FlowFigures {
    /** Runs that are over and still shown, at most. */
    static final int ENDED_RUNS = 20;

    private record Key(String runId, FlowEndId end) {}

    /**
     * What there is of a flow end.
     *
     * @param series its own, or those of its pair for flow ends without room
     * @param reserved of the budget
     */
    private record Entry(FlowSeries series, int reserved) {
        Entry reserving(int more) {
            return new Entry(series, reserved + more);
        }
    }

    private final String hostId;
    private final String machineId;
    private final long keepNs;
    private final LongSupplier nowNs;
    private final SeriesBudget budget;
    private final Map<Key, Entry> entries = new LinkedHashMap<>();
    private final Map<Pair, PairSeries> pairs = new LinkedHashMap<>();
    private final Set<Key> open = new HashSet<>();

    /** How many of these a run has: what is over is looked for when its first one opens and when its last one ends. */
    private final Map<String, Integer> openEnds = new HashMap<>();

    /** When a flow end ended, in this order. */
    private final Map<Key, Long> endedNs = new LinkedHashMap<>();

    /**
     * Figures of nothing yet.
     *
     * @param machineId as in the host's record
     * @param maxSeries most series of single flows and CPUs at a time
     * @param keep how long the figures of a flow end stay after its end
     * @param nowNs monotonic clock
     */
    public FlowFigures(String hostId, String machineId, int maxSeries, Duration keep, LongSupplier nowNs) {
        this.hostId = hostId;
        this.machineId = machineId;
        this.keepNs = keep.toNanos();
        this.nowNs = nowNs;
        this.budget = new SeriesBudget(maxSeries);
    }

    /** A flow end is ready; its figures begin at 0, so that a scrape before the traffic sees them begin. */
    public synchronized void open(Effect.OpenTelemetry opened) {
        FlowEndId end = opened.assignment().end();
        Key key = new Key(opened.run().runId(), end);
        if (!openEnds.containsKey(key.runId())) {
            forget();
        }
        if (open.add(key)) {
            openEnds.merge(key.runId(), 1, Integer::sum);
        }
        endedNs.remove(key);
        Pair pair = Pair.of(key.runId(), end.role(), hostId, opened.assignment().peerHostId());
        PairSeries ofPair = pairs.computeIfAbsent(pair, PairSeries::new);
        Entry known = entries.get(key);
        if (known != null) {
            if (known.reserved() > 0) {
                known.series().moveTo(opened.ready());
            }
            return;
        }
        boolean datagrams = opened.settings().kind().datagrams();
        int series = FlowSeries.mostSeries(end.role(), datagrams);
        Entry entry = budget.take(series)
                ? new Entry(new FlowSeries(pair, end.flowId(), opened.ready()), series)
                : new Entry(ofPair.takeIn(), 0);
        if (datagrams) {
            entry.series().carriesDatagrams();
        }
        entries.put(key, entry);
    }

    /**
     * An interval of a flow end has arrived.
     *
     * @param departures what of the lane it shows to have been left
     */
    synchronized void interval(
            RunRef run, FlowEndId end, DecodedInterval interval, Collection<LaneDrift.Kind> departures) {
        Key key = new Key(run.runId(), end);
        Entry entry = entries.get(key);
        if (entry == null || !open.contains(key)) {
            return;
        }
        entry.series().add(interval, departures);
        PairSeries pair = pairs.get(entry.series().pair());
        if (pair != null) {
            pair.add(interval);
        }
        if (entry.reserved() > 0) {
            for (CpuUse use : interval.report().cpus()) {
                entry = withRoomFor(use, entry);
                entry.series().add(use);
            }
            entries.put(key, entry);
        }
    }

    private Entry withRoomFor(CpuUse use, Entry entry) {
        if (!entry.series().isNew(use)) {
            return entry;
        }
        if (!budget.take(FlowSeries.CPU_SERIES)) {
            entry.series().leaveOut(use);
            return entry;
        }
        entry.series().prepare(use);
        return entry.reserving(FlowSeries.CPU_SERIES);
    }

    /** A flow end has ended, and everything about it is known. */
    public synchronized void ended(RunRef run, EndedFlow flow) {
        Key key = new Key(run.runId(), flow.end());
        Entry entry = entries.get(key);
        if (entry == null || !open.remove(key)) {
            return;
        }
        if (flow.report() != null && entry.reserved() > 0) {
            entry.series().settle(flow.report());
        }
        String reason = reason(flow.outcome());
        if (reason != null) {
            entry.series().failed(reason);
        }
        endedNs.put(key, nowNs.getAsLong());
        if (openEnds.merge(key.runId(), -1, Integer::sum) == 0) {
            openEnds.remove(key.runId());
            forget();
        }
    }

    private static @Nullable String reason(EndOutcome outcome) {
        return switch (outcome) {
            case DONE, STOPPED -> null;
            case PEER_GONE, WORKER_LOST, STALLED, TIMED_OUT, ERROR, NEVER_STARTED ->
                outcome.name().toLowerCase(Locale.ROOT);
        };
    }

    /** Looks at everything there is now, while nothing changes; must not take long. */
    synchronized void look(Consumer<Sight> at) {
        forget();
        Set<FlowSeries> flows = new LinkedHashSet<>();
        entries.values().forEach(entry -> flows.add(entry.series()));
        at.accept(new Sight(hostId, machineId, new ArrayList<>(flows), List.copyOf(pairs.values()), budget.dropped()));
    }

    /**
     * What there is.
     *
     * @param flows of single flow ends, and those of pairs that stand for several
     * @param seriesDropped series that were not made because there was no room
     */
    record Sight(
            String hostId,
            String machineId,
            List<FlowSeries> flows,
            Collection<PairSeries> pairs,
            long seriesDropped) {}

    private void forget() {
        long now = nowNs.getAsLong();
        Map<String, Long> ended = new LinkedHashMap<>();
        endedNs.forEach((key, at) -> {
            // In the order of their last flow ends.
            ended.remove(key.runId());
            ended.put(key.runId(), at);
        });
        open.forEach(key -> ended.remove(key.runId()));
        int tooMany = ended.size() - ENDED_RUNS;
        Set<String> oldest = new HashSet<>();
        for (String runId : ended.keySet()) {
            if (oldest.size() < tooMany) {
                oldest.add(runId);
            }
        }
        Map<Key, Long> over = new HashMap<>(endedNs);
        over.forEach((key, at) -> {
            if (now - at >= keepNs || oldest.contains(key.runId())) {
                forget(key);
            }
        });
    }

    private void forget(Key key) {
        endedNs.remove(key);
        Entry entry = entries.remove(key);
        if (entry == null) {
            return;
        }
        budget.giveBack(entry.reserved());
        Pair pair = entry.series().pair();
        if (entries.values().stream().noneMatch(other -> other.series().pair().equals(pair))) {
            pairs.remove(pair);
        }
    }
}
