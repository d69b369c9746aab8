package dev.flowlane.core.run;

import dev.flowlane.core.steering.PredictionTrust;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * Everything the coordinator knows.
 *
 * @param epoch of this coordinator; 0 before {@link Input.CoordinatorStarted}
 * @param secret of this epoch; run keys are derived from it and it is never written anywhere
 * @param commands host commands sent in this epoch, for their ids
 * @param hosts by host id
 * @param known every live run and the newest terminal ones
 * @param trust in predicted receive CPUs; begins anew with each coordinator
 * @param limits of this coordinator's settings
 */
public record FleetState(
        long epoch,
        OpaqueBytes secret,
        long commands,
        PSortedMap<String, HostView> hosts,
        Runs known,
        PredictionTrust trust,
        Limits limits) {

    /** Before the start. */
    public static final FleetState INITIAL =
            new FleetState(
                    0, OpaqueBytes.of(new byte[0]), 0, TreePMap.empty(), Runs.NONE, PredictionTrust.NEW, Limits.NONE);

    /** The runs by run id. */
    public PSortedMap<String, RunRecord> runs() {
        return known.byId();
    }
}
