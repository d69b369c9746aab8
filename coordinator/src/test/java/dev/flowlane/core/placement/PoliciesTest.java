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

import java.util.List;
import java.util.Map;

/** Cross, NUMA-local, SMT siblings and isolated CPUs. */
final class PoliciesTest {
    private static final Ledger NOBODY = Ledger.empty();

    @Test
    void twoFlowsSwapTheirReceiveCpusAtBothEnds() {
        Placed placed = placed(Fixtures.pairSpec(2, "application-cpu: cross"), Fixtures.apart("0-3"),
                Fixtures.hashed(0, 1, 2, 3), NOBODY);
        assertThat(placed.lanes()).extracting(Lane::sourceReceiveCpu, Lane::sourceApplicationCpu,
                        Lane::destinationReceiveCpu, Lane::destinationApplicationCpu)
                .containsExactly(tuple(0, 2, 1, 3), tuple(2, 0, 3, 1));
    }

    @Test
    void aCoupleClaimsItsCpusTogetherAndAgainstEverybodyElse() {
        Placed placed = placed(Fixtures.pairSpec(2, "application-cpu: cross"), Fixtures.apart("0-3"),
                Fixtures.hashed(0, 1, 2, 3), NOBODY);
        assertThat(placed.lanes().getFirst().claims()).containsExactly(
                new Claim("m1", 0, "r1.0", Exclusive.STRICT, Part.WHOLE, "r1.1"),
                new Claim("m1", 2, "r1.0", Exclusive.STRICT, Part.WHOLE, "r1.1"),
                new Claim("m2", 1, "r1.0", Exclusive.STRICT, Part.WHOLE, "r1.1"),
                new Claim("m2", 3, "r1.0", Exclusive.STRICT, Part.WHOLE, "r1.1"));
        Ledger ledger = NOBODY.with("r1", claims(placed));
        assertThat(ledger.violations()).isEmpty();
        assertThat(ledger.conflicts(new Claim("m1", 2, "r2.0", Exclusive.NONE))).containsExactly("r1");
        // What the second flow is seen to receive on is not in conflict with the first, which runs there.
        assertThat(ledger.conflicts(new Claim("m1", 2, "r1.1", Exclusive.STRICT))).isEmpty();
    }

    @Test
    void fourFlowsAreTwoCouples() {
        Placed placed = placed(Fixtures.pairSpec(4, "application-cpu: cross"), Fixtures.apart("0-7"),
                Fixtures.hashed(0, 0, 1, 1, 2, 2, 3, 3), NOBODY);
        assertThat(placed.lanes()).extracting(Lane::sourceApplicationCpu).containsExactly(1, 0, 3, 2);
        assertThat(NOBODY.with("r1", claims(placed)).violations()).isEmpty();
    }

    @Test
    void couplesOfDifferentPairsDoNotMix() {
        RunSpec spec = Fixtures.spec("topology: fan-in\nsources: [h0, h1]\ndestinations: [h2]\nflows: 2\n"
                + "placement: {application-cpu: cross}");
        Map<String, HostCpus> hosts = Fixtures.hosts(Fixtures.host("h0", "m0", "0-3"),
                Fixtures.host("h1", "m1", "0-3"), Fixtures.host("h2", "m2", "0-3"));
        List<CandidatePair> candidates = List.of(
                Fixtures.candidate(0, "h0", "h2", Steering.HASHED, 0, Steering.HASHED, 0),
                Fixtures.candidate(1, "h1", "h2", Steering.HASHED, 0, Steering.HASHED, 1),
                Fixtures.candidate(2, "h0", "h2", Steering.HASHED, 1, Steering.HASHED, 2),
                Fixtures.candidate(3, "h1", "h2", Steering.HASHED, 1, Steering.HASHED, 3));
        assertThat(placed(spec, hosts, candidates, NOBODY).lanes())
                .extracting(lane -> lane.pair().source(), Lane::destinationReceiveCpu,
                        Lane::destinationApplicationCpu)
                .containsExactly(tuple("h0", 0, 2), tuple("h0", 2, 0), tuple("h1", 1, 3), tuple("h1", 3, 1));
    }

    @Test
    void crossHasNoMeaningWhereTheReceiveCpuFollows() {
        Placed placed = placed(Fixtures.pairSpec(2, "application-cpu: cross"), Fixtures.apart("0-3"),
                Fixtures.following(Steering.FOLLOWS_RECEIVER, 2), NOBODY);
        assertThat(placed.notes()).contains(
                "application-cpu cross has no meaning at host-a: the receive CPU follows the application there");
        assertThat(placed.lanes()).allMatch(lane -> lane.sourceApplicationCpu() == lane.sourceReceiveCpu());
    }

