package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.EndReport;
import org.jspecify.annotations.Nullable;

/**
 * The end of a flow end, as the coordinator is told.
 *
 * @param message what a person should know when the outcome is not DONE
 * @param report the worker's, or what its intervals add up to; null when nothing was measured
 * @param intervalsExpected of a clean run, warm-up included
 */
public record EndedFlow(
        FlowEndId end,
        EndOutcome outcome,
        @Nullable String message,
        @Nullable EndReport report,
        Accounting accounting,
        int intervalsExpected) {}
