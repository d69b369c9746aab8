package dev.flowlane.daemon.machine;

import java.util.List;

/**
 * The daemon's decisions. {@link #step} is a function: same state, same input, same time, same result.
 *
 * <p>What it holds to: a command of a lower epoch, of a given-up attempt or of a run that is over has no effect; the
 * same order twice has the effect of one and gets the same answer; every wait has a timer; every flow end that was
 * assigned is reported as ended exactly once (and again when asked again), whatever happens to its worker.
 */
public final class HostMachine {
    private HostMachine() {}

    /**
     * What an input leads to.
     *
     * @param nowNs a monotonic clock; deadlines in the effects are on the same one
     */
    public static Step step(HostState state, Input input, long nowNs) {
        if (state.left()) {
            return new Step(state, List.of());
        }
        if (input instanceof Input.WorkerInterval(int workerId, int seq)) {
            // What comes most often, from every flow end in every interval, changes nothing but a timer.
            return new Step(state, FlowEnds.heard(state, workerId, seq, nowNs));
        }
        Draft draft = new Draft(state, nowNs);
        apply(draft, input);
        Pool.settle(draft);
        if (draft.shutdown != null && draft.isQuiet()) {
            leave(draft);
        }
        return draft.toStep();
    }

    private static void apply(Draft draft, Input input) {
        switch (input) {
            case Input.Started() -> {}
            case Input.BusReady() -> {
                draft.busReady = true;
                draft.emit(new Effect.PublishHost(true));
                draft.publish(new News.Hello(liveRunIds(draft), idleWorkers(draft)));
                draft.arm(new TimerKey.Heartbeat(), Bounds.HEARTBEAT_NS);
            }
            case Input.CommandReceived received -> Commands.receive(draft, received.command(), received.brokerTime());
            case Input.CommandMalformed malformed -> Commands.refuseMalformed(draft, malformed);
            case Input.CandidatesKnown(RunRef run, List<Candidate> candidates) ->
                Candidates.known(draft, run, candidates);
            case Input.CandidateLost(RunRef run, CandidateKey candidate) -> Candidates.lost(draft, run, candidate);
            case Input.WorkerWarm(int workerId, int pid) -> Pool.warm(draft, workerId, pid);
            case Input.WorkerReady(int workerId, var ready) -> FlowEnds.ready(draft, workerId, ready);
            case Input.WorkerInterval _ -> throw new IllegalStateException("an interval changes no state");
            case Input.LaneDrifted(RunRef run, LaneDrift drift) -> FlowEnds.drifted(draft, run, drift);
            case Input.WorkerEnded(int workerId, var report) -> FlowEnds.ended(draft, workerId, report);
            case Input.WorkerGone(int workerId, String how) -> {
                FlowEnds.workerGone(draft, workerId, how);
                Pool.gone(draft, workerId, how);
            }
            case Input.AssignFailed(int workerId, String message) -> FlowEnds.assignFailed(draft, workerId, message);
            case Input.TelemetrySettled(RunRef run, FlowEndId end, Accounting accounting) ->
                FlowEnds.settled(draft, run, end, accounting);
            case Input.AotCacheKnown(boolean present) -> Pool.aotCacheKnown(draft, present);
            case Input.AotTrainingEnded(boolean present) -> Pool.trainingEnded(draft, present);
            case Input.TimerFired(TimerKey key) -> fired(draft, key);
            case Input.ShutdownRequested(String reason) -> shutdown(draft, reason);
        }
    }

    private static void fired(Draft draft, TimerKey key) {
        switch (key) {
            case TimerKey.Heartbeat() -> {
                draft.publish(new News.Heartbeat(liveRunIds(draft), idleWorkers(draft)));
                draft.arm(key, Bounds.HEARTBEAT_NS);
            }
            case TimerKey.ReportOpened(RunRef run) -> Candidates.report(draft, run);
            case TimerKey.ReportAccepted(RunRef run) -> Candidates.report(draft, run);
            case TimerKey.ReportReady(RunRef run) -> FlowEnds.reportReady(draft, run);
            case TimerKey.Abandoned(RunRef run) -> Runs.abandoned(draft, run);
            case TimerKey.RunDeadline(RunRef run) -> FlowEnds.runDeadline(draft, run);
            case TimerKey.Forget(RunRef run) -> Runs.forget(draft, run);
            case TimerKey.Preparing(RunRef run, FlowEndId end) -> FlowEnds.preparedTooLong(draft, run, end);
            case TimerKey.Silent(RunRef run, FlowEndId end) -> FlowEnds.silent(draft, run, end);
            case TimerKey.Stopping(RunRef run, FlowEndId end) -> FlowEnds.stoppedTooLong(draft, run, end);
            case TimerKey.Settling(RunRef run, FlowEndId end) ->
                draft.emit(new Effect.GiveUpTelemetry(run, end));
            case TimerKey.Warming(int workerId) -> Pool.warmedTooLong(draft, workerId);
            case TimerKey.Respawn() -> draft.respawnBlocked = false;
            case TimerKey.Trim() -> Pool.trim(draft);
            case TimerKey.ShutdownBound() -> {
                if (draft.shutdown != null) {
                    FlowEnds.cutOff(draft, draft.shutdown);
                    leave(draft);
                }
            }
        }
    }

    private static void shutdown(Draft draft, String reason) {
        if (draft.shutdown != null) {
            return;
        }
        draft.shutdown = reason;
        draft.arm(new TimerKey.ShutdownBound(), Bounds.SHUTDOWN_NS);
        for (RunState run : List.copyOf(draft.runs.values())) {
            Runs.stop(draft, run, reason);
        }
    }

    private static void leave(Draft draft) {
        if (draft.left) {
            return;
        }
        draft.left = true;
        Pool.killAll(draft);
        if (draft.busReady) {
            draft.publish(new News.Goodbye());
            draft.emit(new Effect.PublishHost(false));
        }
        draft.emit(new Effect.Exit());
    }

    private static List<String> liveRunIds(Draft draft) {
        return List.copyOf(draft.runs.keySet());
    }

    private static int idleWorkers(Draft draft) {
        return (int) draft.workers.values().stream()
                .filter(worker -> worker instanceof Worker.Idle)
                .count();
    }
}
