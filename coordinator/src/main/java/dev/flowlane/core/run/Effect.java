package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** What the shell has to do. All effects of one step belong into one transaction; timers after it was committed. */
public sealed interface Effect {

    /**
     * One order to one daemon.
     *
     * @param commandId unique; comes back in a refusal
     * @param expiresAt after this (broker's clock) the daemon refuses; null: it always holds
     */
    record SendHostCommand(
            String hostId,
            String commandId,
            String runId,
            int attempt,
            long epoch,
            HostOrder order,
            @Nullable Instant expiresAt)
            implements Effect {}

    /** The whole state of a run. */
    record WriteRun(RunRecord run) implements Effect {}

    /** Something a user wants to know. */
    record WriteRunEvent(RunEvent event) implements Effect {}

    /** The flows' results of a trial that is over, when another one follows. */
    record WriteTrial(RunOutcome outcome) implements Effect {}

    /** The result of a run that is over; exactly one per run. */
    record WriteResult(RunOutcome outcome) implements Effect {}

    /** Fire the timer at that time; one of the same key is replaced. */
    record ArmTimer(TimerKey key, Instant at) implements Effect {}

    /** Forget the timer; without effect if it is not armed. */
    record CancelTimer(TimerKey key) implements Effect {}
}
