package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.flowlane.core.placement.Claim.Part;
import dev.flowlane.core.placement.PlacementOutcome.Blocked;
import dev.flowlane.core.placement.PlacementOutcome.NeedMore;
import dev.flowlane.core.placement.PlacementOutcome.Placed;
import dev.flowlane.core.placement.PlacementOutcome.Refused;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

final class PlacementTest {
    private static final Ledger NOBODY = Ledger.empty();

    @Test
    void oneLoopbackFlowTakesBothCpusOfTheMachine() {
        Lane lane = only(Placement.place(Fixtures.request(Fixtures.pairSpec(1, ""), Fixtures.together("0-1"),
                Fixtures.following(Steering.FOLLOWS_SENDER, 2), NOBODY)));
        assertThat(lane).isEqualTo(new Lane(new HostPair("host-a", "host-b"), 0, 0, -1, 1, -1, List.of(
                new Claim("m1", 0, "r1.0", Exclusive.STRICT, Part.WHOLE),
                new Claim("m1", 1, "r1.0", Exclusive.STRICT, Part.WHOLE))));
    }

    @Test
    void oneCpuServesBothEndsOnlyWhenTheSetsHoldNoOther() {
        Lane lane = only(Placement.place(Fixtures.request(
                Fixtures.pairSpec(1, "source-cpus: 1, destination-cpus: 1"), Fixtures.together("0-1"),
                Fixtures.following(Steering.FOLLOWS_SENDER, 1), NOBODY)));
        assertThat(List.of(lane.sourceApplicationCpu(), lane.destinationApplicationCpu())).containsExactly(1, 1);
        assertThat(lane.claims()).containsExactly(new Claim("m1", 1, "r1.0", Exclusive.STRICT, Part.WHOLE));
    }

    @Test
    void twoLoopbackFlowsOnTwoCpusAreRefusedAtOnce() {
        RunSpec spec = Fixtures.pairSpec(2, "");
        assertThat(Placement.precheck(PlacementRequest.beforeConnecting("r1", spec, Fixtures.together("0-1"), NOBODY)))
                .isInstanceOf(Refused.class);
    }

    @Test
    void twoLoopbackFlowsPerSideTakeOneCpuEach() {
        Placed placed = placed(Fixtures.pairSpec(2, "exclusive: per-side"), Fixtures.together("0-1"),
                Fixtures.following(Steering.FOLLOWS_SENDER, 2));
        assertThat(placed.lanes()).allMatch(lane -> lane.sourceApplicationCpu() == lane.destinationApplicationCpu());
    }

    @Test
    void loopbackFlowsOfNoPolicyAreSpread() {
        Placed placed = placed(Fixtures.pairSpec(4, "exclusive: none"), Fixtures.together("0-1"),
                Fixtures.following(Steering.FOLLOWS_SENDER, 4));
        assertThat(placed.lanes()).allMatch(lane -> lane.sourceApplicationCpu() != lane.destinationApplicationCpu());
    }

    @Test
    void anUnpinnedLoopbackFlowClaimsNothingAndSaysSo() {
        Placed placed = placed(Fixtures.pairSpec(1, "application-cpu: unpinned"), Fixtures.together("0-1"),
                Fixtures.following(Steering.FOLLOWS_SENDER, 1));
        assertThat(placed.lanes().getFirst().claims()).isEmpty();
        assertThat(placed.notes()).containsExactly(
                "no CPU is claimed at host-a: the receive CPU follows the sending CPU there, and the worker is not"
                        + " pinned",
                "no CPU is claimed at host-b: the receive CPU follows the sending CPU there, and the worker is not"
                        + " pinned");
    }

    @Test
    void anUnpinnedHashedFlowClaimsItsReceiveCpus() {
        Lane lane = only(Placement.place(Fixtures.request(Fixtures.pairSpec(1, "application-cpu: unpinned"),
                Fixtures.apart("0-3"), Fixtures.hashed(2, 3), NOBODY)));
        assertThat(lane.sourceApplicationCpu()).isEqualTo(-1);
        assertThat(lane.claims()).extracting(Claim::machineId, Claim::cpu).containsExactly(
                tuple("m1", 2), tuple("m2", 3));
    }

