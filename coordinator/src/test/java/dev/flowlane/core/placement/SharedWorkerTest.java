package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.PlacementOutcome.Placed;
import org.junit.jupiter.api.Test;

import java.util.List;

/** Flows that share a worker have its application CPU, and receive CPUs of their own. */
final class SharedWorkerTest {
    private static List<Lane> lanes(int flows, int perWorker, List<CandidatePair> candidates) {
        var spec = Fixtures.spec("sources: [host-a]\ndestinations: [host-b]\nflows: " + flows
                + "\nplacement: {exclusive: none}\nio: {engine: epoll, flows-per-worker: " + perWorker + "}\n");
        PlacementOutcome outcome = Placement.place(
                Fixtures.request(spec, Fixtures.apart("0-7"), candidates, Ledger.empty()));
        assertThat(outcome).isInstanceOf(Placed.class);
        Placed placed = (Placed) outcome;
        List<Claim> claims =
                placed.lanes().stream().flatMap(lane -> lane.claims().stream()).toList();
        assertThat(Ledger.empty().with("r1", claims).violations()).isEmpty();
        return placed.lanes();
    }

    @Test
    void whereHashingDecidesTheApplicationRunsWhereTheFirstOfThemIsReceived() {
        List<Lane> lanes = lanes(5, 2, Fixtures.hashed(0, 7, 1, 6, 2, 5, 3, 4, 4, 3));

        assertThat(lanes).extracting(Lane::sourceReceiveCpu).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        for (int i = 0; i < lanes.size(); i++) {
            Lane first = lanes.get(i - i % 2);
            assertThat(lanes.get(i).sourceApplicationCpu()).isEqualTo(first.sourceReceiveCpu());
            assertThat(lanes.get(i).destinationApplicationCpu()).isEqualTo(first.destinationReceiveCpu());
        }
    }

    @Test
    void whereItFollowsTheReceiverBothAreOneCpu() {
        List<Lane> lanes = lanes(4, 4, Fixtures.following(Steering.FOLLOWS_RECEIVER, 4));

        assertThat(lanes).extracting(Lane::sourceApplicationCpu).containsOnly(lanes.getFirst().sourceApplicationCpu());
        assertThat(lanes)
                .allSatisfy(lane -> assertThat(lane.sourceReceiveCpu()).isIn(-1, lane.sourceApplicationCpu()));
    }

    @Test
    void aloneEveryFlowRunsWhereItIsReceived() {
        assertThat(lanes(3, 1, Fixtures.hashed(0, 7, 1, 6, 2, 5)))
                .allSatisfy(lane -> assertThat(lane.sourceApplicationCpu()).isEqualTo(lane.sourceReceiveCpu()));
    }
}
