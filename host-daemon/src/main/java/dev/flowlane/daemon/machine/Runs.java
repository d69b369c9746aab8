package dev.flowlane.daemon.machine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What happens to a run as a whole. */
final class Runs {
    private Runs() {}

    static void assign(Draft draft, RunState run, Order.Assign order) {
        List<FlowEnd> ends = new ArrayList<>();
        Set<CandidateKey> keep = new LinkedHashSet<>();
        for (Order.Assignment assignment : order.flowEnds()) {
            Candidate candidate = run.candidates().get(assignment.candidate());
            Steering steering = candidate == null ? Steering.UNKNOWN : candidate.steering();
            ends.add(new FlowEnd(assignment, steering, new FlowEnd.Waiting()));
            keep.add(assignment.candidate());
        }
        draft.cancel(new TimerKey.ReportOpened(run.ref()));
        draft.cancel(new TimerKey.ReportAccepted(run.ref()));
        draft.emit(new Effect.KeepOnly(run.ref(), keep));
        draft.put(run.assigned(order, ends));
        draft.arm(new TimerKey.Abandoned(run.ref()), Bounds.ABANDONED_NS);
    }

    static void start(Draft draft, RunState run) {
        draft.cancel(new TimerKey.Abandoned(run.ref()));
        draft.arm(new TimerKey.RunDeadline(run.ref()), Bounds.runNs(run.settings()));
        draft.put(run.begun());
        for (FlowEnd end : run.ends().values()) {
            if (end.phase() instanceof FlowEnd.Ready(int workerId, ReadyEnd lane)) {
                FlowEnds.begin(draft, run.ref(), end, workerId, lane);
            }
        }
    }

    /** Ends the run early: what began half-closes and reports, what did not begin never will. */
    static void stop(Draft draft, RunState run, String reason) {
        draft.remember(run.ref(), reason);
        draft.cancel(new TimerKey.Abandoned(run.ref()));
        if (run.assign() == null) {
            drop(draft, run);
            return;
        }
        for (FlowEnd end : run.ends().values()) {
            FlowEnds.stop(draft, run.ref(), end, reason);
        }
    }

    static void abandoned(Draft draft, RunRef ref) {
        RunState run = draft.run(ref);
        if (run != null && !run.started()) {
            stop(
                    draft,
                    run,
                    "no word from the coordinator for " + Bounds.ABANDONED_NS / 1_000_000_000 + " s before the start");
        }
    }

    /** The run is over here, one way or another, and the coordinator has not released it. */
    static void forget(Draft draft, RunRef ref) {
        RunState run = draft.run(ref);
        if (run != null && !run.isLive()) {
            draft.remember(ref, null);
            drop(draft, run);
        }
    }

    /** Gives up everything at once; nobody wants a report. Workers that did not begin are kept warm. */
    static void release(Draft draft, RunState run) {
        for (FlowEnd end : run.ends().values()) {
            FlowEnds.release(draft, run.ref(), end);
        }
        drop(draft, run);
    }

    private static void drop(Draft draft, RunState run) {
        RunRef ref = run.ref();
        draft.runs.remove(ref.runId());
        draft.emit(new Effect.ForgetConnections(ref));
        draft.cancel(new TimerKey.ReportOpened(ref));
        draft.cancel(new TimerKey.ReportAccepted(ref));
        draft.cancel(new TimerKey.ReportReady(ref));
        draft.cancel(new TimerKey.Abandoned(ref));
        draft.cancel(new TimerKey.RunDeadline(ref));
        draft.cancel(new TimerKey.Forget(ref));
    }
}