    @Test
    void anOffsetHasNoMeaningWhereTheReceiveCpuFollows() {
        Placed placed = placed(Fixtures.pairSpec(1, "application-cpu: +1"), Fixtures.apart("0-3"),
                Fixtures.following(Steering.FOLLOWS_RECEIVER, 1));
        assertThat(placed.notes()).contains(
                "application-cpu +1 has no meaning at host-a: the receive CPU follows the application there");
        Lane lane = placed.lanes().getFirst();
        assertThat(lane.sourceReceiveCpu()).isEqualTo(lane.sourceApplicationCpu());
    }

    @Test
    void matchingUndoesAnEarlierChoice() {
        // In order of arrival 0-0 would be first and leave nothing for 0-1 and 1-0.
        Placed placed = placed(Fixtures.pairSpec(2, ""), Fixtures.apart("0-1"), Fixtures.hashed(0, 0, 0, 1, 1, 0));
        assertThat(placed.lanes()).extracting(Lane::candidateId).containsExactly(1, 2);
    }

    @Test
    void anOffsetKeepsOtherFlowsOffTheApplicationCpu() {
        RunSpec spec = Fixtures.pairSpec(2, "application-cpu: +1");
        assertThat(Placement.place(Fixtures.request(spec, Fixtures.apart("0-3"), Fixtures.hashed(0, 0, 1, 1), NOBODY)))
                .isInstanceOf(NeedMore.class);
        Placed placed = placed(spec, Fixtures.apart("0-3"), Fixtures.hashed(0, 0, 1, 1, 2, 2));
        assertThat(placed.lanes()).extracting(Lane::sourceReceiveCpu).containsExactly(0, 2);
        assertThat(placed.lanes()).extracting(Lane::sourceApplicationCpu).containsExactly(1, 3);
    }

    @Test
    void aListNamesTheApplicationCpus() {
        Placed placed = placed(Fixtures.pairSpec(2, "application-cpu: \"2-3\""), Fixtures.apart("0-3"),
                Fixtures.hashed(0, 0, 1, 1));
        assertThat(placed.lanes()).extracting(Lane::sourceApplicationCpu).containsExactly(2, 3);
        assertThat(placed.lanes()).extracting(Lane::destinationApplicationCpu).containsExactly(2, 3);
    }

    @Test
    void isolatedCpusArePreferred() {
        var hosts = Fixtures.hosts(
                new HostCpus("host-a", "m1", CpuSet.parse("0-3"), CpuSet.of(2), List.of()),
                Fixtures.host("host-b", "m2", "0-3"));
        Lane lane = only(Placement.place(Fixtures.request(Fixtures.pairSpec(1, ""), hosts,
                Fixtures.following(Steering.FOLLOWS_RECEIVER, 1), NOBODY)));
        assertThat(lane.sourceApplicationCpu()).isEqualTo(2);
        assertThat(lane.destinationApplicationCpu()).isEqualTo(0);
    }

    @Test
    void demandGrowsUpToTheBound() {
        RunSpec spec = Fixtures.pairSpec(4, "max-candidates: 64");
        var opened = new ArrayList<Integer>();
        var candidates = new ArrayList<CandidatePair>();
        for (int round = 0; round < 20; round++) {
            PlacementRequest request = Fixtures.request(spec, Fixtures.apart("0-7"), candidates, NOBODY);
            PlacementOutcome outcome = Placement.place(request);
            if (outcome instanceof NeedMore(List<CandidateDemand> demands)) {
                int count = demands.stream().mapToInt(CandidateDemand::count).sum();
                opened.add(count);
                // Every queue leads to one of three CPUs, so that four flows never fit.
                for (int i = 0; i < count; i++) {
                    candidates.add(Fixtures.candidate(candidates.size(), "host-a", "host-b", Steering.HASHED, i % 3,
                            Steering.HASHED, i % 8));
                }
            } else {
                assertThat(outcome).isInstanceOf(Refused.class);
                break;
            }
        }
        assertThat(opened).containsExactly(6, 4, 4, 4, 4, 4, 4, 4, 5, 5, 6, 7, 7);
    }

    @Test
    void followingFlowsAreNotAskedForTwice() {
        assertThat(Placement.place(Fixtures.request(Fixtures.pairSpec(3, ""), Fixtures.apart("0-7"),
                Fixtures.following(Steering.FOLLOWS_RECEIVER, 1), NOBODY)))
                .isEqualTo(new NeedMore(List.of(new CandidateDemand(new HostPair("host-a", "host-b"), 2))));
    }

