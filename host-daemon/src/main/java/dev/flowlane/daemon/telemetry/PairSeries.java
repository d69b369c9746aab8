package dev.flowlane.daemon.telemetry;

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

    void add(DecodedInterval interval) {
        Phase phase = Phase.of(interval.report());
        add(interval.roundTrips(), roundTrips, phase);
        add(interval.intendedRoundTrips(), intended, phase);
    }

    private static void add(@Nullable RecordedRoundTrips recorded, Map<Phase, RoundTripSum> sums, Phase phase) {
        if (recorded != null) {
            sums.computeIfAbsent(phase, _ -> new RoundTripSum()).add(recorded);
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
