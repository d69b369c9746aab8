package dev.flowlane.core.run;

import dev.flowlane.core.run.RunEvent.AnswerCode;

import java.util.List;

/** What becomes of a request to end a run early. */
final class Cancellation {
    private Cancellation() {}

    static void cancel(Turn turn, Input.CancelRun cancel) {
        RunRecord run = turn.run(cancel.runId());
        if (run == null) {
            answer(turn, cancel, AnswerCode.NOT_FOUND, "there is no run " + cancel.runId()
                    + " among the live and the last " + Bounds.TERMINAL_RUNS + " ended ones; see `flowlane list`");
            return;
        }
        if (cancel.expiresAt() != null && turn.now().isAfter(cancel.expiresAt())) {
            answer(turn, cancel, AnswerCode.EXPIRED, "the command was read after its expiry at " + cancel.expiresAt());
            return;
        }
        switch (run.state()) {
            case RunState.Terminal terminal ->
                answer(turn, cancel, AnswerCode.UNCHANGED, "the run is over: " + terminal.name());
            case RunState.Finishing finishing when finishing.cancelRequested() ->
                answer(turn, cancel, AnswerCode.UNCHANGED, "the run is being cancelled already");
            case RunState.Queued _ -> accept(turn, cancel, run);
            case RunState.Connecting _ -> accept(turn, cancel, run);
            case RunState.Placed _ -> accept(turn, cancel, run);
            case RunState.Running _ -> accept(turn, cancel, run);
            case RunState.Finishing _ -> accept(turn, cancel, run);
        }
    }

    private static void accept(Turn turn, Input.CancelRun cancel, RunRecord run) {
        String who = cancel.requestedBy().isEmpty() ? "" : " by " + cancel.requestedBy();
        String why = cancel.reason() == null || cancel.reason().isEmpty() ? "" : ": " + cancel.reason();
        answer(turn, cancel, AnswerCode.CANCELLING, "");
        Ending.stop(turn, run, List.of("cancelled" + who + why), true);
    }

    private static void answer(Turn turn, Input.CancelRun cancel, AnswerCode code, String message) {
        RunRecord run = turn.run(cancel.runId());
        turn.answer(
                cancel.runId(),
                cancel.commandId(),
                code,
                run == null ? null : run.state().name(),
                message);
    }
}
