package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/** The life of one flow end between ASSIGN and the report of its end. */
final class FlowEnds {
    private FlowEnds() {}

    static void ready(Draft draft, int workerId, FromWorker.Ready seen) {
        Draft.Held held = draft.endOf(workerId);
        if (held == null
                || !(held.end().phase() instanceof FlowEnd.Preparing)
                || !(draft.workers.get(workerId) instanceof Worker.Busy(int pid, RunRef _, FlowEndId _))) {
            return;
        }
        FlowEnd end = held.end();
        RunRef ref = held.run().ref();
        ReadyEnd lane = new ReadyEnd(
                end.id(),
                seen.applicationCpu(),
                seen.receiveCpu(),
                seen.affinityCpus(),
                end.steering(),
                pid,
                seen.threadId());
        draft.cancel(new TimerKey.Preparing(ref, end.id()));
        draft.emit(new Effect.OpenTelemetry(workerId, ref, end.assignment(), lane, held.run().settings()));
        SequencedSet<FlowEndId> toReport = new LinkedHashSet<>(held.run().unreportedReady());
        toReport.add(end.id());
        RunState run = held.run().withReady(toReport).with(end.in(new FlowEnd.Ready(workerId, lane)));
        draft.put(run);
        if (run.started()) {
            begin(draft, ref, end, workerId, lane);
        }
        boolean othersToCome = run.ends().values().stream()
                .anyMatch(other ->
                        other.phase() instanceof FlowEnd.Waiting || other.phase() instanceof FlowEnd.Preparing);
        if (othersToCome) {
            draft.arm(new TimerKey.ReportReady(ref), Bounds.REPORT_READY_NS);
        } else {
            reportReady(draft, ref);
        }
    }

    static void reportReady(Draft draft, RunRef ref) {
        RunState run = draft.run(ref);
        if (run == null) {
            return;
        }
        draft.cancel(new TimerKey.ReportReady(ref));
        List<ReadyEnd> news = new ArrayList<>();
        for (FlowEndId id : run.unreportedReady()) {
            FlowEnd end = run.ends().get(id);
            ReadyEnd lane = end == null ? null : lane(end);
            if (lane != null) {
                news.add(lane);
            }
        }
        draft.put(run.withReady(new LinkedHashSet<>()));
        if (!news.isEmpty()) {
            draft.publish(new News.Ready(ref, List.copyOf(news)));
        }
    }

    private static @Nullable ReadyEnd lane(FlowEnd end) {
        return switch (end.phase()) {
            case FlowEnd.Ready(int _, ReadyEnd lane) -> lane;
            case FlowEnd.Running(int _, ReadyEnd lane) -> lane;
            case FlowEnd.Waiting _, FlowEnd.Preparing _, FlowEnd.Stopping _, FlowEnd.Killed _, FlowEnd.Settling _,
                    FlowEnd.Ended _ ->
                null;
        };
    }

    /** Answers an order that was obeyed before. */
    static void tellAgain(Draft draft, RunState run) {
        SequencedSet<FlowEndId> lanes = new LinkedHashSet<>();
        for (FlowEnd end : run.ends().values()) {
            if (lane(end) != null) {
                lanes.add(end.id());
            }
        }
        draft.put(run.withReady(lanes));
        reportReady(draft, run.ref());
        for (FlowEnd end : run.ends().values()) {
            if (end.phase() instanceof FlowEnd.Ended(EndedFlow flow)) {
                draft.publish(new News.Ended(run.ref(), flow));
            }
        }
    }

    static void begin(Draft draft, RunRef ref, FlowEnd end, int workerId, ReadyEnd lane) {
        RunState run = draft.run(ref);
        if (run == null) {
            return;
        }
        draft.emit(new Effect.StartWorker(workerId));
        draft.put(run.with(end.in(new FlowEnd.Running(workerId, lane))));
        draft.arm(new TimerKey.Silent(ref, end.id()), Bounds.silenceNs(run.settings(), -1));
    }

    /** A worker's interval, which is a sign of life and nothing else. */
    static List<Effect> heard(HostState state, int workerId, int seq, long nowNs) {
        if (!(state.workers().get(workerId) instanceof Worker.Busy(int _, RunRef ref, FlowEndId id))) {
            return List.of();
        }
        RunState run = state.runs().get(ref.runId());
        FlowEnd end = run == null || !run.ref().equals(ref) ? null : run.ends().get(id);
        if (run == null || end == null || !(end.phase() instanceof FlowEnd.Running)) {
            return List.of();
        }
        long deadlineNs = nowNs + Bounds.silenceNs(run.settings(), seq);
        return List.of(new Effect.ArmTimer(new TimerKey.Silent(ref, id), deadlineNs));
    }

    /** Told at once, as long as the end has not been reported: its report has the drift in it. */
    static void drifted(Draft draft, RunRef ref, LaneDrift drift) {
        Draft.Held held = draft.end(ref, drift.end());
        if (held != null && !held.end().isOver()) {
            draft.publish(new News.Drifted(ref, drift));
        }
    }

