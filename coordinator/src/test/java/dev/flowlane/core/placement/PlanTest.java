package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

final class PlanTest {
    private static final HostPair PAIR = new HostPair("host-a", "host-b");

    @Test
    void lanesAreKnownWhereNobodyHashes() {
        Plan plan = plan(Fixtures.pairSpec(1, ""), Fixtures.together("0-1"), Ledger.empty(), Steering.FOLLOWS_SENDER);
        assertThat(plan.outcome()).isInstanceOf(Plan.Outcome.Lanes.class);
        Lane lane = ((Plan.Outcome.Lanes) plan.outcome()).placed().lanes().getFirst();
        assertThat(List.of(lane.sourceApplicationCpu(), lane.destinationApplicationCpu())).containsExactly(0, 1);
    }

    @Test
    void whereHashingDecidesTheCpusThatWouldDoAreNamed() {
        Ledger others = Ledger.empty().with("r0", List.of(new Claim("m1", 3, "r0.0", Exclusive.STRICT)));
        Plan plan = plan(Fixtures.pairSpec(2, "application-cpu: +1"), Fixtures.apart("0-7"), others, Steering.HASHED);
        assertThat(plan.outcome()).isEqualTo(new Plan.Outcome.Fits());
        Plan.End source = plan.pairs().getFirst().source();
        assertThat(source.usable()).isEqualTo(CpuSet.parse("0-7"));
        // Not 3, which is claimed; not 2, whose application CPU would be 3; not 7, which has none.
        assertThat(source.receive()).isEqualTo(CpuSet.parse("0-1,4-6"));
        assertThat(source.application()).isEqualTo(CpuSet.parse("1-2,5-7"));
        assertThat(plan.pairs().getFirst().destination().receive()).isEqualTo(CpuSet.parse("0-6"));
    }

    @Test
    void aRunInTheWayIsNamed() {
        Ledger others = Ledger.empty().with("r0", List.of(new Claim("m1", 0, "r0.0", Exclusive.STRICT)));
        Plan plan = plan(Fixtures.pairSpec(1, ""), Fixtures.together("0-1"), others, Steering.FOLLOWS_SENDER);
        assertThat(plan.outcome()).isInstanceOf(Plan.Outcome.Waits.class);
        assertThat(plan.pairs().getFirst().source().application()).isEqualTo(CpuSet.of(1));
    }

    @Test
    void whatCannotBeIsRejected() {
        assertThat(plan(Fixtures.pairSpec(2, ""), Fixtures.together("0-1"), Ledger.empty(), Steering.FOLLOWS_SENDER)
                        .outcome())
                .isInstanceOf(Plan.Outcome.Rejected.class);
        Plan unknown = Plan.of(PlacementRequest.beforeConnecting("", Fixtures.pairSpec(1, ""),
                Fixtures.hosts(Fixtures.host("host-a", "m1", "0")), Ledger.empty()), Map.of());
        assertThat(unknown.outcome()).isInstanceOf(Plan.Outcome.Rejected.class);
        assertThat(unknown.pairs()).isEmpty();
    }

    @Test
    void theRunsOwnClaimsAreNotInItsWay() {
        Ledger others = Ledger.empty().with("mine", List.of(new Claim("m1", 0, "mine.0", Exclusive.STRICT)));
        RunSpec spec = Fixtures.pairSpec(1, "");
        Plan plan = Plan.of(PlacementRequest.beforeConnecting("mine", spec, Fixtures.together("0-1"), others),
                Map.of(PAIR, new Plan.Steerings(Steering.FOLLOWS_SENDER, Steering.FOLLOWS_SENDER)));
        assertThat(plan.outcome()).isInstanceOf(Plan.Outcome.Lanes.class);
    }

    private static Plan plan(RunSpec spec, Map<String, HostCpus> hosts, Ledger others, Steering steering) {
        return Plan.of(PlacementRequest.beforeConnecting("", spec, hosts, others),
                Map.of(PAIR, new Plan.Steerings(steering, steering)));
    }
}
