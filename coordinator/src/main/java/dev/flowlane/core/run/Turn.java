package dev.flowlane.core.run;

import dev.flowlane.core.placement.HostCpus;
import dev.flowlane.core.placement.Ledger;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.steering.PredictionTrust;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** One step in the making: the state as it is being changed, and the effects so far. */
final class Turn {
    private final Instant now;
    private final List<Effect> effects = new ArrayList<>();
    private final Set<String> unwritten = new LinkedHashSet<>();
    private long epoch;
    private OpaqueBytes secret;
    private long commands;
    private PSortedMap<String, HostView> hosts;
    private Runs runs;
    /** Whether one came that is over. */
    private boolean anyOver;
    /** Machines whose waiting runs are looked at when the step ends. */
    private final Set<String> woken = new HashSet<>();
    private boolean allWoken;
    private PredictionTrust trust;
    private Limits limits;

    Turn(FleetState state, Instant now) {
        this.now = now;
        this.epoch = state.epoch();
        this.secret = state.secret();
        this.commands = state.commands();
        this.hosts = state.hosts();
        this.runs = state.known();
        this.trust = state.trust();
        this.limits = state.limits();
    }

    /** A new coordinator: nothing of what an older one knew counts. */
    void takeOver(long newEpoch, OpaqueBytes newSecret, Limits newLimits) {
        epoch = newEpoch;
        secret = newSecret;
        limits = newLimits;
        commands = 0;
        hosts = TreePMap.empty();
        runs = Runs.NONE;
        trust = PredictionTrust.NEW;
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
        return hosts.values();
    }

    void put(HostView host) {
        hosts = hosts.plus(host.hostId(), host);
    }

    /** CPUs of the hosts of a run, as far as they are known. */
    Map<String, HostCpus> cpus(RunSpec spec) {
        Map<String, HostCpus> cpus = new HashMap<>();
        for (String hostId : RunHosts.of(spec)) {
            HostView host = hosts.get(hostId);
            if (host != null) {
                cpus.put(hostId, host.announced().cpus());
            }
        }
        return cpus;
    }

    @Nullable RunRecord run(String runId) {
        return runs.get(runId);
    }

    /** All runs as they are now; changes of this turn do not change what was returned. */
    Runs runs() {
        return runs;
    }

    /** Takes in what need not survive a restart. */
    void put(RunRecord run) {
        runs = runs.with(run);
        anyOver |= !run.state().live();
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
        wakeQueue(run);
        wakeQueue(changed);
        return changed;
    }

    /** Rights of all runs. */
    Ledger ledger() {
        return runs.ledger();
    }

    /** In predicted receive CPUs. */
    PredictionTrust trust() {
        return trust;
    }

    void trust(PredictionTrust changed) {
        trust = changed;
    }

    /** All queued runs are looked at when the step ends: hosts, which anybody may wait for, have changed. */
    void wakeQueue() {
        allWoken = true;
    }

    /** Queued runs are looked at when the step ends, as far as they may wait for what this one had or has. */
    void wakeQueue(RunRecord run) {
        // Whoever joins the line later is looked at anyway.
        if (!runs.line().isEmpty()) {
            woken.addAll(machines(run));
            // A host's machine is another one after a reboot, and those that the run has claims on are those before.
            run.claims().forEach(claim -> woken.add(claim.machineId()));
        }
    }

    boolean queueWoken() {
        return allWoken || !woken.isEmpty();
    }

    /** Whether anything that a run on these machines may wait for has changed since the last time that was taken. */
    Predicate<Set<String>> takeWoken() {
        boolean all = allWoken;
        Set<String> some = Set.copyOf(woken);
        allWoken = false;
        woken.clear();
        return machines -> all || !Collections.disjoint(machines, some);
    }

    /** The machines that a run could want a CPU of. */
    Set<String> machines(RunRecord run) {
        Set<String> machines = new HashSet<>();
        for (String hostId : RunHosts.of(run.spec())) {
            HostView host = hosts.get(hostId);
            machines.add(host == null ? "host " + hostId : host.machineId());
        }
        return machines;
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

    /**
     * Terminal runs that hold nothing are forgotten, the oldest first, and before that their flows; one that was just
     * written is kept.
     */
    private void forgetOldRuns() {
        if (!anyOver) {
            return;
        }
        Collection<RunRecord> over = runs.over();
        int flows = 0;
        for (RunRecord run : List.copyOf(over).reversed()) {
            flows += run.flows().size();
            if (flows > Bounds.TERMINAL_FLOWS && !run.flows().isEmpty() && !unwritten.contains(run.runId())) {
                runs = runs.with(run.withoutFlows());
            }
        }
        if (over.size() <= Bounds.TERMINAL_RUNS) {
            return;
        }
        List<String> old = over.stream().map(RunRecord::runId).filter(runId -> !unwritten.contains(runId)).toList();
        old.stream().limit(Math.max(0, old.size() - Bounds.TERMINAL_RUNS)).forEach(runId -> runs = runs.without(runId));
    }
}