    @Test
    void aKernelThatDoesNotTellEndsTheSearchEarly() {
        assertThat(Placement.place(Fixtures.request(Fixtures.pairSpec(1, ""), Fixtures.apart("0-7"),
                Fixtures.hashed(-1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0), NOBODY)))
                .isInstanceOf(Refused.class);
    }

    @Test
    void claimsOfOtherRunsBlockUntilTheyAreGone() {
        Ledger others = NOBODY.with("r0", List.of(new Claim("m1", 0, "r0.0", Exclusive.NONE, Part.APPLICATION)));
        RunSpec spec = Fixtures.pairSpec(1, "source-cpus: 0");
        Precheck precheck = Placement.precheck(
                PlacementRequest.beforeConnecting("r1", spec, Fixtures.apart("0-1"), others));
        assertThat(precheck).isInstanceOf(Blocked.class);
        assertThat(((Blocked) precheck).runIds()).containsExactly("r0");
        assertThat(Placement.precheck(
                PlacementRequest.beforeConnecting("r1", spec, Fixtures.apart("0-1"), others.without("r0"))))
                .isEqualTo(new Precheck.Fits());
    }

    @Test
    void hashingThatLeadsToClaimedCpusOnlyIsBlockedAtTheBound() {
        Ledger others = NOBODY.with("r0", List.of(new Claim("m2", 1, "r0.0", Exclusive.STRICT)));
        PlacementRequest request =
                Fixtures.request(Fixtures.pairSpec(1, ""), Fixtures.apart("0-3"), Fixtures.hashed(0, 1, 2, 1), others);
        assertThat(Placement.place(request)).isInstanceOf(NeedMore.class);
        assertThat(Placement.place(Fixtures.atTheBound(request))).isInstanceOf(Blocked.class);
    }

    @Test
    void claimsOfTheRunItselfAreNotInItsWay() {
        Ledger others = NOBODY.with("r1", List.of(new Claim("m1", 0, "r1.0", Exclusive.STRICT)));
        only(Placement.place(
                Fixtures.request(Fixtures.pairSpec(1, ""), Fixtures.apart("0-1"), Fixtures.hashed(0, 0), others)));
    }

    @Test
    void theStricterPolicyDecidesBetweenRuns() {
        for (Exclusive theirs : Exclusive.values()) {
            for (Exclusive ours : Exclusive.values()) {
                Ledger others = NOBODY.with("r0", List.of(
                        new Claim("m1", 0, "r0.0", theirs, Part.DESTINATION_RECEIVE)));
                PlacementOutcome outcome = Placement.place(Fixtures.request(
                        Fixtures.pairSpec(1, "exclusive: " + ours.name().toLowerCase(Locale.ROOT)
                                .replace('_', '-')),
                        Fixtures.apart("0-1"), Fixtures.hashed(0, 0), others));
                boolean strict = ours == Exclusive.STRICT || theirs == Exclusive.STRICT;
                // Our flow receives there as source: under per-side another side's receive CPU is no obstacle.
                assertThat(outcome instanceof Placed).as("%s after %s", ours, theirs).isNotEqualTo(strict);
            }
        }
    }

    @Test
    void aFlowWhoseEndsHashingPutsOnOneCpuIsTheLastResort() {
        PlacementRequest request = Fixtures.request(Fixtures.pairSpec(1, ""), Fixtures.together("0-1"),
                Fixtures.hashed(0, 0, 0, 0), NOBODY);
        assertThat(Placement.place(request)).isInstanceOf(NeedMore.class);
        assertThat(placed(Fixtures.atTheBound(request)).lanes().getFirst().claims()).hasSize(1);
        PlacementRequest four = Fixtures.request(Fixtures.pairSpec(2, ""), Fixtures.together("0-3"),
                Fixtures.hashed(0, 0, 1, 1, 0, 1), NOBODY);
        assertThat(Placement.place(Fixtures.atTheBound(four))).isInstanceOf(Refused.class);
    }

