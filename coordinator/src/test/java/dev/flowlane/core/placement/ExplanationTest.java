package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The texts that people get, word for word. */
final class ExplanationTest {
    private static final Ledger NOBODY = Ledger.empty();

    @Test
    void twoStrictFlowsOnLoopbackOfTwoCpus() {
        assertThat(precheck(Fixtures.pairSpec(2, ""), Fixtures.together("0-1"), NOBODY)).isEqualTo("""
                not enough CPUs for 2 flows: 1 fits
                4 flow ends (2 at host-a, 2 at host-b) need a CPU each, but may only use CPUs 0-1 of host-a, host-b
                largest set found: 1 of 2 flows
                what would help: flows: 1; placement.exclusive: per-side; placement.exclusive: none""");
    }

    @Test
    void aCpuSetThatIsTooNarrow() {
        assertThat(precheck(Fixtures.pairSpec(3, "source-cpus: 0-1"), Fixtures.apart("0-7"), NOBODY)).isEqualTo("""
                not enough CPUs for 3 flows: 2 fit
                3 flow ends (3 at host-a) need a CPU each, but may only use CPUs 0-1 of host-a
                largest set found: 2 of 3 flows
                what would help: flows: 2; wider placement.source-cpus or destination-cpus; \
                placement.exclusive: none""");
    }

    @Test
    void coresThatAreTooFewWhereSiblingsAreAvoided() {
        Map<String, HostCpus> hosts = Fixtures.hosts(
                new HostCpus("host-a", "m1", CpuSet.parse("0-3"), CpuSet.empty(), Fixtures.topology(4, 2, 1)),
                new HostCpus("host-b", "m2", CpuSet.parse("0-3"), CpuSet.empty(), Fixtures.topology(4, 2, 1)));
        assertThat(precheck(Fixtures.pairSpec(3, ""), hosts, NOBODY)).isEqualTo("""
                not enough CPUs for 3 flows: 2 fit
                3 flow ends (3 at host-a) need a core each, but may only use the cores of CPUs 0-3 of host-a
                largest set found: 2 of 3 flows
                what would help: flows: 2; placement.smt: allow; placement.exclusive: none""");
    }

    @Test
    void isolatedCpusThatAreMissing() {
        assertThat(precheck(Fixtures.pairSpec(1, "isolated-only: true"), Fixtures.apart("0-3"), NOBODY)).isEqualTo("""
                isolated-only: none of the CPUs 0-3 that host-a allows is isolated
                what would help: placement.isolated-only: false; isolcpus= on its kernel command line""");
    }

    @Test
    void aNodeWithoutASecondCore() {
        Map<String, HostCpus> hosts = Fixtures.hosts(
                new HostCpus("host-a", "m1", CpuSet.parse("0-3"), CpuSet.empty(), Fixtures.topology(4, 2, 2)),
                new HostCpus("host-b", "m2", CpuSet.parse("0-3"), CpuSet.empty(), Fixtures.topology(4, 2, 1)));
        assertThat(atTheBound(Fixtures.pairSpec(1, "application-cpu: numa-local"), hosts, Fixtures.hashed(0, 0, 1, 1),
                NOBODY)).isEqualTo("""
                no lanes for 1 flow after 512 connections: none fits
                none of the 2 connections host-a → host-b leads to CPUs that flows may use and that are free
                receive CPUs reached at host-a: 0 (once), 1 (once)
                receive CPUs reached at host-b: 0 (once), 1 (once)
                what would help: placement.application-cpu: same-core; placement.max-candidates above 512""");
    }

    @Test
    void anEvenNumberOfFlowsIsAdvisedForCross() {
        String text = precheck(Fixtures.pairSpec(6, "application-cpu: cross"), Fixtures.apart("0-4"), NOBODY);
        assertThat(text).isEqualTo("""
                not enough CPUs for 6 flows: 5 fit
                6 flow ends (6 at host-a) need a CPU each, but may only use CPUs 0-4 of host-a
                largest set found: 5 of 6 flows
                what would help: flows: 4; placement.exclusive: none""");
    }

    @Test
    void aCpuSetThatTheHostDoesNotAllow() {
        assertThat(precheck(Fixtures.pairSpec(1, "source-cpus: 8-9"), Fixtures.apart("0-1"), NOBODY)).isEqualTo("""
                host-a allows CPUs 0-1, none of them in source-cpus 8-9
                what would help: set placement.source-cpus to CPUs of 0-1""");
        assertThat(precheck(Fixtures.pairSpec(1, "application-cpu: 8"), Fixtures.apart("0-1"), NOBODY)).isEqualTo("""
                flows may use CPUs 0-1 at host-a, none of them in the list of application-cpu
                what would help: set placement.application-cpu to CPUs of 0-1""");
    }

