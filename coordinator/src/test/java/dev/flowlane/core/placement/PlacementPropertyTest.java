package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.PlacementPolicy;
import org.junit.jupiter.api.Test;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Random small cases. A seed that fails is named, and {@link #answer} runs it alone. */
final class PlacementPropertyTest {
    private static final int SEEDS = 3000;

    @Test
    void lanesKeepThePolicyTheHostsAndTheLedger() {
        for (long seed = 0; seed < SEEDS; seed++) {
            PlacementRequest request = new RandomPlacements(seed).next();
            if (Placement.place(request) instanceof PlacementOutcome.Placed placed) {
                assertThat(new LaneChecker(request).violations(placed.lanes()))
                        .as("seed %d: %s -> %s", seed, request, placed)
                        .isEmpty();
                Ledger ledger = request.others().with("r1",
                        placed.lanes().stream().flatMap(lane -> lane.claims().stream()).toList());
                assertThat(ledger.violations())
                        .as("seed %d", seed)
                        .allMatch(conflict -> !conflict.runId().equals("r1") && !conflict.otherRunId().equals("r1"));
            }
        }
    }

    @Test
    void whatFitsIsPlacedAndWhatDoesNotIsNot() {
        Map<String, Integer> seen = new HashMap<>();
        Map<String, Integer> compared = new TreeMap<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            PlacementRequest request = new RandomPlacements(seed).next();
            int flows = request.pairs().size() * request.spec().flowsPerPair();
            boolean fits = new BruteForce(request).largest() == flows;
            PlacementOutcome outcome = Placement.place(request);
            if (fits && sidesAreJoined(request)) {
                continue;
            }
            seen.merge(outcome.getClass().getSimpleName(), 1, Integer::sum);
            PlacementPolicy policy = request.spec().placement();
            compared.merge(request.spec().topology() + " " + policy.applicationCpu().getClass().getSimpleName(), 1,
                    Integer::sum);
            compared.merge(policy.exclusive() + " " + policy.smt(), 1, Integer::sum);
            assertThat(outcome instanceof PlacementOutcome.Placed)
                    .as("seed %d: %s -> %s", seed, request, outcome)
                    .isEqualTo(fits);
        }
        assertThat(seen).containsOnlyKeys("Placed", "NeedMore", "Blocked", "Refused")
                .allSatisfy((outcome, count) -> assertThat(count).as(outcome).isGreaterThan(SEEDS / 50));
        // Every policy with every topology, and every way to be exclusive.
        assertThat(compared).hasSize(5 * 6 + 3 * 2)
                .allSatisfy((kind, count) -> assertThat(count).as(kind).isGreaterThan(SEEDS / 100));
    }

    @Test
    void theLargestMatchingIsNamed() {
        Map<Exclusive, Integer> exact = new EnumMap<>(Exclusive.class);
        for (long seed = 0; seed < SEEDS; seed++) {
            PlacementRequest request = Fixtures.atTheBound(new RandomPlacements(seed).next());
            int largest = new BruteForce(request).largest();
            PlacementOutcome outcome = Placement.place(request);
            Explanation explanation = switch (outcome) {
                case PlacementOutcome.Refused(Explanation refused) -> refused;
                case PlacementOutcome.Blocked(var _, Explanation blocked) -> blocked;
                case PlacementOutcome.Placed _, PlacementOutcome.NeedMore _ -> null;
            };
            boolean afterConnecting = explanation != null && !(Placement.precheck(request) instanceof PlacementOutcome);
            if (explanation != null && afterConnecting && !sidesAreJoined(request)) {
                assertThat(explanation.flowsPlaced()).as("seed %d: %s", seed, request).isLessThanOrEqualTo(largest);
                if (explanation.exact()) {
                    assertThat(explanation.flowsPlaced()).as("seed %d: %s", seed, request).isEqualTo(largest);
                    exact.merge(request.spec().placement().exclusive(), 1, Integer::sum);
                }
                assertThat(explanation.lines()).isNotEmpty().allSatisfy(line -> assertThat(line).isNotBlank());
            }
        }
        assertThat(exact.getOrDefault(Exclusive.STRICT, 0)).isGreaterThan(20);
        assertThat(exact.getOrDefault(Exclusive.PER_SIDE, 0)).isGreaterThan(20);
    }

    @Test
    void precheckRefusesOnlyWhatCannotBe() {
        for (long seed = 0; seed < SEEDS; seed++) {
            PlacementRequest request = new RandomPlacements(seed).next();
            int flows = request.pairs().size() * request.spec().flowsPerPair();
            if (!(Placement.precheck(request) instanceof Precheck.Fits)) {
                assertThat(new BruteForce(request).largest()).as("seed %d: %s", seed, request).isLessThan(flows);
            }
        }
    }

    @Test
    void whatIsBlockedFitsOnceTheBlockingRunsAreGone() {
        int blocked = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            PlacementRequest request = new RandomPlacements(seed).next();
            if (Placement.place(request) instanceof PlacementOutcome.Blocked(var runIds, var _)) {
                blocked++;
                Ledger rest = request.others();
                for (String runId : runIds) {
                    rest = rest.without(runId);
                }
                var without = new PlacementRequest("r1", request.spec(), request.pairs(), request.candidates(),
                        request.hosts(), rest, request.candidatesOpened());
                assertThat(runIds).as("seed %d", seed).isNotEmpty();
                assertThat(Placement.place(without)).as("seed %d: %s", seed, request)
                        .isInstanceOfAny(PlacementOutcome.Placed.class, PlacementOutcome.NeedMore.class,
                                PlacementOutcome.Refused.class);
                assertThat(Placement.precheck(without)).as("seed %d", seed).isEqualTo(new Precheck.Fits());
            }
        }
        assertThat(blocked).isGreaterThan(20);
    }

    @Test
    void theSameRequestGetsTheSameAnswer() {
        for (long seed = 0; seed < SEEDS / 4; seed++) {
            assertThat(answer(seed)).as("seed %d", seed).isEqualTo(answer(seed));
        }
    }

    @Test
    void demandsStayWithinTheBound() {
        for (long seed = 0; seed < SEEDS; seed++) {
            PlacementRequest request = new RandomPlacements(seed).next();
            if (Placement.place(request) instanceof PlacementOutcome.NeedMore more) {
                int asked = more.demands().stream().mapToInt(CandidateDemand::count).sum();
                assertThat(asked).as("seed %d", seed).isPositive();
                assertThat(more.demands()).allMatch(demand -> demand.count() > 0
                        && request.pairs().contains(demand.pair()));
                assertThat(request.candidatesOpened() + asked)
                        .isLessThanOrEqualTo(request.spec().placement().maxCandidates());
            }
        }
    }

    /**
     * Whether a machine has flow ends that receive on the sender's CPU beside others, under per-side: there placement
     * does not tell the sides apart and may refuse what would do (see {@link Nodes}).
     */
    private static boolean sidesAreJoined(PlacementRequest request) {
        if (request.spec().placement().exclusive() != Exclusive.PER_SIDE) {
            return false;
        }
        return request.candidates().stream().anyMatch(local -> followsSender(local)
                && local.source().steering() != local.destination().steering())
                || request.candidates().stream().anyMatch(local -> followsSender(local)
                && request.candidates().stream().anyMatch(other -> !followsSender(other)
                        && Stream.of(other.sourceHostId(), other.destinationHostId())
                                .anyMatch(hostId -> machine(request, hostId).equals(
                                        machine(request, local.sourceHostId())))));
    }

    private static boolean followsSender(CandidatePair candidate) {
        return candidate.source().steering() == Steering.FOLLOWS_SENDER
                || candidate.destination().steering() == Steering.FOLLOWS_SENDER;
    }

    private static String machine(PlacementRequest request, String hostId) {
        return request.host(hostId).machineId();
    }

    private static String answer(long seed) {
        PlacementRequest request = new RandomPlacements(seed).next();
        return Placement.place(request) + " " + Placement.precheck(request);
    }
}
