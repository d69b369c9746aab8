package dev.flowlane.core.run;

import dev.flowlane.core.spec.RunSpec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/** RUNNING and FINISHING: traffic goes, ends report. */
final class Measuring {
    private Measuring() {}

    /** Every end is ready. */
    static void start(Turn turn, RunRecord run, RunState.Placed placed) {
        Instant deadline = turn.now().plus(Bounds.running(run.spec()));
        RunState.Running running = placed.start(turn.now(), deadline);
        RunRecord changed = turn.enter(run.startedAt(turn.now()), running, "START is sent");
        RunHosts.of(run.spec()).forEach(hostId -> start(turn, changed, hostId));
    }

    /** Tells one host to begin; a late START would measure nothing that its peer still measures. */
    static void start(Turn turn, RunRecord run, String hostId) {
        Instant startedAt = run.startedAt();
        turn.send(
                run,
                hostId,
                new HostOrder.Start(),
                (startedAt == null ? turn.now() : startedAt).plus(Bounds.GRACE));
    }

    static void ended(Turn turn, Input.FlowEndEnded ended) {
        RunRecord run = turn.run(ended.runId());
        if (run == null || run.attempt() != ended.attempt()) {
            return;
        }
        EndReport report = ended.report();
        Flows.Found found =
                Flows.find(run.state().flows(), ended.hostId(), report.flowId(), report.role());
        if (found == null || reported(found.end())) {
            return;
        }
        List<FlowLane> flows = Flows.replace(
                run.state().flows(), found.flow().with(report.role(), end -> end.ended(report)));
        switch (run.state()) {
            case RunState.Queued _ -> {}
            // The flows of a search are those of the attempt before.
            case RunState.Connecting _ -> {}
            case RunState.Placed placed -> {
                RunRecord changed = run.with(placed.know(flows));
                Ending.stop(turn, changed, List.of(beforeStart(ended.hostId(), report)), false);
            }
            case RunState.Running running -> {
                RunState.Running next = running.know(flows);
                RunRecord changed = run.with(next);
                drift(turn, changed, found.end(), report);
                if (flows.stream().allMatch(flow -> flow.source().ended())) {
                    Ending.drain(turn, changed, next);
                } else {
                    turn.save(changed);
                }
            }
            case RunState.Finishing finishing -> {
                RunState.Finishing next = finishing.know(flows);
                RunRecord changed = run.with(next);
                drift(turn, changed, found.end(), report);
                turn.save(changed);
                Ending.concludeIfEnded(turn, changed, next);
            }
            case RunState.Terminal terminal -> {
                if (!found.end().ended()) {
                    turn.save(run.with(terminal.know(flows)));
                    turn.wakeQueue(run);
                }
            }
        }
    }

    /** A host's own word replaces what was supposed of it while it was lost. */
    private static boolean reported(FlowEnd end) {
        EndReport known = end.report();
        return known != null && known.outcome() != EndOutcome.UNKNOWN;
    }

    private static String beforeStart(String hostId, EndReport report) {
        String message = report.message() == null ? "" : ": " + report.message();
        return "host " + hostId + " could not make flow " + report.flowId() + " ("
                + report.role().text() + ") ready, " + report.outcome() + message;
    }

    /** What was told while it ran need not be told again. */
    private static void drift(Turn turn, RunRecord run, FlowEnd end, EndReport report) {
        if (report.intervals().drifted() > 0 && end.drift() == null) {
            turn.event(
                    run,
                    RunEvent.Type.LANE_DRIFT,
                    end.hostId(),
                    report.flowId(),
                    Verdict.drift(report.role(), report));
        }
    }

    /** A flow end has left its lane just now. */
    static void drifted(Turn turn, Input.LaneDrifted drifted) {
        RunRecord run = turn.run(drifted.runId());
        if (run == null || run.attempt() != drifted.attempt()) {
            return;
        }
        LaneDrift drift = drifted.drift();
        Flows.Found found = Flows.find(run.state().flows(), drifted.hostId(), drift.flowId(), drift.role());
        if (found == null || found.end().ended() || !drift.isNews(found.end().drift())) {
            return;
        }
        List<FlowLane> flows = Flows.replace(
                run.state().flows(), found.flow().with(drift.role(), end -> end.drifted(drift)));
        String message = drift.role().text() + ": " + drift.text();
        switch (run.state()) {
            case RunState.Queued _ -> {}
            case RunState.Connecting _ -> {}
            case RunState.Placed _ -> {}
            case RunState.Running running -> {
                RunState.Running next = running.know(flows);
                RunRecord changed = run.with(next);
                turn.put(changed);
                turn.drift(changed, drifted.hostId(), drift, message);
                if (Again.rehunts(changed)) {
                    Again.rehunt(
                            turn, changed, next, "flow " + drift.flowId() + ": " + drifted.hostId() + " " + message);
                }
            }
            case RunState.Finishing finishing -> {
                RunRecord changed = run.with(finishing.know(flows));
                turn.put(changed);
                turn.drift(changed, drifted.hostId(), drift, message);
            }
            case RunState.Terminal _ -> {}
        }
    }

    /** The bound of the traffic is over: what has not ended is told to. */
    static void timedOut(Turn turn, RunRecord run, RunState.Running running) {
        Map<String, SortedSet<String>> silent = Flows.byHost(running.flows(), end -> !end.ended());
        RunSpec spec = run.spec();
        List<String> why = new ArrayList<>();
        silent.forEach((hostId, flows) -> why.add("host " + hostId + " did not report the end of "
                + Ending.some(flows) + " within " + Ending.seconds(Bounds.running(spec))
                + " of START (warm-up, duration, drain and grace); see the log of its daemon"));
        Ending.stop(turn, run, why, false);
    }
}
