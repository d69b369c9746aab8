package dev.flowlane.cli;

import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/**
 * Follows a run to its end. Every wait in it is bounded: by the coordinator's own deadline for the run's state with
 * some grace, by {@code --timeout}, and by the user's patience (Ctrl-C).
 */
final class RunFollower {
    /** The coordinator ends every state by its deadline; later than this after it, there is no coordinator. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    /** After a cancellation the coordinator stops the flows, drains them and collects the reports. */
    private static final Duration AFTER_CANCEL = Duration.ofSeconds(45);

    /** The result is written in the transaction that ends the run; only the reading of two topics lies between. */
    private static final Duration AFTER_END = Duration.ofSeconds(3);

    private final Cluster cluster;
    private final RunSession session;
    private final Interrupts interrupts;
    private final Messages messages;
    private final String requestedBy;

    /** What Ctrl-C does, and the time-out. */
    enum OnLeave {
        /** They end the run: it is this command's own. */
        CANCEL_RUN,
        /** They end the command: the run is somebody's. */
        LEAVE_RUN
    }

    /**
     * How following ended.
     *
     * @param state the run's state then
     * @param result its result; null when it has none or has not ended
     * @param timedOut whether {@code --timeout} ended it
     */
    record Ended(RunStateName state, @Nullable RunResult result, boolean timedOut) {
        int exitCode() {
            if (timedOut) {
                return ExitCode.TIMED_OUT;
            }
            return result == null ? ExitCode.of(state) : ExitCode.of(result);
        }
    }

    RunFollower(
            Cluster cluster, RunSession session, Interrupts interrupts, Messages messages, String requestedBy) {
        this.cluster = cluster;
        this.session = session;
        this.interrupts = interrupts;
        this.messages = messages;
        this.requestedBy = requestedBy;
    }

    /**
     * Waits for the end.
     *
     * @param timeout longest time to wait for it; null: as long as the coordinator lets the run live
     * @throws CliException if no news come any more, or the local fleet breaks down
     */
    Ended follow(@Nullable Duration timeout, OnLeave onLeave) {
        long startNs = System.nanoTime();
        boolean timedOut = false;
        boolean cancelled = false;
        int changesSeen = -1;
        @Nullable Long newsDueNs = null;
        @Nullable Long endedNs = null;
        while (true) {
            session.poll();
            RunSight sight = session.sight();
            long nowNs = System.nanoTime();
            if (sight.result() != null) {
                return new Ended(sight.state(), sight.result(), timedOut);
            }
            if (sight.isTerminal()) {
                endedNs = endedNs == null ? nowNs : endedNs;
                if (nowNs - endedNs > AFTER_END.toNanos()) {
                    return new Ended(sight.state(), null, timedOut);
                }
            }
            cluster.check();
            if (!timedOut && timeout != null && nowNs - startNs > timeout.toNanos()) {
                timedOut = true;
                if (onLeave == OnLeave.LEAVE_RUN) {
                    return new Ended(sight.state(), null, true);
                }
                messages.warn("the run has not ended within --timeout; cancelling it");
            }
            boolean leave = timedOut || (interrupts.requested() && onLeave == OnLeave.CANCEL_RUN);
            if (leave && !cancelled) {
                if (!timedOut) {
                    messages.info("cancelling run " + session.runId() + "; Ctrl-C again leaves at once");
                }
                session.requestCancel(timedOut ? "time-out of the command" : "interrupted", requestedBy);
                cancelled = true;
                newsDueNs = nowNs + AFTER_CANCEL.toNanos();
            }
            if (sight.changes() != changesSeen && !cancelled) {
                changesSeen = sight.changes();
                newsDueNs = dueNs(sight.run(), nowNs);
            }
            if (newsDueNs != null && nowNs - newsDueNs > 0) {
                throw CliException.preflight(
                        "no news of run " + session.runId() + ", which was " + sight.state()
                                + " and should have ended by now",
                        "is the coordinator alive? one is started with: " + cluster.coordinatorCommand(),
                        "what became of the run: flowlane get " + session.runId());
            }
        }
    }

    /**
     * After the end: reads the last intervals, which are on the topics already but on other partitions than the result.
     */
    void readLastIntervals() {
        long deadlineNs = System.nanoTime() + AFTER_END.toNanos();
        while (!session.sight().sawLastIntervals() && System.nanoTime() - deadlineNs < 0) {
            session.poll();
        }
    }

    /** Takes the progress off the screen: what follows is the result. */
    void endProgress() {
        session.endProgress();
    }

    /**
     * When the coordinator must have written something about the run again; null when nothing bounds its state
     * (QUEUED).
     */
    private static @Nullable Long dueNs(@Nullable Run run, long nowNs) {
        Instant deadline = run == null ? null : run.getDeadlineTime();
        Instant since = run == null ? null : run.getStateTime();
        if (deadline == null || since == null) {
            return null;
        }
        // Both are the coordinator's clock: their difference holds whatever ours says.
        return nowNs + Duration.between(since, deadline).plus(GRACE).toNanos();
    }
}
