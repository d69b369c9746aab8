package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.PlacementOutcome.Blocked;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.NavigableSet;

final class ClosableTest {
    private static final Ledger NOBODY = Ledger.empty();

    @Test
    void oneOfAKindIsKept() {
        assertThat(closable(Fixtures.pairSpec(2, ""), Fixtures.hashed(0, 0, 1, 1, 0, 0, 0, 1, 1, 1), NOBODY))
                .containsExactly(2, 4);
    }

    @Test
    void whatTheSpecOrTheHostRulesOutIsClosed() {
        assertThat(closable(Fixtures.pairSpec(2, "source-cpus: 0-1"), Fixtures.hashed(0, 0, 2, 1, 1, 9), NOBODY))
                .containsExactly(1, 2);
    }

    @Test
    void asManyFollowersAsFlowsAreKept() {
        assertThat(closable(Fixtures.pairSpec(2, ""), Fixtures.following(Steering.FOLLOWS_RECEIVER, 5), NOBODY))
                .containsExactly(2, 3, 4);
    }

    @Test
    void asManyAsFlowsAreKeptWhereNothingIsExclusive() {
        assertThat(closable(Fixtures.pairSpec(2, "exclusive: none"), Fixtures.hashed(0, 0, 0, 0, 0, 0), NOBODY))
                .containsExactly(2);
    }

    @Test
    void theLastResortOfAFlowOnOneMachineStaysOpen() {
        PlacementRequest request = Fixtures.request(Fixtures.pairSpec(1, ""), Fixtures.together("0-3"),
                Fixtures.hashed(0, 0, 0, 0, 1, 1), NOBODY);
        assertThat(Closable.of(request)).containsExactly(1);
    }

    @Test
    void aRunInTheWayIsNamedAlsoWhenItsCandidatesAreClosed() {
        Ledger others = NOBODY.with("r0", List.of(new Claim("m2", 1, "r0.0", Exclusive.STRICT)));
        RunSpec spec = Fixtures.pairSpec(1, "");
        List<CandidatePair> all = Fixtures.hashed(0, 1, 2, 1);
        assertThat(closable(spec, all, others)).containsExactly(0, 1);
        PlacementRequest open = Fixtures.request(spec, Fixtures.apart("0-7"), all, others);
        var closed = new PlacementRequest(open.runId(), spec, open.pairs(), List.of(), all, open.hosts(), others, 512);
        PlacementOutcome outcome = Placement.place(closed);
        assertThat(outcome).isInstanceOf(Blocked.class).isEqualTo(Placement.place(Fixtures.atTheBound(open)));
        assertThat(((Blocked) outcome).explanation().reachable()).hasSize(2);
    }

    @Test
    void theAnswerIsTheSameWithoutWhatCanBeClosed() {
        int closed = 0;
        for (long seed = 0; seed < 1500; seed++) {
            PlacementRequest request = new RandomPlacements(seed).next();
            NavigableSet<Integer> closable = Closable.of(request);
            closed += closable.size();
            var without = new PlacementRequest(request.runId(), request.spec(), request.pairs(),
                    request.candidates().stream().filter(c -> !closable.contains(c.candidateId())).toList(),
                    request.candidates().stream().filter(c -> closable.contains(c.candidateId())).toList(),
                    request.hosts(), request.others(), request.candidatesOpened());
            assertThat(kind(Placement.place(without)))
                    .as("seed %d: %s without %s", seed, request, closable)
                    .isEqualTo(kind(Placement.place(request)));
        }
        assertThat(closed).isGreaterThan(500);
    }

    /** Lanes and demands, or who is in the way; the words of an explanation may count candidates differently. */
    private static Object kind(PlacementOutcome outcome) {
        return switch (outcome) {
            case PlacementOutcome.Placed placed -> placed;
            case PlacementOutcome.NeedMore more -> more;
            case Blocked(var runIds, var _) -> runIds;
            case PlacementOutcome.Refused(Explanation explanation) -> explanation.flowsPlaced();
        };
    }

    private static NavigableSet<Integer> closable(RunSpec spec, List<CandidatePair> candidates, Ledger others) {
        return Closable.of(Fixtures.request(spec, Fixtures.apart("0-7"), candidates, others));
    }
}
