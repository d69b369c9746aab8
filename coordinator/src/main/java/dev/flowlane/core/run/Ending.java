package dev.flowlane.core.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/** How runs end: at once where nothing was given to workers, else by STOP and the reports of the ends. */
final class Ending {
    private Ending() {}

    /** Ends a run that has not searched. */
    static void end(Turn turn, RunRecord run, StateName verdict, List<String> why) {
        if (run.state() instanceof RunState.Queued queued) {
            over(turn, run, queued.end(verdict, turn.now(), why), Outcomes.withoutTraffic(run, verdict, why, turn));
        }
    }

    /** Ends a run that searches. */
    static void end(
            Turn turn, RunRecord run, RunState.Connecting connecting, StateName verdict, List<String> why) {
        RunOutcome outcome = Again.whole(run, Outcomes.withoutTraffic(run, verdict, why, turn));
        release(turn, run, "the run is over: " + outcome.state());
        turn.cancel(new TimerKey.Batch(run.runId()));
        over(turn, run, connecting.end(outcome.state(), turn.now(), outcome.reasons()), outcome);
    }

    /**
     * Ends a run early, whatever it is doing: at once before ASSIGN, else as soon as the ends have reported. A run
     * that is over stays as it is.
     *
     * @param why for people; first of the run's reasons
     * @param cancel whether it becomes CANCELLED
     */
    static void stop(Turn turn, RunRecord run, List<String> why, boolean cancel) {
        StateName early = cancel ? StateName.CANCELLED : StateName.FAILED;
        switch (run.state()) {
            case RunState.Queued queued -> end(turn, run, early, why);
            case RunState.Connecting connecting -> end(turn, run, connecting, early, why);
            case RunState.Placed placed -> stopped(turn, run, placed.finish(turn.now(), why, cancel));
            case RunState.Running running -> stopped(turn, run, running.finish(turn.now(), why, cancel));
            case RunState.Finishing finishing -> {
                List<String> all = new ArrayList<>(cancel ? why : finishing.reasons());
                all.addAll(cancel ? finishing.reasons() : why);
                stopped(turn, run, finishing.because(all, cancel || finishing.cancelRequested()));
            }
            case RunState.Terminal _ -> {}
        }
    }

    private static void stopped(Turn turn, RunRecord run, RunState.Finishing finishing) {
        String reason = finishing.reasons().isEmpty() ? "stopped" : finishing.reasons().getFirst();
        RunRecord changed = turn.enter(run, finishing, reason);
        for (String hostId : unendedHosts(finishing)) {
            turn.send(changed, hostId, new HostOrder.Stop(reason), finishing.deadline());
        }
        concludeIfEnded(turn, changed, finishing);
    }

    /** The last source is over: the destinations drain. */
    static void drain(Turn turn, RunRecord run, RunState.Running running) {
        RunState.Finishing finishing = running.finish(turn.now(), List.of(), false);
        if (finishing.flows().stream().allMatch(FlowLane::ended)) {
            turn.cancel(new TimerKey.Phase(run.runId(), running.name()));
            conclude(turn, run.with(finishing), finishing);
        } else {
            turn.enter(run, finishing, "the sources are done, the destinations drain");
        }
    }

    static void concludeIfEnded(Turn turn, RunRecord run, RunState.Finishing finishing) {
        if (finishing.flows().stream().allMatch(FlowLane::ended)) {
            conclude(turn, run, finishing);
        }
    }

    /** The time for reports is over. */
    static void concludeWithout(Turn turn, RunRecord run, RunState.Finishing finishing) {
        Map<String, SortedSet<String>> silent = Flows.byHost(finishing.flows(), end -> !end.ended());
        List<String> reasons = new ArrayList<>(finishing.reasons());
        silent.forEach((hostId, flows) -> reasons.add("host " + hostId + " did not report the end of "
                + some(flows) + " within " + seconds(Duration.between(finishing.since(), turn.now()))
                + " of FINISHING; see the log of its daemon, and whether it reaches Kafka"));
        RunState.Finishing known = finishing.because(reasons, finishing.cancelRequested());
        conclude(turn, run.with(known), known);
    }

    private static void conclude(Turn turn, RunRecord run, RunState.Finishing finishing) {
        RunOutcome measured = Outcomes.of(run, finishing, turn);
        if (measured.state() == StateName.DISTURBED && Again.rehunts(run)) {
            Again.rehunt(turn, run, finishing, measured.reasons().getFirst());
            return;
        }
        if (Again.repeats(run, measured)) {
            Again.repeat(turn, run, finishing, measured);
            return;
        }
        RunOutcome outcome = Again.whole(run, measured);
        release(turn, run, "the run is over: " + outcome.state());
        over(turn, run, finishing.end(outcome.state(), turn.now(), outcome.reasons()), outcome);
    }

    private static void over(Turn turn, RunRecord run, RunState.Terminal terminal, RunOutcome outcome) {
        turn.enter(run, terminal, String.join("; ", terminal.reasons()));
        turn.result(outcome);
    }

    /** Tells every host of the run to forget it. */
    static void release(Turn turn, RunRecord run, String reason) {
        for (String hostId : RunHosts.of(run.spec())) {
            turn.send(run, hostId, new HostOrder.Release(reason), null);
        }
    }

    static Set<String> unendedHosts(RunState state) {
        Set<String> hosts = new LinkedHashSet<>();
        for (FlowLane flow : state.flows()) {
            flow.ends().filter(end -> !end.ended()).map(FlowEnd::hostId).forEach(hosts::add);
        }
        return hosts;
    }

    /** A few ids, so that a sentence stays one. */
    static String some(Set<String> flowIds) {
        String first = String.join(", ", flowIds.stream().limit(4).toList());
        return flowIds.size() > 4
                ? "flows " + first + " and " + (flowIds.size() - 4) + " more"
                : (flowIds.size() == 1 ? "flow " : "flows ") + first;
    }

    static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
