package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.EndReport;
import org.jspecify.annotations.Nullable;

/**
 * What became of a flow end's intervals on their way to Kafka.
 *
 * @param published intervals all of whose records the broker acknowledged
 * @param dropped intervals that arrived from the worker but were not acknowledged
 * @param measuredPublished published ones of the measured window
 * @param drifted intervals of the measured window in which the flow left its lane
 * @param driftReason how it left it in the first of them, and since when; null when it did not
 * @param sums what the intervals add up to, for an end whose worker did not live to report; null when none arrived
 */
public record Accounting(
        int published,
        int dropped,
        int measuredPublished,
        int drifted,
        @Nullable String driftReason,
        @Nullable EndReport sums) {
    public static final Accounting NONE = new Accounting(0, 0, 0, 0, null, null);
}
