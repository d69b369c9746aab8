package dev.flowlane.core.run;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.HostCpus;
import dev.flowlane.core.placement.Ledger;
import dev.flowlane.core.steering.PredictionTrust;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One step in the making: the state as it is being changed, and the effects so far. */
final class Turn {
    private final Instant now;
    private final TreeMap<String, HostView> hosts;
    private final TreeMap<String, RunRecord> runs;
    private final List<Effect> effects = new ArrayList<>();
    private final Set<String> unwritten = new LinkedHashSet<>();
    private long epoch;
    private OpaqueBytes secret;
    private long commands;
    private @Nullable Ledger ledger;
    private boolean queueWoken;
    private PredictionTrust trust;
    private Limits limits;

    Turn(FleetState state, Instant now) {
        this.now = now;
        this.epoch = state.epoch();
        this.secret = state.secret();
        this.commands = state.commands();
        this.hosts = new TreeMap<>(state.hosts());
        this.runs = new TreeMap<>(state.runs());
        this.trust = state.trust();
        this.limits = state.limits();
    }

    /** A new coordinator: nothing of what an older one knew counts. */
    void takeOver(long newEpoch, OpaqueBytes newSecret, Limits newLimits) {
        epoch = newEpoch;
        secret = newSecret;
        limits = newLimits;
        commands = 0;
        hosts.clear();
        runs.clear();
        trust = PredictionTrust.NEW;
        ledger = null;
    }

    Instant now() {
        return now;
    }

    long epoch() {
        return epoch;
    }

    OpaqueBytes secret() {
        return secret;
    }

    Limits limits() {
        return limits;
    }

    @Nullable HostView host(String hostId) {
        return hosts.get(hostId);
    }

    Collection<HostView> hosts() {
        return List.copyOf(hosts.values());
    }

    void put(HostView host) {
        hosts.put(host.hostId(), host);
    }

    Map<String, HostCpus> cpus() {
        Map<String, HostCpus> cpus = new HashMap<>();
        hosts.forEach((id, host) -> cpus.put(id, host.announced().cpus()));
        return cpus;
    }

    @Nullable RunRecord run(String runId) {
        return runs.get(runId);
    }

    /** All runs, first come first. */
    List<RunRecord> runs() {
        return runs.values().stream().sorted(RunRecord.FIFO).toList();
    }

    /** Runs that wait, in the order in which they are served. */
    List<RunRecord> line() {
        return runs.values().stream()
                .filter(run -> run.state() instanceof RunState.Queued)
                .sorted(RunRecord.LINE)
                .toList();
    }

    /** Takes in what need not survive a restart. */
    void put(RunRecord run) {
        runs.put(run.runId(), run);
        Ledger known = ledger;
        if (known != null && !known.claims(run.runId()).equals(run.claims())) {
            ledger = known.with(run.runId(), run.claims());
        }
    }

    /** Takes in and writes. */
    void save(RunRecord run) {
        put(run.inEpoch(epoch));
        unwritten.add(run.runId());
    }

    /** Changes the state, with its bound and the news of it. */
    RunRecord enter(RunRecord run, RunState next, String message) {
        RunRecord changed = run.with(next);
        save(changed);
        if (run.state().deadline() != null && run.state().name() != next.name()) {
            cancel(new TimerKey.Phase(run.runId(), run.state().name()));
        }
        if (run.state() instanceof RunState.Queued queued && queued.notBefore() != null) {
            cancel(new TimerKey.Due(run.runId()));
        }
        Instant deadline = next.deadline();
        if (deadline != null) {
            arm(new TimerKey.Phase(run.runId(), next.name()), deadline);
        }
        event(changed, RunEvent.Type.STATE, null, null, message);
        wakeQueue();
        return changed;
    }

    /** Rights of all runs. */
    Ledger ledger() {
        Ledger known = ledger;
        if (known == null) {
            Map<String, List<Claim>> claims = new HashMap<>();
            runs.forEach((runId, run) -> claims.put(runId, run.claims()));
            known = Ledger.of(claims);
            ledger = known;
        }
        return known;
    }

