package dev.flowlane.core.run;

import dev.flowlane.core.placement.Ledger;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.PSortedSet;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The runs that the coordinator knows, with what decisions look up among them: who waits, who searches, whom a host
 * concerns, who holds which claims, who can be forgotten. Immutable; a change shares all that it does not touch, since
 * one run of hundreds changes with almost every input.
 */
public final class Runs {
    /** None. */
    public static final Runs NONE = new Runs(
            TreePMap.empty(),
            TreePMap.empty(),
            TreePSet.empty(RunRecord.LINE),
            TreePSet.empty(RunRecord.FIFO),
            TreePSet.empty(Comparator.comparing((RunRecord run) -> run.state().since()).thenComparing(RunRecord.FIFO)),
            Ledger.empty());

    private final PSortedMap<String, RunRecord> byId;
    private final PSortedMap<String, PSortedSet<String>> byHost;
    private final PSortedSet<RunRecord> line;
    private final PSortedSet<RunRecord> searching;
    private final PSortedSet<RunRecord> over;
    private final Ledger ledger;

    private Runs(
            PSortedMap<String, RunRecord> byId,
            PSortedMap<String, PSortedSet<String>> byHost,
            PSortedSet<RunRecord> line,
            PSortedSet<RunRecord> searching,
            PSortedSet<RunRecord> over,
            Ledger ledger) {
        this.byId = byId;
        this.byHost = byHost;
        this.line = line;
        this.searching = searching;
        this.over = over;
        this.ledger = ledger;
    }

    /** These runs; of one id the last one. */
    public static Runs of(Collection<RunRecord> runs) {
        Runs all = NONE;
        for (RunRecord run : runs) {
            all = all.with(run);
        }
        return all;
    }

    /** All of them, by run id. */
    public PSortedMap<String, RunRecord> byId() {
        return byId;
    }

    @Nullable RunRecord get(String runId) {
        return byId.get(runId);
    }

    /** Those that wait, in the order in which they are served. */
    Collection<RunRecord> line() {
        return line;
    }

    /** Those that look for lanes, first come first. */
    Collection<RunRecord> searching() {
        return searching;
    }

    /** Those that the host has a part in and that have not ended in every respect, first come first. */
    List<RunRecord> concerning(String hostId) {
        PSortedSet<String> ids = byHost.get(hostId);
        if (ids == null) {
            return List.of();
        }
        List<RunRecord> runs = new ArrayList<>(ids.size());
        for (String id : ids) {
            runs.add(Objects.requireNonNull(byId.get(id)));
        }
        runs.sort(RunRecord.FIFO);
        return runs;
    }

    /** Terminal ones that hold nothing, those that ended first come first. */
    Collection<RunRecord> over() {
        return over;
    }

    /** Rights of all of them. */
    Ledger ledger() {
        return ledger;
    }

    /** With this run, in place of the one of the same id. */
    Runs with(RunRecord run) {
        RunRecord before = byId.get(run.runId());
        return new Runs(
                byId.plus(run.runId(), run),
                hosts(run.runId(), before, run),
                moved(line, Runs::waits, before, run),
                moved(searching, Runs::searches, before, run),
                moved(over, Runs::isOver, before, run),
                before != null && sameClaims(before, run) ? ledger : ledger.with(run.runId(), run.claims()));
    }

    /** Without the run of that id. */
    Runs without(String runId) {
        RunRecord gone = byId.get(runId);
        if (gone == null) {
            return this;
        }
        return new Runs(
                byId.minus(runId),
                hosts(runId, gone, null),
                moved(line, Runs::waits, gone, null),
                moved(searching, Runs::searches, gone, null),
                moved(over, Runs::isOver, gone, null),
                ledger.without(runId));
    }

    private static boolean waits(RunRecord run) {
        return run.state() instanceof RunState.Queued;
    }

    private static boolean searches(RunRecord run) {
        return run.state() instanceof RunState.Connecting;
    }

    private static boolean isOver(RunRecord run) {
        return !run.state().live() && run.claims().isEmpty();
    }

    private PSortedMap<String, PSortedSet<String>> hosts(
            String runId, @Nullable RunRecord before, @Nullable RunRecord after) {
        if (before != null && after != null && bothLive(before, after) && before.spec().equals(after.spec())) {
            return byHost;
        }
        Set<String> were = concernedHosts(before);
        Set<String> are = concernedHosts(after);
        if (were.equals(are)) {
            return byHost;
        }
        PSortedMap<String, PSortedSet<String>> changed = byHost;
        for (String hostId : were) {
            PSortedSet<String> rest = changed.getOrDefault(hostId, TreePSet.empty()).minus(runId);
            changed = rest.isEmpty() ? changed.minus(hostId) : changed.plus(hostId, rest);
        }
        for (String hostId : are) {
            changed = changed.plus(hostId, changed.getOrDefault(hostId, TreePSet.empty()).plus(runId));
        }
        return changed;
    }

    /** What becomes of a host concerns a run while it goes on, and until every end of its flows is known to be over. */
    private static Set<String> concernedHosts(@Nullable RunRecord run) {
        if (run == null || (!run.state().live() && run.flows().stream().allMatch(FlowLane::ended))) {
            return Set.of();
        }
        Set<String> hosts = new HashSet<>(run.spec().sources());
        hosts.addAll(run.spec().destinations());
        return hosts;
    }

    /** Told without listing hundreds of claims: a change of a live run leaves those of most flows what they were. */
    private static boolean sameClaims(RunRecord before, RunRecord after) {
        List<FlowLane> were = before.flows();
        List<FlowLane> are = after.flows();
        if (!bothLive(before, after) || were.size() != are.size()) {
            return before.claims().equals(after.claims());
        }
        for (int i = 0; i < were.size(); i++) {
            if (!were.get(i).claims().equals(are.get(i).claims())) {
                return false;
            }
        }
        return true;
    }

    private static boolean bothLive(RunRecord before, RunRecord after) {
        return before.state().live() && after.state().live();
    }

    private static PSortedSet<RunRecord> moved(
            PSortedSet<RunRecord> runs,
            Predicate<RunRecord> belongs,
            @Nullable RunRecord before,
            @Nullable RunRecord after) {
        PSortedSet<RunRecord> rest = before != null && belongs.test(before) ? runs.minus(before) : runs;
        return after != null && belongs.test(after) ? rest.plus(after) : rest;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Runs runs && byId.equals(runs.byId);
    }

    @Override
    public int hashCode() {
        return byId.hashCode();
    }

    @Override
    public String toString() {
        return byId.toString();
    }
}
