package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.PlacementOutcome.NeedMore;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Demands for which source ports are predicted. */
final class GrowthTest {
    private static final Ledger NOBODY = Ledger.empty();

    private record Asked(CpuSet source, CpuSet destination, int count) {}

    private final List<Asked> asked = new ArrayList<>();

    @Test
    void predictedPortsAreAskedForAsManyAsFlowsAreMissing() {
        CandidateDemand demand = demand(Fixtures.pairSpec(4, ""), Fixtures.hashed(0, 0, 1, 1), 10);
        assertThat(asked).containsExactly(new Asked(CpuSet.parse("2-7"), CpuSet.parse("2-7"), 2));
        assertThat(demand.count()).isEqualTo(2);
        assertThat(demand.sourcePorts()).containsExactly(50_000, 50_001);
    }

    @Test
    void wantedCpusAreThoseThatWouldDo() {
        demand(Fixtures.pairSpec(2, "application-cpu: +1, source-cpus: 0-4"), Fixtures.hashed(0, 0), 10);
        // 0 and 1 are the first flow's; 4 has no CPU beside it in the set, and 7 none at all.
        assertThat(asked).containsExactly(new Asked(CpuSet.parse("2-3"), CpuSet.parse("2-6"), 1));
    }

    @Test
    void whatPredictionDoesNotReachIsLeftToLuck() {
        CandidateDemand demand = demand(Fixtures.pairSpec(4, ""), Fixtures.hashed(0, 0, 1, 1), 1);
        assertThat(demand.sourcePorts()).containsExactly(50_000);
        assertThat(demand.count()).isEqualTo(4);
        assertThat(demand(Fixtures.pairSpec(4, ""), Fixtures.hashed(0, 0, 1, 1), 0))
                .isEqualTo(new CandidateDemand(new HostPair("host-a", "host-b"), 4));
    }

    @Test
    void predictionsThatKeepFailingDoNotTakeForEver() {
        RunSpec spec = Fixtures.pairSpec(2, "max-candidates: 4096");
        var candidates = new ArrayList<CandidatePair>();
        int rounds = 0;
        while (Placement.place(request(spec, candidates), hints(10)) instanceof NeedMore(List<CandidateDemand> more)) {
            for (int i = 0; i < more.getFirst().count(); i++) {
                candidates.add(Fixtures.candidate(
                        candidates.size(), "host-a", "host-b", Steering.HASHED, 0, Steering.HASHED, 0));
            }
            assertThat(++rounds).isLessThan(120);
        }
        assertThat(candidates).hasSize(4096);
    }

    private CandidateDemand demand(RunSpec spec, List<CandidatePair> candidates, int known) {
        PlacementOutcome outcome = Placement.place(request(spec, candidates), hints(known));
        assertThat(outcome).isInstanceOf(NeedMore.class);
        return ((NeedMore) outcome).demands().getFirst();
    }

    private static PlacementRequest request(RunSpec spec, List<CandidatePair> candidates) {
        return Fixtures.request(spec, Fixtures.apart("0-7"), candidates, NOBODY);
    }

    /** @param known ports that are known to lead somewhere */
    private SourcePortHints hints(int known) {
        return (pair, source, destination, count) -> {
            asked.add(new Asked(source, destination, count));
            var ports = new ArrayList<Integer>();
            for (int i = 0; i < Math.min(known, count); i++) {
                ports.add(50_000 + i);
            }
            return ports;
        };
    }
}