    static void ended(Draft draft, int workerId, EndReport report) {
        Draft.Held held = draft.endOf(workerId);
        if (held != null) {
            String message = report.message();
            EndOutcome outcome = EndOutcome.of(report.outcome());
            if (held.end().phase() instanceof FlowEnd.Stopping(int _, String reason, boolean started)) {
                if (!started) {
                    // Its peer may have been told first: what this end saw of that is no news.
                    outcome = EndOutcome.NEVER_STARTED;
                    message = reason;
                } else if (message == null) {
                    message = reason;
                }
            }
            settle(draft, held, outcome, message, report);
        }
        Pool.freed(draft, workerId);
    }

    static void assignFailed(Draft draft, int workerId, String message) {
        Draft.Held held = draft.endOf(workerId);
        if (held != null && held.end().phase() instanceof FlowEnd.Preparing) {
            settle(draft, held, EndOutcome.ERROR, message, null);
        }
        Pool.notAssigned(draft, workerId);
    }

    static void failWaiting(Draft draft, RunRef ref, FlowEnd end, String message) {
        RunState run = draft.run(ref);
        if (run != null) {
            over(draft, new Draft.Held(run, end), EndOutcome.ERROR, message, null, Accounting.NONE);
        }
    }

    static void workerGone(Draft draft, int workerId, String how) {
        Draft.Held held = draft.endOf(workerId);
        if (held == null) {
            return;
        }
        if (held.end().phase() instanceof FlowEnd.Killed(int _, EndOutcome outcome, String message)) {
            settle(draft, held, outcome, message, null);
        } else {
            settle(draft, held, EndOutcome.WORKER_LOST, "the worker process is gone: " + how, null);
        }
    }

    static void settled(Draft draft, RunRef ref, FlowEndId id, Accounting accounting) {
        Draft.Held held = draft.end(ref, id);
        if (held != null && held.end().phase() instanceof FlowEnd.Settling settling) {
            draft.cancel(new TimerKey.Settling(ref, id));
            EndReport report = settling.report() == null ? accounting.sums() : settling.report();
            over(draft, held, settling.outcome(), settling.message(), report, accounting);
        }
    }

    static void preparedTooLong(Draft draft, RunRef ref, FlowEndId id) {
        Draft.Held held = draft.end(ref, id);
        if (held != null && held.end().phase() instanceof FlowEnd.Preparing) {
            kill(
                    draft,
                    held,
                    EndOutcome.ERROR,
                    "the worker was not ready within " + Bounds.PREPARING_NS / 1_000_000_000
                            + " s; is its CPU busy, or the other end's worker not there?");
        }
    }

    static void silent(Draft draft, RunRef ref, FlowEndId id) {
        Draft.Held held = draft.end(ref, id);
        if (held != null && held.end().phase() instanceof FlowEnd.Running) {
            kill(
                    draft,
                    held,
                    EndOutcome.STALLED,
                    "the worker reported no interval for more than three periods and was killed; was it stopped, or"
                            + " starved of CPU?");
        }
    }

    static void stoppedTooLong(Draft draft, RunRef ref, FlowEndId id) {
        Draft.Held held = draft.end(ref, id);
        if (held != null && held.end().phase() instanceof FlowEnd.Stopping(int _, String reason, boolean started)) {
            kill(
                    draft,
                    held,
                    started ? EndOutcome.STOPPED : EndOutcome.NEVER_STARTED,
                    reason + " (the worker did not end in time and was killed)");
        }
    }

    static void runDeadline(Draft draft, RunRef ref) {
        RunState run = draft.run(ref);
        if (run == null) {
            return;
        }
        for (FlowEnd end : run.ends().values()) {
            if (end.phase() instanceof FlowEnd.Waiting) {
                over(draft, new Draft.Held(run, end), EndOutcome.TIMED_OUT, "no worker in time", null, Accounting.NONE);
            } else if (end.workerId() >= 0 && !(end.phase() instanceof FlowEnd.Killed)) {
                kill(
                        draft,
                        new Draft.Held(run, end),
                        EndOutcome.TIMED_OUT,
                        "traffic was not over " + Bounds.runNs(run.settings()) / 1_000_000_000
                                + " s after its start; the worker was killed");
            }
        }
    }

    static void stop(Draft draft, RunRef ref, FlowEnd end, String reason) {
        RunState run = draft.run(ref);
        if (run == null) {
            return;
        }
        switch (end.phase()) {
            case FlowEnd.Waiting() ->
                over(
                        draft,
                        new Draft.Held(run, end),
                        EndOutcome.NEVER_STARTED,
                        reason,
                        null,
                        Accounting.NONE);
            case FlowEnd.Preparing(int workerId) -> stopWorker(draft, run, end, workerId, reason, false);
            case FlowEnd.Ready(int workerId, ReadyEnd _) -> stopWorker(draft, run, end, workerId, reason, false);
            case FlowEnd.Running(int workerId, ReadyEnd _) -> stopWorker(draft, run, end, workerId, reason, true);
            case FlowEnd.Stopping _, FlowEnd.Killed _, FlowEnd.Settling _, FlowEnd.Ended _ -> {}
        }
    }

