package dev.flowlane.core.placement;

import dev.flowlane.core.placement.PlacementOutcome.NeedMore;

import java.util.List;

/**
 * Decides which candidates become flows, and on which CPUs. Maximum matching in general graphs where each end of a flow
 * takes one CPU, bounded exhaustive search where it takes more; see {@link LaneSearch}.
 */
public final class Placement {
    private Placement() {}

    /**
     * Places every flow of the run, or says what is missing. May be asked while some of the connections that were
     * opened have not been reported yet: then {@code Placed} is final, and {@code NeedMore} early.
     */
    public static PlacementOutcome place(PlacementRequest asked) {
        return place(asked, SourcePortHints.NONE);
    }

    /** As {@link #place(PlacementRequest)}, where some hosts' hash is known. */
    public static PlacementOutcome place(PlacementRequest asked, SourcePortHints hints) {
        PlacementRequest request = asked.withoutOwnClaims();
        Precheck precheck = precheck(request);
        switch (precheck) {
            case Precheck.Fits() -> {}
            case PlacementOutcome.Blocked blocked -> {
                return blocked;
            }
            case PlacementOutcome.Refused refused -> {
                return refused;
            }
        }
        Search search = search(request, request.others(), false);
        Search.Answer answer = search.solve(false);
        if (!answer.complete()) {
            List<CandidateDemand> demands = new Growth(request, hints).demands(search, answer.solutions());
            if (!demands.isEmpty()) {
                return new NeedMore(demands);
            }
            // The last chance of a flow whose ends hashing puts on one CPU of one machine every time.
            search = search(request, request.others(), true);
            answer = search.solve(true);
        }
        if (answer.complete()) {
            return new LaneWriter(request).write(search, answer.solutions());
        }
        return new Explainer(request).afterConnecting(search, answer);
    }

    /** What already speaks against the run before any connection is opened; looks at no candidates. */
    public static Precheck precheck(PlacementRequest request) {
        return new PreliminaryCheck(request.withoutOwnClaims()).check();
    }

    static Search search(PlacementRequest request, Ledger others, boolean overlapAllowed) {
        return Search.of(request, request.spec(), request.pairs(), request.candidates(), others, overlapAllowed);
    }
}
