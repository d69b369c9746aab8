package dev.flowlane.core.run;

import java.util.List;

/** What becomes of a run when a daemon does not carry out an order. */
final class Refusals {
    private static final String UNKNOWN_CANDIDATE = "UNKNOWN_CANDIDATE";
    private static final String UNKNOWN_RUN = "UNKNOWN_RUN";

    private Refusals() {}

    static void refused(Turn turn, Input.CommandRefused refused) {
        RunRecord run = turn.run(refused.runId());
        // An order of an older epoch or attempt was sent again, or is of no interest any more.
        if (run == null
                || run.attempt() != refused.attempt()
                || !refused.commandId().startsWith(turn.commandIdPrefix())) {
            return;
        }
        String why = "host " + refused.hostId() + " refused " + refused.commandType() + " while "
                + run.state().name() + ", " + refused.code() + ": " + refused.message();
        boolean holdsNothing = refused.code().equals(UNKNOWN_RUN);
        switch (run.state()) {
            case RunState.Queued _ -> {}
            case RunState.Connecting connecting -> {
                if (of(refused, "EXPECT", "CONNECT")) {
                    Ending.stop(turn, run, List.of(why), false);
                }
            }
            case RunState.Placed placed -> {
                if (of(refused, "ASSIGN")) {
                    if (refused.code().equals(UNKNOWN_CANDIDATE)) {
                        Searching.again(turn, run, placed, why);
                    } else {
                        Ending.stop(turn, run, List.of(why), false);
                    }
                }
            }
            case RunState.Running running -> {
                if (of(refused, "START")) {
                    RunRecord known = holdsNothing
                            ? run.with(running.know(Flows.lose(running.flows(), refused.hostId(), why)))
                            : run;
                    Ending.stop(turn, known, List.of(why), false);
                }
            }
            case RunState.Finishing finishing -> {
                if (of(refused, "START", "STOP") && holdsNothing) {
                    Holdings.lose(turn, run, refused.hostId(), "its host no longer held it: " + why, why);
                }
            }
            case RunState.Terminal terminal -> {
                if (of(refused, "STOP", "RELEASE") && holdsNothing) {
                    Holdings.lose(turn, run, refused.hostId(), "its host no longer held it: " + why, why);
                }
            }
        }
    }

    private static boolean of(Input.CommandRefused refused, String... types) {
        return List.of(types).contains(refused.commandType());
    }
}
