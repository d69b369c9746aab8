package dev.flowlane.core.run;

import dev.flowlane.core.check.CheckReport;
import dev.flowlane.core.check.Checker;
import dev.flowlane.core.check.Invariant;
import dev.flowlane.core.spec.Exclusive;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** What has to be true whatever happens; each check names the invariant that it is about. */
final class FleetInvariants {
    private static final Map<StateName, Set<StateName>> NEXT = new EnumMap<>(StateName.class);

    static {
        Set<StateName> stopped = EnumSet.of(StateName.CANCELLED, StateName.FAILED, StateName.REJECTED);
        Set<StateName> ends = EnumSet.range(StateName.COMPLETED, StateName.CANCELLED);
        NEXT.put(StateName.QUEUED, with(stopped, StateName.QUEUED, StateName.CONNECTING));
        NEXT.put(
                StateName.CONNECTING,
                with(stopped, StateName.CONNECTING, StateName.PLACED, StateName.QUEUED, StateName.PARTIAL));
        NEXT.put(
                StateName.PLACED,
                with(ends, StateName.PLACED, StateName.CONNECTING, StateName.RUNNING, StateName.FINISHING));
        // Back to a search goes only what is measured again; see written().
        NEXT.put(StateName.RUNNING, with(ends, StateName.RUNNING, StateName.FINISHING, StateName.CONNECTING));
        NEXT.put(StateName.FINISHING, with(ends, StateName.FINISHING, StateName.CONNECTING));
        for (StateName terminal : EnumSet.range(StateName.COMPLETED, StateName.EXPIRED)) {
            NEXT.put(terminal, EnumSet.of(terminal));
        }
    }

    private static Set<StateName> with(Set<StateName> some, StateName... more) {
        Set<StateName> all = EnumSet.copyOf(some);
        all.addAll(List.of(more));
        return all;
    }

    /** The lease, what late words renew it by, and what a late timer is put off by. */
    private static final Duration LEASE_SLACK = Announcements.LEASE.plusSeconds(20);

    /** A coordinator that was away and late words together. */
    private static final Duration LONG_AGO = Duration.ofSeconds(45);

    private final Map<String, SimFlow> flows;
    private final List<SimFlow.End> ends;
    private final Map<String, StateName> lastWritten = new HashMap<>();
    private final Checker checker = new Checker();
    private final Map<String, Integer> measuredBefore = new HashMap<>();
    private final Set<Story> stories = EnumSet.noneOf(Story.class);
    private final LineInvariants line = new LineInvariants(stories);
    private final TrialInvariants trials;
    private final DatagramInvariants datagrams;
    private final Set<String> commandIds = new HashSet<>();
    private Map<Invariant, Integer> judged = Map.of();
    private final Map<StateName, Integer> verdicts = new EnumMap<>(StateName.class);

    FleetInvariants(Map<String, SimFlow> flows, List<SimFlow.End> ends) {
        this.flows = flows;
        this.ends = ends;
        this.trials = new TrialInvariants(flows, stories);
        this.datagrams = new DatagramInvariants(flows, stories);
    }

    /** Judges what is on the topics; here is what they do not show. */
    Checker checker() {
        return checker;
    }

    /** What happened. */
    Set<Story> stories() {
        return stories;
    }

    /** How many runs ended how. */
    Map<StateName, Integer> verdicts() {
        return verdicts;
    }

    /**
     * A run is told that it has lost a host: something was the matter with that host not long ago, or with the
     * coordinator that hears of it only now.
     */
    void lost(RunEvent event, SimHost host, Instant coordinatorUpSince, Instant now) {
        Instant since = host.lastFault.isAfter(coordinatorUpSince) ? host.lastFault : coordinatorUpSince;
        boolean justified = !host.well() || !host.holds(event.runId())
                || Duration.between(since, now).compareTo(LONG_AGO) < 0;
        check(justified, host.id, "was well:", event);
    }

    void afterStep(
            FleetState before,
            Step step,
            Input input,
            Instant now,
            Map<TimerKey, Instant> timers,
            SortedMap<String, RunRecord> written) {
        for (Effect effect : step.effects()) {
            switch (effect) {
                case Effect.WriteRun write -> written(write.run());
                case Effect.WriteTrial trial -> check(
                        trial.outcome().history().trials().size() < trial.outcome().spec().conduct().trials(),
                        "2: trials of", trial.outcome().runId());
                case Effect.WriteResult result -> result(result.outcome(), step.next());
                case Effect.SendHostCommand command -> {
                    check(command.epoch() == step.next().epoch(), "4: epoch of", command);
                    check(commandIds.add(command.commandId()), "command id of", command, "is not unique");
                }
                case Effect.WriteRunEvent event -> {}
                case Effect.ArmTimer arm -> {}
                case Effect.CancelTimer cancel -> {}
            }
        }
        check(checker.findings().isEmpty(), checker.findings());
        writtenIsWhatIsKnown(step.next(), written);
        everyWaitIsBounded(step.next(), timers, now);
        line.watch(before, step.next(), input, now);
        KnownRunsInvariants.judge(step.next());
        markOrphans(step.next());
    }

    private void written(RunRecord run) {
        StateName name = run.state().name();
        StateName last = lastWritten.put(run.runId(), name);
        if (last != null) {
            check(NEXT.getOrDefault(last, Set.of()).contains(name), "2:", run.runId(), "from", last, "to", name);
        }
        if (name == StateName.CONNECTING && (last == StateName.RUNNING || last == StateName.FINISHING)) {
            History history = run.history();
            int before = measuredBefore.getOrDefault(run.runId(), 0);
            int after = history.givenUp().size() + history.trials().size();
            check(after == before + 1, "2:", run.runId(), "searches again without a reason:", history);
            measuredBefore.put(run.runId(), after);
        }
        boolean wasOver = last != null && last.terminal();
        if (name.terminal() && !wasOver) {
            verdicts.merge(name, 1, Integer::sum);
        }
    }