    /** In predicted receive CPUs. */
    PredictionTrust trust() {
        return trust;
    }

    void trust(PredictionTrust changed) {
        trust = changed;
    }

    /** Queued runs are looked at when the step ends: something that they wait for may have changed. */
    void wakeQueue() {
        queueWoken = true;
    }

    boolean takeQueueWoken() {
        boolean woken = queueWoken;
        queueWoken = false;
        return woken;
    }

    void send(RunRecord run, String hostId, HostOrder order, @Nullable Instant expiresAt) {
        send(run.runId(), run.attempt(), hostId, order, expiresAt);
    }

    void send(String runId, int attempt, String hostId, HostOrder order, @Nullable Instant expiresAt) {
        String commandId = commandIdPrefix() + commands++;
        effects.add(new Effect.SendHostCommand(hostId, commandId, runId, attempt, epoch, order, expiresAt));
    }

    /** What the ids of all commands of this epoch begin with. */
    String commandIdPrefix() {
        return epoch + "-";
    }

    void event(
            RunRecord run,
            RunEvent.Type type,
            @Nullable String hostId,
            @Nullable String flowId,
            String message) {
        effects.add(new Effect.WriteRunEvent(new RunEvent(
                run.runId(), now, type, null, null, run.state().name(), hostId, flowId, null, message)));
    }

    /** The news of a drift. */
    void drift(RunRecord run, String hostId, LaneDrift drift, String message) {
        effects.add(new Effect.WriteRunEvent(new RunEvent(
                run.runId(),
                now,
                RunEvent.Type.LANE_DRIFT,
                null,
                null,
                run.state().name(),
                hostId,
                drift.flowId(),
                drift,
                message)));
    }

    void answer(
            String runId,
            String commandId,
            RunEvent.AnswerCode code,
            @Nullable StateName state,
            String message) {
        effects.add(answerEvent(runId, commandId, code, state, message));
    }

    /** Puts an answer before everything that was told since {@code mark}. */
    void answerAt(
            int mark,
            String runId,
            String commandId,
            RunEvent.AnswerCode code,
            @Nullable StateName state,
            String message) {
        effects.add(mark, answerEvent(runId, commandId, code, state, message));
    }

    private Effect answerEvent(
            String runId,
            String commandId,
            RunEvent.AnswerCode code,
            @Nullable StateName state,
            String message) {
        return new Effect.WriteRunEvent(new RunEvent(
                runId, now, RunEvent.Type.ANSWER, commandId, code, state, null, null, null, message));
    }

    int mark() {
        return effects.size();
    }

    void trial(RunOutcome outcome) {
        effects.add(new Effect.WriteTrial(outcome));
    }

    void result(RunOutcome outcome) {
        effects.add(new Effect.WriteResult(outcome));
    }

    void arm(TimerKey key, Instant at) {
        effects.add(new Effect.ArmTimer(key, at));
    }

    void cancel(TimerKey key) {
        effects.add(new Effect.CancelTimer(key));
    }

    Step finish() {
        forgetOldRuns();
        List<Effect> all = new ArrayList<>();
        for (String runId : unwritten) {
            RunRecord run = runs.get(runId);
            if (run != null) {
                all.add(new Effect.WriteRun(run));
            }
        }
        all.addAll(effects);
        return new Step(new FleetState(epoch, secret, commands, hosts, runs, trust, limits), all);
    }

    /** Terminal runs that hold nothing are forgotten, the oldest first; one that was just written is kept. */
    private void forgetOldRuns() {
        List<RunRecord> over = runs.values().stream()
                .filter(run -> !run.state().live() && run.claims().isEmpty() && !unwritten.contains(run.runId()))
                .sorted(Comparator.comparing((RunRecord run) -> run.state().since()).thenComparing(RunRecord.FIFO))
                .toList();
        over.stream()
                .limit(Math.max(0, over.size() - Bounds.TERMINAL_RUNS))
                .forEach(run -> runs.remove(run.runId()));
    }
}
