package dev.flowlane.core.run;

import java.time.Instant;

/** The coordinator's decisions. */
public final class Fleet {
    private Fleet() {}

    /**
     * Takes one input.
     *
     * @param now the broker's clock as well as it is known; must not go back while a coordinator lives
     * @return the next state and what the shell has to do for it to be true
     */
    public static Step step(FleetState state, Input input, Instant now) {
        Turn turn = new Turn(state, now);
        switch (input) {
            case Input.SubmitRun submit -> Submission.submit(turn, submit);
            case Input.UnreadableSubmit submit -> Submission.unreadable(turn, submit);
            case Input.CancelRun cancel -> Cancellation.cancel(turn, cancel);
            case Input.HostAnnounced announced -> Hosts.announced(turn, announced.announcement());
            case Input.HostWord word -> heard(turn, word);
            case Input.TimerFired fired -> Timers.fired(turn, fired.key());
            case Input.CoordinatorStarted started -> Restart.start(turn, started);
        }
        Queue.serveIfWoken(turn);
        return turn.finish();
    }

    private static void heard(Turn turn, Input.HostWord word) {
        Hosts.Hearing hearing = Hosts.hear(turn, word);
        if (hearing == Hosts.Hearing.IGNORED) {
            return;
        }
        boolean newest = hearing == Hosts.Hearing.NEWEST;
        switch (word) {
            case Input.HostHello hello -> Holdings.hello(turn, hello, newest);
            case Input.HostHeartbeat heartbeat -> Holdings.heartbeat(turn, heartbeat, newest);
            case Input.HostGoodbye goodbye -> Hosts.goodbye(turn, goodbye.hostId());
            case Input.CandidatesReported candidates -> Searching.candidates(turn, candidates);
            case Input.FlowEndsReady ready -> Preparing.ready(turn, ready);
            case Input.FlowEndEnded ended -> Measuring.ended(turn, ended);
            case Input.LaneDrifted drifted -> Measuring.drifted(turn, drifted);
            case Input.CommandRefused refused -> Refusals.refused(turn, refused);
        }
    }
}
