package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/** What becomes of a run whose bound is over. */
final class Timers {
    private Timers() {}

    static void fired(Turn turn, TimerKey key) {
        switch (key) {
            case TimerKey.Phase phase -> phase(turn, phase);
            case TimerKey.Batch batch -> {
                RunRecord run = turn.run(batch.runId());
                if (run != null && run.state() instanceof RunState.Connecting connecting) {
                    Searching.batchDue(turn, run, connecting);
                }
            }
            case TimerKey.Due due -> Queue.due(turn, due.runId());
            case TimerKey.Lease lease -> Hosts.leaseDue(turn, lease.hostId());
        }
    }

    private static void phase(Turn turn, TimerKey.Phase key) {
        RunRecord run = turn.run(key.runId());
        if (run == null || run.state().name() != key.phase()) {
            return;
        }
        Instant later = putOff(run.state().deadline(), turn.now());
        if (later != null) {
            turn.arm(key, later);
        }
        switch (run.state()) {
            case RunState.Queued _ -> {}
            case RunState.Terminal _ -> {}
            case RunState.Connecting connecting -> {
                if (later == null) {
                    Searching.timedOut(turn, run, connecting);
                } else {
                    turn.put(run.with(connecting.waitUntil(later)));
                }
            }
            case RunState.Placed placed -> {
                if (later == null) {
                    Preparing.timedOut(turn, run, placed);
                } else {
                    turn.put(run.with(placed.waitUntil(later)));
                }
            }
            case RunState.Running running -> {
                if (later == null) {
                    Measuring.timedOut(turn, run, running);
                } else {
                    turn.put(run.with(running.waitUntil(later)));
                }
            }
            case RunState.Finishing finishing -> {
                if (later == null) {
                    Ending.concludeWithout(turn, run, finishing);
                } else {
                    turn.put(run.with(finishing.waitUntil(later)));
                }
            }
        }
    }

    /** When to look again: a timer that is early has its time, one that is late gets a little; null when it counts. */
    static @Nullable Instant putOff(@Nullable Instant due, Instant now) {
        if (due == null) {
            return null;
        }
        if (now.isBefore(due)) {
            return due;
        }
        return Duration.between(due, now).compareTo(Bounds.LATE) > 0 ? now.plus(Bounds.CATCH_UP) : null;
    }
}
