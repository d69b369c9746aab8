package dev.flowlane.core.run;

import static java.util.Objects.requireNonNull;

import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.spec.RunSpec;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/** Leads a fleet through a story, as the shell and the daemons would. */
final class FleetDriver {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    FleetState state = FleetState.INITIAL;
    Instant now = START;
    /** Of the last step. */
    List<Effect> effects = List.of();

    final List<Effect> allEffects = new ArrayList<>();
    final Map<String, RunRecord> written = new TreeMap<>();
    final Map<TimerKey, Instant> timers = new HashMap<>();
    private final Map<String, String> instances = new HashMap<>();
    private int commands;

    /** A coordinator that has just started, with host-a and host-b on a machine of four CPUs each. */
    static FleetDriver twoHosts() {
        FleetDriver driver = empty();
        driver.announce("host-a", "machine-a", 4);
        driver.announce("host-b", "machine-b", 4);
        return driver;
    }

    static FleetDriver empty() {
        FleetDriver driver = new FleetDriver();
        driver.step(new Input.CoordinatorStarted(1, OpaqueBytes.of(new byte[32]), List.of(), List.of()));
        return driver;
    }

    List<Effect> step(Input input) {
        Step step = Fleet.step(state, input, now);
        state = step.next();
        effects = step.effects();
        allEffects.addAll(effects);
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.WriteRun write -> written.put(write.run().runId(), write.run());
                case Effect.ArmTimer arm -> timers.put(arm.key(), arm.at());
                case Effect.CancelTimer cancel -> timers.remove(cancel.key());
                case Effect.SendHostCommand send -> {}
                case Effect.WriteRunEvent event -> {}
                case Effect.WriteTrial trial -> {}
                case Effect.WriteResult result -> {}
            }
        }
        return effects;
    }

    /** Lets time pass and fires what is due on the way. */
    void pass(Duration duration) {
        Instant end = now.plus(duration);
        while (true) {
            Map.Entry<TimerKey, Instant> due = timers.entrySet().stream()
                    .filter(timer -> !timer.getValue().isAfter(end))
                    .min(Map.Entry.<TimerKey, Instant>comparingByValue()
                            .thenComparing(timer -> timer.getKey().toString()))
                    .orElse(null);
            if (due == null) {
                now = end;
                return;
            }
            now = due.getValue().isAfter(now) ? due.getValue() : now;
            fire(due.getKey());
        }
    }

    /** Lets time pass while these hosts show that they live and hold these runs. */
    void passWithHeartbeats(Duration duration, Set<String> held, String... hostIds) {
        for (long second = 0; second < duration.toSeconds(); second++) {
            pass(Duration.ofSeconds(1));
            for (String hostId : hostIds) {
                heartbeat(hostId, held);
            }
        }
    }

    void fire(TimerKey key) {
        timers.remove(key);
        step(new Input.TimerFired(key));
    }

    void announce(String hostId, String machineId, int cpus) {
        String address = "10.0.0." + hostId.charAt(5) % 64;
        announce(Announcements.of(
                hostId, machineId, hostId + "-1", now, cpus, Steering.HASHED, List.of(address)));
    }

    /** What a host announced last. */
    HostAnnouncement announced(String hostId) {
        return requireNonNull(state.hosts().get(hostId)).announced();
    }

    void announce(HostAnnouncement announcement) {
        instances.put(announcement.hostId(), announcement.instanceId());
        step(new Input.HostAnnounced(announcement));
    }

    String instance(String hostId) {
        return requireNonNull(instances.get(hostId));
    }

    void heartbeat(String hostId, Set<String> held) {
        tick();
        step(new Input.HostHeartbeat(hostId, instance(hostId), now, held, 2, 0L));
    }

    void hello(String hostId, String instanceId, Set<String> held) {
        tick();
        step(new Input.HostHello(hostId, instanceId, now, held, 2, 0L));
    }

    void goodbye(String hostId) {
        tick();
        step(new Input.HostGoodbye(hostId, instance(hostId), now));
    }

    void submit(String runId, RunSpec spec) {
        tick();
        step(new Input.SubmitRun("c" + commands++, runId, "ann", spec, now, null));
    }

    void cancel(String runId) {
        tick();
        step(new Input.CancelRun("c" + commands++, runId, "ann", "enough", null));
    }

    /** Time never stands still between words. */
    void tick() {
        now = now.plusMillis(1);
    }

    RunRecord run(String runId) {
        return requireNonNull(state.runs().get(runId), runId);
    }

    /** The run record that was written last. */
    RunRecord written(String runId) {
        return requireNonNull(written.get(runId), runId);
    }

    StateName stateOf(String runId) {
        return run(runId).state().name();
    }

    /**
     * Both ends report every candidate that is asked for, on the CPU that belongs to its number, until none is missing.
     */
    void open(String runId, IntUnaryOperator receiveCpu) {
        while (run(runId).state() instanceof RunState.Connecting connecting) {
            RunRecord run = run(runId);
            Map<String, List<CandidateReport>> reports = new TreeMap<>();
            connecting.candidates().opened().forEach((id, entry) -> {
                if (entry.outstanding()) {
                    for (FlowRole role : FlowRole.values()) {
                        String hostId =
                                role == FlowRole.SOURCE ? entry.pair().source() : entry.pair().destination();
                        reports.computeIfAbsent(hostId, host -> new ArrayList<>())
                                .add(candidate(id, role, receiveCpu.applyAsInt(id), Steering.HASHED));
                    }
                }
            });
            if (reports.isEmpty()) {
                return;
            }
            reports.forEach((hostId, list) -> candidates(hostId, runId, run.attempt(), list));
        }
    }

    static CandidateReport candidate(int id, FlowRole role, int receiveCpu, Steering steering) {
        int local = role == FlowRole.SOURCE ? 40_000 + id : 7411;
        int remote = role == FlowRole.SOURCE ? 7411 : 40_000 + id;
        return new CandidateReport(id, role, receiveCpu, steering, "10.0.0.1", local, "10.0.0.2", remote, null);
    }

    void candidates(String hostId, String runId, int attempt, List<CandidateReport> reports) {
        tick();
        step(new Input.CandidatesReported(hostId, instance(hostId), now, runId, attempt, reports));
    }

    /** Every end is where it was planned to be. */
    void ready(String runId) {
        for (FlowLane flow : run(runId).flows()) {
            flow.ends().forEach(end -> ready(runId, flow.flowId(), end, end.receiveCpu()));
        }
    }

    void ready(String runId, String flowId, FlowEnd end, int receiveCpu) {
        ready(runId, flowId, end, end.applicationCpu(), receiveCpu, Steering.HASHED);
    }

    void ready(String runId, String flowId, FlowEnd end, int applicationCpu, int receiveCpu, Steering steering) {
        tick();
        EndLane lane = new EndLane(
                flowId, end.role(), applicationCpu, receiveCpu, "" + applicationCpu, steering, 100, 101);
        step(new Input.FlowEndsReady(
                end.hostId(), instance(end.hostId()), now, runId, run(runId).attempt(), List.of(lane)));
    }

    void ended(String runId, String flowId, FlowRole role, Reports report) {
        tick();
        FlowLane flow = flow(runId, flowId);
        String hostId = flow.end(role).hostId();
        step(new Input.FlowEndEnded(
                hostId, instance(hostId), now, runId, run(runId).attempt(), report.of(flowId, role)));
    }

    /** An interval of the newest measurement shows another receive CPU than the lane's. */
    void drifted(String runId, String flowId, FlowRole role, int seq) {
        drifted(runId, run(runId).attempt(), flowId, flow(runId, flowId).end(role).hostId(), role, seq);
    }

    void drifted(String runId, int attempt, String flowId, String hostId, FlowRole role, int seq) {
        drifted(
                runId, attempt, hostId, new LaneDrift(flowId, role, seq, false, LaneDrift.Kind.RECEIVE_CPU, "0", "3"));
    }

    void drifted(String runId, int attempt, String hostId, LaneDrift drift) {
        tick();
        step(new Input.LaneDrifted(hostId, instance(hostId), now, runId, attempt, drift));
    }

    FlowLane flow(String runId, String flowId) {
        return run(runId).flows().stream()
                .filter(flow -> flow.flowId().equals(flowId))
                .findFirst()
                .orElseThrow();
    }

    /** From the command to START, everything as it should be. */
    void running(String runId, RunSpec spec) {
        submit(runId, spec);
        open(runId, id -> id % 4);
        ready(runId);
    }

    /** Every end reports that it moved a thousand bytes. */
    void done(String runId) {
        for (FlowLane flow : run(runId).flows()) {
            ended(runId, flow.flowId(), FlowRole.SOURCE, Reports.done(1000, 0));
            ended(runId, flow.flowId(), FlowRole.DESTINATION, Reports.done(0, 1000));
        }
    }

    void refuse(String hostId, String runId, String commandType, String code) {
        tick();
        Effect.SendHostCommand command = sent(runId).stream()
                .filter(sent -> sent.hostId().equals(hostId) && sent.order().type().equals(commandType))
                .reduce((first, second) -> second)
                .orElseThrow();
        step(new Input.CommandRefused(
                hostId, instance(hostId), now, runId, command.attempt(), command.commandId(), commandType, code, "no"));
    }

    /** A new coordinator reads what was written. */
    void restart() {
        tick();
        List<RunRecord> runs = written.values().stream().map(FleetDriver::replayed).toList();
        List<HostAnnouncement> hosts =
                state.hosts().values().stream().map(HostView::announced).toList();
        timers.clear();
        long epoch = state.epoch() + 1;
        state = FleetState.INITIAL;
        step(new Input.CoordinatorStarted(epoch, OpaqueBytes.of(new byte[] {(byte) epoch}), runs, hosts));
    }

    /** What is left of a run record after it was written and read. */
    static RunRecord replayed(RunRecord run) {
        RunState state = run.state();
        List<String> waitingFor =
                state instanceof RunState.Queued queued ? List.copyOf(queued.waitingFor()) : List.of();
        boolean cancelRequested = state instanceof RunState.Finishing finishing && finishing.cancelRequested();
        return run.with(RunState.replayed(
                state.name(),
                state.since(),
                state.deadline(),
                state.reasons(),
                state.flows(),
                waitingFor,
                state instanceof RunState.Queued queued ? queued.notBefore() : null,
                cancelRequested));
    }

    /** Commands of the run, in order. */
    List<Effect.SendHostCommand> sent(String runId) {
        return allEffects.stream()
                .filter(Effect.SendHostCommand.class::isInstance)
                .map(Effect.SendHostCommand.class::cast)
                .filter(sent -> sent.runId().equals(runId))
                .toList();
    }

    /** Commands of the last step as {@code TYPE host}. */
    List<String> orders() {
        return effects.stream()
                .filter(Effect.SendHostCommand.class::isInstance)
                .map(Effect.SendHostCommand.class::cast)
                .map(sent -> sent.order().type() + " " + sent.hostId())
                .toList();
    }

    /** The answer of the last step. */
    RunEvent answer() {
        return events(effects).stream()
                .filter(event -> event.type() == RunEvent.Type.ANSWER)
                .findFirst()
                .orElseThrow();
    }

    static List<RunEvent> events(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.WriteRunEvent.class::isInstance)
                .map(effect -> ((Effect.WriteRunEvent) effect).event())
                .toList();
    }

    List<RunOutcome> results(String runId) {
        return allEffects.stream()
                .filter(Effect.WriteResult.class::isInstance)
                .map(effect -> ((Effect.WriteResult) effect).outcome())
                .filter(outcome -> outcome.runId().equals(runId))
                .toList();
    }

    RunOutcome result(String runId) {
        List<RunOutcome> results = results(runId);
        if (results.size() != 1) {
            throw new AssertionError("results of " + runId + ": " + results);
        }
        return results.getFirst();
    }
}
