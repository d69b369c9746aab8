package dev.flowlane.coordinator;

import dev.flowlane.core.run.CandidateReport;
import dev.flowlane.core.run.Effect;
import dev.flowlane.core.run.Fleet;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.Input;
import dev.flowlane.core.run.RunEvent;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.run.Step;
import dev.flowlane.core.run.TimerKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * The state of the fleet and its timers, moved on by one input after the other. What an input leads to is collected in
 * a batch. When the batch cannot be written, this object is thrown away with everything in it and made anew from the
 * topics, so it may run ahead of them within a turn.
 */
final class Decider {
    private static final Logger LOG = LoggerFactory.getLogger(Decider.class);

    private final TimerQueue<TimerKey> timers = new TimerQueue<>();
    private FleetState fleet = FleetState.INITIAL;

    FleetState fleet() {
        return fleet;
    }

    /** Time until the next timer is due, at most {@code atMost}. */
    Duration untilNextTimer(Instant now, Duration atMost) {
        return timers.untilNext(now, atMost);
    }

    /**
     * Takes what the topics remember.
     *
     * @throws RuntimeException if the core cannot take it; there is nothing to go on from then
     */
    void start(Input.CoordinatorStarted started, Instant now, Batch batch) {
        step(started, now, batch);
    }

    /** Takes a user's command. Whatever happens, it is answered. */
    void command(Input command, Instant now, Batch batch) {
        batch.consumedUserCommand();
        @Nullable RunEvent answer = null;
        try {
            for (Effect effect : step(command, now, batch)) {
                if (effect instanceof Effect.WriteRunEvent(RunEvent event) && event.type() == RunEvent.Type.ANSWER) {
                    answer = event;
                }
            }
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("input", command.getClass().getSimpleName()).setCause(e)
                    .log("command not decided, and rejected");
            answer = undecided(command, now);
            batch.event(answer);
        }
        RunEvent.AnswerCode code = answer == null ? null : answer.code();
        String outcome = code == null ? "none" : code.name().toLowerCase(Locale.ROOT);
        batch.count(new Counted.CommandAnswered(type(command), outcome));
    }

    /** Takes anything else. */
    void input(Input input, Instant now, Batch batch) {
        try {
            step(input, now, batch);
        } catch (RuntimeException e) {
            // The step is pure: the state is as it was. Stopping here would stop at the same record again after a
            // restart.
            LOG.atError().addKeyValue("input", input.getClass().getSimpleName()).setCause(e)
                    .log("input not decided, and passed over");
        }
        if (input instanceof Input.CandidatesReported reported) {
            for (CandidateReport candidate : reported.candidates()) {
                if (candidate.role() == FlowRole.SOURCE) {
                    batch.count(new Counted.CandidateReported(candidate.failure() == null));
                }
            }
        }
    }

    /** Fires the timers that are due now; those that are armed by it wait for the next time. */
    void fireTimers(Instant now, Batch batch) {
        for (int left = timers.size(); left > 0; left--) {
            TimerKey due = timers.takeDue(now);
            if (due == null) {
                return;
            }
            input(new Input.TimerFired(due), now, batch);
        }
    }

    private Iterable<Effect> step(Input input, Instant now, Batch batch) {
        Step step = Fleet.step(fleet, input, now);
        for (Effect effect : step.effects()) {
            switch (effect) {
                case Effect.ArmTimer(TimerKey key, Instant at) -> timers.arm(key, at);
                case Effect.CancelTimer(TimerKey key) -> timers.cancel(key);
                case Effect.WriteRun(RunRecord run) -> {
                    count(fleet.runs().get(run.runId()), run, batch);
                    batch.run(run);
                }
                case Effect.SendHostCommand command -> batch.command(command);
                case Effect.WriteRunEvent(RunEvent event) -> batch.event(event);
                case Effect.WriteTrial(var outcome) -> batch.trial(outcome);
                case Effect.WriteResult(var outcome) -> batch.result(outcome);
            }
        }
        fleet = step.next();
        return step.effects();
    }

    private static void count(@Nullable RunRecord before, RunRecord after, Batch batch) {
        StateName state = after.state().name();
        if (before == null || before.state().name() != state) {
            LOG.atInfo().addKeyValue("run", after.runId()).addKeyValue("state", state).log("run");
        }
        if (!after.state().live() && (before == null || before.state().live())) {
            batch.count(new Counted.RunEnded(state));
        }
        if (after.state() instanceof RunState.Placed placed && before != null
                && before.state() instanceof RunState.Connecting connecting) {
            batch.count(new Counted.Placed(Duration.between(connecting.since(), placed.since())));
        }
    }

    private static String type(Input command) {
        return switch (command) {
            case Input.SubmitRun _, Input.UnreadableSubmit _ -> "submit";
            case Input.CancelRun _ -> "cancel";
            case Input _ -> "other";
        };
    }

    private static RunEvent undecided(Input command, Instant now) {
        String commandId = switch (command) {
            case Input.SubmitRun submit -> submit.commandId();
            case Input.UnreadableSubmit submit -> submit.commandId();
            case Input.CancelRun cancel -> cancel.commandId();
            case Input _ -> "";
        };
        String runId = switch (command) {
            case Input.SubmitRun submit -> submit.runId();
            case Input.UnreadableSubmit submit -> submit.runId();
            case Input.CancelRun cancel -> cancel.runId();
            case Input _ -> "";
        };
        return new RunEvent(runId, now, RunEvent.Type.ANSWER, commandId, RunEvent.AnswerCode.REJECTED, null, null,
                null, null,
                "the coordinator failed on this command; its log has the details");
    }
}
