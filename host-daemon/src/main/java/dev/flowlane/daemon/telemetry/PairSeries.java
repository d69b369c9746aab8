package dev.flowlane.daemon.telemetry;

import dev.flowlane.worker.protocol.IntervalReport;
import org.jspecify.annotations.Nullable;

import java.util.EnumMap;
import java.util.Map;

/**
 * Figures of all flow ends of a pair of hosts in a run. There are never more of them than flow ends of the runs that
 * are shown, so they need no budget. Not thread-safe.
 */
final class PairSeries {
    /** Label {@code flow_id} of what there was no room for flow by flow. */
    static final String OTHER = "other";

    private final FlowSeries other;
    private final Map<Phase, RoundTripSum> roundTrips = new EnumMap<>(Phase.class);
    private final Map<Phase, RoundTripSum> intended = new EnumMap<>(Phase.class);
    private boolean othersIn;

    PairSeries(Pair pair) {
        other = new FlowSeries(pair, OTHER, null);
    }

    void add(IntervalReport interval) {
        if (interval.roundTripHistogram().size() > 0) {
            roundTrips
                    .computeIfAbsent(Phase.of(interval), _ -> new RoundTripSum())
                    .add(RoundTrips.decode(interval.roundTripHistogram().toArray()));
        }
        if (interval.intendedRoundTripHistogram().size() > 0) {
            intended.computeIfAbsent(Phase.of(interval), _ -> new RoundTripSum())
                    .add(RoundTrips.decode(interval.intendedRoundTripHistogram().toArray()));
        }
    }

    Pair pair() {
        return other.pair();
    }

    /** Takes in a flow end that has no figures of its own. */
    FlowSeries takeIn() {
        othersIn = true;
        return other;
    }

    /** Flow ends that have no figures of their own, together; null when there are none. */
    @Nullable FlowSeries other() {
        return othersIn ? other : null;
    }

    /** From the actual send times; empty when no round trips are timed at this end. */
    Map<Phase, RoundTripSum> roundTrips() {
        return roundTrips;
    }

    /** From the intended send times; empty without a pace. */
    Map<Phase, RoundTripSum> intended() {
        return intended;
    }
}