    @Test
    void aHostMayBeSourceAndDestination() {
        RunSpec ring = Fixtures.spec("topology: ring\nsources: [h0, h1, h2]\nflows: 2\n");
        Map<String, HostCpus> hosts = Fixtures.hosts(Fixtures.host("h0", "m0", "0-3"), Fixtures.host("h1", "m1", "0-3"),
                Fixtures.host("h2", "m2", "0-3"));
        var candidates = new ArrayList<CandidatePair>();
        for (HostPair pair : Pairs.of(ring)) {
            for (int cpu = 0; cpu < 16; cpu++) {
                candidates.add(Fixtures.candidate(candidates.size(), pair.source(), pair.destination(),
                        Steering.HASHED, cpu / 4, Steering.HASHED, cpu % 4));
            }
        }
        assertThat(placed(Fixtures.request(ring, hosts, candidates, NOBODY)).lanes()).hasSize(6);
    }

    @Test
    void fanInSharesTheDestinationAndRespectsWhatEachPairNeeds() {
        RunSpec spec = Fixtures.spec("topology: fan-in\nsources: [h0, h1]\ndestinations: [h2]\nflows: 2\n");
        Map<String, HostCpus> hosts = Fixtures.hosts(Fixtures.host("h0", "m0", "0-7"), Fixtures.host("h1", "m1", "0-7"),
                Fixtures.host("h2", "m2", "0-3"));
        var candidates = new ArrayList<CandidatePair>();
        // h0 reaches every CPU of h2, h1 only two: h0 must leave those to it.
        for (int cpu = 0; cpu < 8; cpu++) {
            candidates.add(Fixtures.candidate(candidates.size(), "h0", "h2", Steering.HASHED, cpu,
                    Steering.HASHED, cpu % 4));
            candidates.add(Fixtures.candidate(candidates.size(), "h1", "h2", Steering.HASHED, cpu,
                    Steering.HASHED, cpu % 2));
        }
        assertThat(placed(Fixtures.request(spec, hosts, candidates, NOBODY)).lanes())
                .extracting(lane -> lane.pair().source()).containsExactly("h0", "h0", "h1", "h1");
    }

    @Test
    void aFullNicIsMatchedToTheLastQueue() {
        RunSpec spec = Fixtures.pairSpec(64, "max-candidates: 4096");
        var random = new Random(1);
        var candidates = new ArrayList<CandidatePair>();
        PlacementOutcome outcome;
        do {
            outcome = Placement.place(Fixtures.request(spec, Fixtures.apart("0-63"), candidates, NOBODY));
            if (outcome instanceof NeedMore(List<CandidateDemand> demands)) {
                for (int i = 0; i < demands.getFirst().count(); i++) {
                    candidates.add(Fixtures.candidate(candidates.size(), "host-a", "host-b", Steering.HASHED,
                            random.nextInt(64), Steering.HASHED, random.nextInt(64)));
                }
            }
        } while (outcome instanceof NeedMore);
        assertThat(outcome).isInstanceOf(Placed.class);
        assertThat(new LaneChecker(Fixtures.request(spec, Fixtures.apart("0-63"), candidates, NOBODY))
                .violations(((Placed) outcome).lanes())).isEmpty();
    }

    @Test
    void manyOverlappingOffsetsEndInBoundedTime() {
        RunSpec spec = Fixtures.pairSpec(40, "application-cpu: +1");
        var random = new Random(2);
        var candidates = new ArrayList<CandidatePair>();
        for (int i = 0; i < 512; i++) {
            candidates.add(Fixtures.candidate(i, "host-a", "host-b", Steering.HASHED, random.nextInt(64),
                    Steering.HASHED, random.nextInt(64)));
        }
        assertThat(Placement.place(Fixtures.request(spec, Fixtures.apart("0-63"), candidates, NOBODY)))
                .isInstanceOf(Refused.class);
    }

    private static Placed placed(RunSpec spec, Map<String, HostCpus> hosts, List<CandidatePair> candidates) {
        return placed(Fixtures.request(spec, hosts, candidates, NOBODY));
    }

    private static Placed placed(PlacementRequest request) {
        PlacementOutcome outcome = Placement.place(request);
        assertThat(outcome).isInstanceOf(Placed.class);
        Placed placed = (Placed) outcome;
        assertThat(new LaneChecker(request).violations(placed.lanes())).isEmpty();
        return placed;
    }

    private static Lane only(PlacementOutcome outcome) {
        assertThat(outcome).isInstanceOf(Placed.class);
        assertThat(((Placed) outcome).lanes()).hasSize(1);
        return ((Placed) outcome).lanes().getFirst();
    }
}
