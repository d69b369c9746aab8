package dev.flowlane.core.run;


import java.util.ArrayList;
import java.util.List;

/**
 * Runs that are measured more than once: because a flow left its lane (on-drift: rehunt), or because the spec asks for
 * trials. Either way the run goes back to its search as a new attempt and keeps its claims, so that nobody takes its
 * CPUs meanwhile; every measurement is one of its own, with flow ids of its own.
 */
final class Again {
    private Again() {}

    /** Whether a measurement that has drifted is given up for another one. */
    static boolean rehunts(RunRecord run) {
        return switch (run.spec().conduct().onDrift()) {
            case REPORT -> false;
            case REHUNT -> run.history().givenUpInTrial() + 1 < Bounds.ATTEMPTS;
        };
    }

    /** A flow has left its lane in mid-run: what would be measured from here on is not what was asked for. */
    static void rehunt(Turn turn, RunRecord run, RunState.Running running, String why) {
        rehunt(turn, run, running.searchAgain(turn.now(), Searching.instances(turn, run)), why);
    }

    /** The measurement is over, and a drift shows only in its reports. */
    static void rehunt(Turn turn, RunRecord run, RunState.Finishing finishing, String why) {
        rehunt(turn, run, finishing.searchAgain(turn.now(), Searching.instances(turn, run)), why);
    }

    private static void rehunt(Turn turn, RunRecord run, RunState.Connecting next, String why) {
        int measurement = run.history().givenUpInTrial() + 1;
        turn.event(
                run,
                RunEvent.Type.WARNING,
                null,
                null,
                why + "; measurement " + measurement + " of at most " + Bounds.ATTEMPTS
                        + " is given up, lanes are found anew");
        Searching.anew(
                turn,
                run.with(run.history().giveUp(run.attempt(), why)),
                next,
                "a flow left its lane: " + why);
    }

    /** Whether there is another trial to be made after one that ended so. */
    static boolean repeats(RunRecord run, RunOutcome trial) {
        return run.history().trial() < run.spec().conduct().trials()
                && switch (trial.state()) {
                    case COMPLETED, DISTURBED -> true;
                    // What stopped this one would stop the next, and somebody wants to know now.
                    case QUEUED,
                            CONNECTING,
                            PLACED,
                            RUNNING,
                            FINISHING,
                            PARTIAL,
                            FAILED,
                            CANCELLED,
                            REJECTED,
                            EXPIRED -> false;
                };
    }

    /** The next trial, on the lanes of this one. */
    static void repeat(Turn turn, RunRecord run, RunState.Finishing finishing, RunOutcome trial) {
        RunRecord told = run.with(run.history().plus(trial(run, trial)));
        turn.trial(trial.with(told.history(), List.of()));
        int number = run.history().trial();
        turn.event(
                run,
                RunEvent.Type.STATE,
                null,
                null,
                "trial " + number + " of " + run.spec().conduct().trials() + " is " + trial.state());
        Searching.anew(
                turn,
                told,
                finishing.searchAgain(turn.now(), Searching.instances(turn, run)),
                "trial " + (number + 1) + " is next");
    }

    private static Trial trial(RunRecord run, RunOutcome outcome) {
        return new Trial(
                run.history().trial(),
                run.attempt(),
                outcome.state(),
                outcome.reasons().stream().limit(Trial.REASONS_MAX).toList(),
                outcome.startedAt(),
                Trial.Figures.of(
                        outcome.throughputBitsPerSecond(), outcome.transactionsPerSecond(), outcome.roundTrips()),
                outcome.intervals(),
                outcome.driftedIntervals(),
                outcome.flows().stream()
                        .map(flow -> Trial.Figures.of(
                                flow.throughputBitsPerSecond(), flow.transactionsPerSecond(), flow.roundTrips()))
                        .toList());
    }

    /**
     * The result of the whole run when its last measurement has ended, or when no other one came about.
     *
     * @param last of that measurement
     */
    static RunOutcome whole(RunRecord run, RunOutcome last) {
        int trials = run.spec().conduct().trials();
        boolean measured = !last.flows().isEmpty();
        boolean clean = last.state() == StateName.COMPLETED || run.startedAt() == null;
        RunOutcome told =
                clean ? last : last.judged(measured ? last.state() : stopped(last), given(run, last));
        if (trials == 1) {
            return told.with(run.history(), List.of());
        }
        History history = measured ? run.history().plus(trial(run, told)) : run.history();
        List<String> reasons = new ArrayList<>();
        for (Trial trial : history.trials()) {
            boolean newest = measured && trial.number() == history.trials().size();
            for (String reason : newest ? told.reasons() : trial.reasons()) {
                reasons.add("trial " + trial.number() + " of " + trials + ", " + trial.state() + ": " + reason);
            }
        }
        if (!measured) {
            told.reasons().forEach(reason ->
                    reasons.add("trial " + history.trial() + " of " + trials + " was not made: " + reason));
        }
        int made = (int) history.trials().stream().filter(Trial::measured).count();
        if (made < trials && !history.trials().isEmpty()) {
            reasons.add(made + " of " + trials + " trials " + (made == 1 ? "was" : "were") + " measured");
        }
        return told.judged(verdict(told, history, trials), Verdict.some(reasons))
                .with(history, TrialStatistic.over(history.trials(), run.spec().traffic().timed()));
    }

    /** A run that was measured before is not one that could not be had. */
    private static StateName stopped(RunOutcome last) {
        return last.state() == StateName.REJECTED ? StateName.FAILED : last.state();
    }

    private static List<String> given(RunRecord run, RunOutcome last) {
        List<String> reasons = new ArrayList<>(last.reasons());
        run.history().givenUp().stream()
                .filter(given -> given.trial() == run.history().trial())
                .map(History.GivenUp::text)
                .forEach(reasons::add);
        return reasons;
    }

    /** COMPLETED only if every trial is; what was measured before a trial failed makes the whole PARTIAL. */
    private static StateName verdict(RunOutcome last, History history, int trials) {
        if (last.state() == StateName.CANCELLED || last.payloadErrors() > 0) {
            return last.state();
        }
        List<Trial> measured = history.trials().stream().filter(Trial::measured).toList();
        if (measured.isEmpty()) {
            return last.state();
        }
        if (measured.size() < trials) {
            return StateName.PARTIAL;
        }
        return measured.stream().allMatch(trial -> trial.state() == StateName.COMPLETED)
                ? StateName.COMPLETED
                : StateName.DISTURBED;
    }
}