    @Test
    void aHostThatNobodyKnows() {
        assertThat(precheck(Fixtures.spec("sources: [host-a]\ndestinations: [nosuch]"), Fixtures.apart("0"), NOBODY))
                .isEqualTo("""
                host nosuch is not known
                what would help: start its daemon; flowlane hosts list shows the hosts that are there""");
    }

    @Test
    void claimsOfAnotherRun() {
        Ledger others = NOBODY.with("nightly-7", List.of(
                new Claim("m1", 0, "nightly-7.0", Exclusive.STRICT),
                new Claim("m1", 1, "nightly-7.0", Exclusive.STRICT)));
        assertThat(precheck(Fixtures.pairSpec(1, ""), Fixtures.together("0-1"), others)).isEqualTo("""
                CPUs for 1 flow are held by run nightly-7
                run nightly-7 holds CPUs 0-1 of host-a, host-b
                what would help: wait for run nightly-7 to end, or cancel it; placement.source-cpus and \
                destination-cpus that the other runs leave""");
    }

    @Test
    void receiveQueuesThatLeadToTooFewCpus() {
        assertThat(atTheBound(Fixtures.pairSpec(4, ""), Fixtures.apart("0-7"),
                Fixtures.hashed(0, 0, 1, 1, 2, 2, 3, 0, 4, 1, 0, 2, 0, 2), NOBODY)).isEqualTo("""
                no lanes for 4 flows after 512 connections: 3 fit
                each of the 7 usable connections host-a → host-b takes one of CPUs 0-2 of host-b, so no more than 3 fit
                receive CPUs reached at host-a: 0 (3 times), 1 (once), 2 (once), 3 (once), 4 (once)
                receive CPUs reached at host-b: 0 (twice), 1 (twice), 2 (3 times)
                largest set found: 3 of 4 flows
                what would help: flows: 3; placement.exclusive: none; receive queues of host-b that lead to more \
                than 3 of its 8 CPUs (ethtool -L and -X, or rps_cpus); placement.max-candidates above 512""");
    }

    @Test
    void anOddSetOfCpusOfOneMachine() {
        // Three CPUs, every two of them reachable together: room for one flow, though no CPU is in all candidates.
        assertThat(atTheBound(Fixtures.pairSpec(2, ""), Fixtures.together("0-3"),
                Fixtures.hashed(0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 0), NOBODY)).isEqualTo("""
                no lanes for 2 flows after 512 connections: 1 fits
                each of the 6 usable connections host-a → host-b takes two of CPUs 0-2 of host-a, host-b (room for 1), \
                so no more than 1 fits
                receive CPUs reached at host-a: 0 (twice), 1 (twice), 2 (twice)
                receive CPUs reached at host-b: 0 (twice), 1 (twice), 2 (twice)
                largest set found: 1 of 2 flows
                what would help: flows: 1; placement.exclusive: per-side; placement.exclusive: none""");
    }

    @Test
    void aDestinationThatManySourcesShare() {
        RunSpec spec = Fixtures.spec("topology: fan-in\nsources: [h0, h1]\ndestinations: [h2]\nflows: 2\n");
        Map<String, HostCpus> hosts = Fixtures.hosts(Fixtures.host("h0", "m0", "0-7"), Fixtures.host("h1", "m1", "0-7"),
                Fixtures.host("h2", "m2", "0-3"));
        var candidates = new ArrayList<CandidatePair>();
        for (int i = 0; i < 18; i++) {
            candidates.add(Fixtures.candidate(i, "h" + i % 2, "h2", Steering.HASHED, i / 2 % 3, Steering.HASHED,
                    i / 2 % 3));
        }
        assertThat(atTheBound(spec, hosts, candidates, NOBODY)).isEqualTo("""
                no lanes for 4 flows after 512 connections: 3 fit
                each of the 18 usable connections h0 → h2, h1 → h2 takes one of CPUs 0-2 of h2, so no more than 3 fit
                receive CPUs reached at h0: 0 (3 times), 1 (3 times), 2 (3 times)
                receive CPUs reached at h1: 0 (3 times), 1 (3 times), 2 (3 times)
                receive CPUs reached at h2: 0 (6 times), 1 (6 times), 2 (6 times)
                largest set found: 3 of 4 flows
                what would help: flows: 1; placement.exclusive: none; receive queues of h2 that lead to more than 3 of \
                its 4 CPUs (ethtool -L and -X, or rps_cpus)""");
    }