    /** What the topics cannot show: COMPLETED only if it really went so. */
    private void result(RunOutcome outcome, FleetState state) {
        RunRecord run = state.runs().get(outcome.runId());
        if (outcome.state() == StateName.COMPLETED) {
            for (FlowOutcome flow : outcome.flows()) {
                SimFlow real = flows.get(flow.lane().flowId() + "#" + (run == null ? 0 : run.attempt()));
                check(real != null && real.clean, "6:", flow.lane().flowId(), "was not clean");
            }
            if (outcome.spec().io().flowsPerWorker() > 1) {
                stories.add(Story.SHARED_WORKERS_AND_COMPLETED);
            }
        }
        trials.judge(outcome);
        if (run != null) {
            datagrams.judge(outcome, run.attempt());
        }
    }

    private static void writtenIsWhatIsKnown(FleetState state, SortedMap<String, RunRecord> written) {
        state.runs().forEach((runId, run) -> {
            RunRecord record = written.get(runId);
            check(
                    record != null
                            && record.state().name() == run.state().name()
                            && record.attempt() == run.attempt(),
                    runId, "is known as", run, "and written as", record);
        });
    }

    private static void everyWaitIsBounded(FleetState state, Map<TimerKey, Instant> timers, Instant now) {
        for (RunRecord run : state.runs().values()) {
            Instant deadline = run.state().deadline();
            if (deadline != null) {
                Instant armed = timers.get(new TimerKey.Phase(run.runId(), run.state().name()));
                check(
                        armed != null
                                && !armed.isAfter(deadline)
                                && Duration.between(now, armed).compareTo(Duration.ofSeconds(60)) < 0,
                        "2: bound", armed, "of", run.runId(), "in", run.state().name());
            }
        }
        for (RunRecord run : state.runs().values()) {
            if (run.state() instanceof RunState.Queued queued && queued.notBefore() != null) {
                Instant armed = timers.get(new TimerKey.Due(run.runId()));
                check(run.dueAt().equals(armed), "2: begin of", run.runId(), "at", armed);
            }
        }
        for (HostView host : state.hosts().values()) {
            if (host.liveness() == HostView.Liveness.ONLINE) {
                check(timers.containsKey(new TimerKey.Lease(host.hostId())), "10: no lease of", host.hostId());
            }
        }
        long phases = timers.keySet().stream().filter(TimerKey.Phase.class::isInstance).count();
        long bounded = state.runs().values().stream()
                .filter(run -> run.state().deadline() != null)
                .count();
        check(phases == bounded, "timers", timers, "bounded runs", bounded);
    }

    private void markOrphans(FleetState state) {
        for (HostView host : state.hosts().values()) {
            if (host.liveness() == HostView.Liveness.LOST) {
                ends.stream()
                        .filter(end -> end.running && end.host.id.equals(host.hostId()))
                        .forEach(end -> end.orphan = true);
            }
        }
    }

    /** What really runs, not what is known of it. */
    void afterEvent(SortedMap<String, RunRecord> written) {
        Map<String, SimFlow.End> byCpu = new HashMap<>();
        for (SimFlow.End end : ends) {
            int cpu = end.assignment.applicationCpu();
            boolean strict = end.flow.spec.placement().exclusive() == Exclusive.STRICT;
            if (end.running && !end.orphan && strict && cpu >= 0) {
                SimFlow.End other = byCpu.putIfAbsent(end.host.machineId + "/" + cpu, end);
                check(
                        other == null || other.flow == end.flow,
                        "1:",
                        end.flow.flowId,
                        "and",
                        other == null ? "" : other.flow.flowId,
                        "run on CPU",
                        cpu,
                        "of",
                        end.host.machineId);
                check(
                        claimed(written.get(end.flow.runId), end),
                        "10:",
                        end.flow.flowId,
                        "runs on CPU",
                        cpu,
                        "of",
                        end.host.machineId,
                        "which it does not claim any more");
            }
        }
        ends.removeIf(end -> end.over);
    }

    private static boolean claimed(@Nullable RunRecord run, SimFlow.End end) {
        return run != null
                && run.claims().stream()
                        .anyMatch(claim -> claim.cpu() == end.assignment.applicationCpu()
                                && claim.machineId().equals(end.host.machineId)
                                && claim.flowId().equals(end.flow.flowId));
    }

    /** A dead host is not believed alive for long while there is a coordinator to notice. */
    void noticed(SimHost host, @Nullable HostView view, Duration both) {
        check(
                both.compareTo(LEASE_SLACK) < 0 || view == null || view.liveness() != HostView.Liveness.ONLINE,
                "10:", host.id, "is dead for", both);
    }

    /** Nothing runs and nothing goes wrong any more. */
    void atRest(Map<TimerKey, Instant> timers) {
        check(timers.keySet().stream().allMatch(TimerKey.Lease.class::isInstance), "10: timers", timers);
        checker.atRest();
        CheckReport report = checker.report();
        check(report.clean(), report.findings());
        judged = report.judged();
    }

    /** How many things were looked at for each invariant. */
    Map<Invariant, Integer> judged() {
        return judged;
    }

    static void check(boolean holds, @Nullable Object... what) {
        if (!holds) {
            throw new AssertionError(Arrays.stream(what).map(String::valueOf).collect(Collectors.joining(" ")));
        }
    }
}