    @Test
    void siblingsOfAFlowsCpusAreNobodyElses() {
        // 0 and 2 are one core, 1 and 3 the other.
        RunSpec spec = Fixtures.pairSpec(2, "");
        assertThat(Placement.place(Fixtures.request(spec, smt(4, 2), Fixtures.hashed(0, 0, 2, 2), NOBODY)))
                .isInstanceOf(NeedMore.class);
        Placed placed = placed(spec, smt(4, 2), Fixtures.hashed(0, 0, 2, 2, 1, 3), NOBODY);
        assertThat(placed.lanes().get(1).claims()).extracting(Claim::machineId, Claim::cpu)
                .containsExactly(tuple("m1", 1), tuple("m1", 3), tuple("m2", 3), tuple("m2", 1));
        placed(Fixtures.pairSpec(2, "smt: allow"), smt(4, 2), Fixtures.hashed(0, 0, 2, 2), NOBODY);
    }

    @Test
    void siblingsKeepRunsApartWhicheverCameFirst() {
        RunSpec avoid = Fixtures.pairSpec(1, "source-cpus: 0");
        RunSpec allow = Fixtures.pairSpec(1, "smt: allow, source-cpus: 2");
        Ledger avoided = NOBODY.with("r0", claims(placed("r0", avoid, smt(4, 2), Fixtures.hashed(0, 0))));
        Ledger allowed = NOBODY.with("r0", claims(placed("r0", allow, smt(4, 2), Fixtures.hashed(2, 0))));
        assertThat(Placement.precheck(PlacementRequest.beforeConnecting("r1", allow, smt(4, 2), avoided)))
                .isInstanceOf(Blocked.class);
        Precheck precheck = Placement.precheck(PlacementRequest.beforeConnecting("r1", avoid, smt(4, 2), allowed));
        assertThat(precheck).isInstanceOf(Blocked.class);
        assertThat(((Blocked) precheck).explanation().lines())
                .contains("run r0 holds CPU 2 of host-a; CPU 0 of host-b");
    }

    @Test
    void aMachineOfOneCoreStillCarriesALoopbackFlow() {
        HostCpus a = new HostCpus("host-a", "m1", CpuSet.parse("0-1"), CpuSet.empty(), Fixtures.topology(2, 2, 1));
        HostCpus b = new HostCpus("host-b", "m1", CpuSet.parse("0-1"), CpuSet.empty(), Fixtures.topology(2, 2, 1));
        Lane lane = placed(Fixtures.pairSpec(1, ""), Fixtures.hosts(a, b),
                Fixtures.following(Steering.FOLLOWS_SENDER, 1), NOBODY).lanes().getFirst();
        assertThat(List.of(lane.sourceApplicationCpu(), lane.destinationApplicationCpu())).containsExactly(0, 1);
        assertThat(Placement.precheck(PlacementRequest.beforeConnecting(
                "r1", Fixtures.pairSpec(2, "exclusive: per-side"), Fixtures.hosts(a, b), NOBODY)))
                .isInstanceOf(Refused.class);
    }

    @Test
    void theEndsOfALoopbackFlowAreOnDifferentCoresWhereThereAreTwo() {
        HostCpus a = new HostCpus("host-a", "m1", CpuSet.parse("0-3"), CpuSet.empty(), Fixtures.topology(4, 2, 1));
        HostCpus b = new HostCpus("host-b", "m1", CpuSet.parse("0-3"), CpuSet.empty(), Fixtures.topology(4, 2, 1));
        Lane lane = placed(Fixtures.pairSpec(1, ""), Fixtures.hosts(a, b),
                Fixtures.following(Steering.FOLLOWS_SENDER, 1), NOBODY).lanes().getFirst();
        assertThat(List.of(lane.sourceApplicationCpu(), lane.destinationApplicationCpu())).containsExactly(0, 1);
    }