    @Test
    void offsetsThatLeaveNoLane() {
        assertThat(atTheBound(Fixtures.pairSpec(2, "application-cpu: +1"), Fixtures.apart("0-3"),
                Fixtures.hashed(0, 0, 1, 1, 0, 1, 3, 3), NOBODY)).isEqualTo("""
                no lanes for 2 flows after 512 connections: 1 fits
                no choice among the 3 usable connections host-a → host-b gives more than 1 flow with CPUs of their own
                receive CPUs reached at host-a: 0 (twice), 1 (once), 3 (once)
                receive CPUs reached at host-b: 0 (once), 1 (twice), 3 (once)
                largest set found: 1 of 2 flows
                what would help: flows: 1; placement.application-cpu: same-core; placement.exclusive: per-side; \
                placement.exclusive: none; placement.max-candidates above 512""");
    }

    @Test
    void aKernelThatDoesNotTellTheReceiveCpu() {
        assertThat(atTheBound(Fixtures.pairSpec(1, ""), Fixtures.apart("0-3"), Fixtures.hashed(-1, 1, -1, 1), NOBODY))
                .isEqualTo("""
                no lanes for 1 flow after 512 connections: none fits
                none of the 2 connections host-a → host-b leads to CPUs that flows may use and that are free
                receive CPUs reached at host-a: not told by the kernel (twice)
                receive CPUs reached at host-b: 1 (twice)
                what would help: a kernel that reports SO_INCOMING_CPU at host-a""");
    }

    @Test
    void connectionsThatCannotBeOpened() {
        assertThat(atTheBound(Fixtures.pairSpec(1, ""), Fixtures.apart("0-3"), List.of(), NOBODY)).isEqualTo("""
                no lanes for 1 flow after 512 connections: none fits
                no connection host-a → host-b could be opened""");
    }

    @Test
    void hashingThatLeadsToClaimedCpusOnly() {
        Ledger others = NOBODY.with("x", List.of(new Claim("m2", 1, "x.0", Exclusive.STRICT)));
        assertThat(atTheBound(Fixtures.pairSpec(1, ""), Fixtures.apart("0-3"), Fixtures.hashed(0, 1, 1, 1), others))
                .isEqualTo("""
                CPUs for 1 flow are held by run x
                none of the 2 connections host-a → host-b leads to CPUs that flows may use and that are free
                receive CPUs reached at host-a: 0 (once), 1 (once)
                receive CPUs reached at host-b: 1 (twice)
                run x holds CPU 1 of host-b
                what would help: wait for run x to end, or cancel it; placement.source-cpus and destination-cpus that \
                the other runs leave""");
    }

    @Test
    void manyReceiveCpusAreSummedUp() {
        int[] cpus = new int[64];
        for (int i = 0; i < 32; i++) {
            cpus[2 * i] = i / 2;
            cpus[2 * i + 1] = 0;
        }
        assertThat(atTheBound(Fixtures.pairSpec(2, ""), Fixtures.apart("0-31"), Fixtures.hashed(cpus), NOBODY))
                .contains("receive CPUs reached at host-a: 0-15 (16 CPUs, twice each)\n");
    }

    private static String precheck(RunSpec spec, Map<String, HostCpus> hosts, Ledger others) {
        return switch (Placement.precheck(PlacementRequest.beforeConnecting("r1", spec, hosts, others))) {
            case Precheck.Fits() -> "fits";
            case PlacementOutcome.Blocked(var _, Explanation explanation) -> explanation.text();
            case PlacementOutcome.Refused(Explanation explanation) -> explanation.text();
        };
    }

    private static String atTheBound(
            RunSpec spec, Map<String, HostCpus> hosts, List<CandidatePair> candidates, Ledger others) {
        PlacementRequest request = Fixtures.atTheBound(Fixtures.request(spec, hosts, candidates, others));
        return switch (Placement.place(request)) {
            case PlacementOutcome.Placed placed -> placed.toString();
            case PlacementOutcome.NeedMore more -> more.toString();
            case PlacementOutcome.Blocked(var _, Explanation explanation) -> explanation.text();
            case PlacementOutcome.Refused(Explanation explanation) -> explanation.text();
        };
    }
}
