package dev.flowlane.core.placement;

import java.util.List;
import java.util.SortedSet;

/** What {@link Placement#place} decided. */
public sealed interface PlacementOutcome {
    /**
     * Every flow has a lane.
     *
     * @param lanes in flow order: by pair, then by candidate
     * @param notes what a person should know about the choice, such as an offset that means nothing on loopback
     */
    record Placed(List<Lane> lanes, List<String> notes) implements PlacementOutcome {
        public Placed {
            lanes = List.copyOf(lanes);
            notes = List.copyOf(notes);
        }
    }

    /** Open these in addition, then ask again; never more than max-candidates in all. */
    record NeedMore(List<CandidateDemand> demands) implements PlacementOutcome {
        public NeedMore {
            demands = List.copyOf(demands);
        }
    }

    /** It would fit if these live runs did not hold what it needs. */
    record Blocked(SortedSet<String> runIds, Explanation explanation) implements PlacementOutcome, Precheck {}

    /** It does not fit, and waiting does not help. */
    record Refused(Explanation explanation) implements PlacementOutcome, Precheck {}
}