    @Test
    void numaLocalTakesAnotherCoreOfTheNodeIsolatedOnesFirst() {
        // Cores 0 and 1 are node 0, cores 2 and 3 node 1; core n has CPUs n and n + 4.
        HostCpus a = new HostCpus("host-a", "m1", CpuSet.parse("0-7"), CpuSet.of(5), Fixtures.topology(8, 2, 2));
        HostCpus b = new HostCpus("host-b", "m2", CpuSet.parse("0-7"), CpuSet.empty(), Fixtures.topology(8, 2, 2));
        Lane lane = placed(Fixtures.pairSpec(1, "application-cpu: numa-local"), Fixtures.hosts(a, b),
                Fixtures.hashed(0, 6), NOBODY).lanes().getFirst();
        assertThat(lane.sourceApplicationCpu()).isEqualTo(5);
        assertThat(lane.destinationApplicationCpu()).isEqualTo(3);
        assertThat(lane.claims()).extracting(Claim::machineId, Claim::cpu).containsExactly(tuple("m1", 0),
                tuple("m1", 4), tuple("m1", 5), tuple("m1", 1), tuple("m2", 6), tuple("m2", 2), tuple("m2", 3),
                tuple("m2", 7));
    }

    @Test
    void numaLocalDoesNotLeaveTheNode() {
        RunSpec spec = Fixtures.pairSpec(1, "application-cpu: numa-local");
        Ledger others = NOBODY.with("r0", List.of(new Claim("m1", 4 + 1, "r0.0", Exclusive.STRICT)));
        HostCpus a = new HostCpus("host-a", "m1", CpuSet.parse("0-7"), CpuSet.empty(), Fixtures.topology(8, 2, 2));
        HostCpus b = new HostCpus("host-b", "m2", CpuSet.parse("0-7"), CpuSet.empty(), Fixtures.topology(8, 2, 2));
        PlacementRequest request = Fixtures.request(spec, Fixtures.hosts(a, b), Fixtures.hashed(0, 0), others);
        assertThat(Placement.place(Fixtures.atTheBound(request))).isInstanceOf(Blocked.class);
        placed(spec, Fixtures.hosts(a, b), Fixtures.hashed(0, 0, 2, 0), others);
    }

    @Test
    void isolatedOnlyLeavesTheOtherCpusAlone() {
        var hosts = Fixtures.hosts(
                new HostCpus("host-a", "m1", CpuSet.parse("0-3"), CpuSet.of(2, 3), List.of()),
                new HostCpus("host-b", "m2", CpuSet.parse("0-3"), CpuSet.of(1), List.of()));
        RunSpec spec = Fixtures.pairSpec(1, "isolated-only: true");
        assertThat(Placement.place(Fixtures.request(spec, hosts, Fixtures.hashed(0, 1, 2, 0), NOBODY)))
                .isInstanceOf(NeedMore.class);
        Lane lane = placed(spec, hosts, Fixtures.hashed(0, 1, 2, 0, 3, 1), NOBODY).lanes().getFirst();
        assertThat(lane.candidateId()).isEqualTo(2);
        Precheck two = Placement.precheck(PlacementRequest.beforeConnecting(
                "r1", Fixtures.pairSpec(2, "isolated-only: true"), hosts, NOBODY));
        assertThat(((Refused) two).explanation().suggestions()).contains("placement.isolated-only: false");
    }

    private static List<Claim> claims(Placed placed) {
        return placed.lanes().stream().flatMap(lane -> lane.claims().stream()).toList();
    }

    /** host-a and host-b on machines of their own, with so many CPUs in cores of so many. */
    private static Map<String, HostCpus> smt(int cpus, int threads) {
        CpuSet all = CpuSet.parse("0-" + (cpus - 1));
        return Fixtures.hosts(
                new HostCpus("host-a", "m1", all, CpuSet.empty(), Fixtures.topology(cpus, threads, 1)),
                new HostCpus("host-b", "m2", all, CpuSet.empty(), Fixtures.topology(cpus, threads, 1)));
    }

    private static Placed placed(
            RunSpec spec, Map<String, HostCpus> hosts, List<CandidatePair> candidates, Ledger others) {
        PlacementRequest request = Fixtures.request(spec, hosts, candidates, others);
        PlacementOutcome outcome = Placement.place(request);
        assertThat(outcome).isInstanceOf(Placed.class);
        Placed placed = (Placed) outcome;
        assertThat(new LaneChecker(request).violations(placed.lanes())).isEmpty();
        return placed;
    }

    private static Placed placed(
            String runId, RunSpec spec, Map<String, HostCpus> hosts, List<CandidatePair> candidates) {
        PlacementOutcome outcome = Placement.place(new PlacementRequest(
                runId, spec, Pairs.of(spec), candidates, hosts, NOBODY, candidates.size()));
        assertThat(outcome).isInstanceOf(Placed.class);
        return (Placed) outcome;
    }
}
