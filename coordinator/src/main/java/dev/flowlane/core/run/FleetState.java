package dev.flowlane.core.run;

import dev.flowlane.core.steering.PredictionTrust;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything the coordinator knows.
 *
 * @param epoch of this coordinator; 0 before {@link Input.CoordinatorStarted}
 * @param secret of this epoch; run keys are derived from it and it is never written anywhere
 * @param commands host commands sent in this epoch, for their ids
 * @param hosts by host id
 * @param runs by run id: every live one and the newest terminal ones
 * @param trust in predicted receive CPUs; begins anew with each coordinator
 * @param limits of this coordinator's settings
 */
public record FleetState(
        long epoch,
        OpaqueBytes secret,
        long commands,
        SortedMap<String, HostView> hosts,
        SortedMap<String, RunRecord> runs,
        PredictionTrust trust,
        Limits limits) {

    /** Before the start. */
    public static final FleetState INITIAL =
            new FleetState(
                    0, OpaqueBytes.of(new byte[0]), 0, new TreeMap<>(), new TreeMap<>(), PredictionTrust.NEW,
                    Limits.NONE);

    public FleetState {
        hosts = Collections.unmodifiableSortedMap(hosts);
        runs = Collections.unmodifiableSortedMap(runs);
    }
}