    private static void stopWorker(
            Draft draft, RunState run, FlowEnd end, int workerId, String reason, boolean started) {
        draft.emit(new Effect.StopWorker(workerId, reason));
        cancelTimers(draft, run.ref(), end.id());
        draft.arm(
                new TimerKey.Stopping(run.ref(), end.id()),
                started
                        ? run.settings().drainTimeoutNs() + Bounds.STOP_SLACK_NS
                        : Bounds.STOP_BEFORE_START_NS);
        draft.put(run.with(end.in(new FlowEnd.Stopping(workerId, reason, started))));
    }

    static void release(Draft draft, RunRef ref, FlowEnd end) {
        cancelTimers(draft, ref, end.id());
        switch (end.phase()) {
            case FlowEnd.Waiting _, FlowEnd.Settling _, FlowEnd.Ended _ -> {}
            case FlowEnd.Preparing(int workerId) -> Pool.recycle(draft, workerId, true);
            case FlowEnd.Ready(int workerId, ReadyEnd _) -> {
                draft.emit(new Effect.CloseTelemetry(ref, end.id()));
                Pool.recycle(draft, workerId, true);
            }
            case FlowEnd.Running(int workerId, ReadyEnd _) -> {
                draft.emit(new Effect.CloseTelemetry(ref, end.id()));
                Pool.kill(draft, workerId, "its run was released");
            }
            case FlowEnd.Stopping(int workerId, String _, boolean started) -> {
                draft.emit(new Effect.CloseTelemetry(ref, end.id()));
                if (started) {
                    Pool.kill(draft, workerId, "its run was released");
                } else {
                    Pool.recycle(draft, workerId, false);
                }
            }
            case FlowEnd.Killed _ -> draft.emit(new Effect.CloseTelemetry(ref, end.id()));
        }
    }

    /** The daemon leaves: whatever has not ended is reported with what is known. */
    static void cutOff(Draft draft, String reason) {
        for (RunState run : List.copyOf(draft.runs.values())) {
            for (FlowEnd end : run.ends().values()) {
                RunState current = draft.run(run.ref());
                if (current != null && !end.isOver()) {
                    EndReport report =
                            end.phase() instanceof FlowEnd.Settling settling ? settling.report() : null;
                    over(
                            draft,
                            new Draft.Held(current, end),
                            run.started() ? EndOutcome.STOPPED : EndOutcome.NEVER_STARTED,
                            reason + " before the flow end could finish",
                            report,
                            Accounting.NONE);
                }
            }
        }
    }

    private static void kill(Draft draft, Draft.Held held, EndOutcome outcome, String message) {
        RunRef ref = held.run().ref();
        int workerId = held.end().workerId();
        cancelTimers(draft, ref, held.end().id());
        RunState run = draft.run(ref);
        if (run != null) {
            draft.put(run.with(held.end().in(new FlowEnd.Killed(workerId, outcome, message))));
        }
        Pool.kill(draft, workerId, message);
    }

    private static void settle(
            Draft draft, Draft.Held held, EndOutcome outcome, @Nullable String message, @Nullable EndReport report) {
        RunRef ref = held.run().ref();
        FlowEndId id = held.end().id();
        cancelTimers(draft, ref, id);
        draft.put(held.run().with(held.end().in(new FlowEnd.Settling(outcome, message, report))));
        draft.emit(new Effect.CloseTelemetry(ref, id));
        draft.arm(new TimerKey.Settling(ref, id), Bounds.SETTLING_NS);
    }

    /** Only the worker knows how many there are when its course ended the flow before its time. */
    private static int intervalsExpected(FlowSettings settings, EndOutcome outcome, @Nullable EndReport report) {
        int most = settings.warmupIntervals() + settings.measuredIntervals();
        return settings.course().limited() && outcome == EndOutcome.DONE && report != null
                ? Math.min(most, report.intervalsExpected())
                : most;
    }

    private static void over(
            Draft draft,
            Draft.Held held,
            EndOutcome outcome,
            @Nullable String message,
            @Nullable EndReport report,
            Accounting accounting) {
        RunRef ref = held.run().ref();
        RunState before = draft.run(ref);
        if (before == null) {
            return;
        }
        int expected = intervalsExpected(before.settings(), outcome, report);
        EndedFlow flow = new EndedFlow(held.end().id(), outcome, message, report, accounting, expected);
        RunState run = before.with(held.end().in(new FlowEnd.Ended(flow)));
        draft.put(run);
        draft.publish(new News.Ended(ref, flow));
        if (!run.isLive()) {
            draft.cancel(new TimerKey.RunDeadline(ref));
            draft.cancel(new TimerKey.Abandoned(ref));
            draft.arm(new TimerKey.Forget(ref), Bounds.FORGET_NS);
            draft.emit(new Effect.ForgetConnections(ref));
        }
    }

    private static void cancelTimers(Draft draft, RunRef ref, FlowEndId id) {
        draft.cancel(new TimerKey.Preparing(ref, id));
        draft.cancel(new TimerKey.Silent(ref, id));
        draft.cancel(new TimerKey.Stopping(ref, id));
        draft.cancel(new TimerKey.Settling(ref, id));
    }
}
