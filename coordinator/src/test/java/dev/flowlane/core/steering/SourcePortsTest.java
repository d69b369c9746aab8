package dev.flowlane.core.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.steering.SourcePorts.End;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

class SourcePortsTest {
    private static final String HERE = "10.0.0.1";
    private static final String THERE = "10.0.0.2";
    private static final int PORT = 7411;
    private static final FourTuple FLOW =
            new FourTuple(ToeplitzTest.address(HERE), 0, ToeplitzTest.address(THERE), PORT);

    private final CpuUse use = new CpuUse();

    @ParameterizedTest
    @CsvSource({"2, 2", "8, 8", "16, 16", "32, 32", "64, 64", "16, 8", "6, 12"})
    void asManyPortsAsQueuesHitADifferentOneEachAtBothEnds(int queuesHere, int queuesThere) {
        SimulatedNic here = new SimulatedNic(queuesHere, 1);
        SimulatedNic there = new SimulatedNic(queuesThere, 2);
        int flows = Math.min(queuesHere, queuesThere);

        List<Integer> ports = SourcePorts.choose(
                FLOW, end("a", here, "0-63"), end("b", there, "0-63"), flows, Set.of(), 12_345, use);

        assertThat(ports).hasSize(flows).allMatch(port -> port >= SourcePorts.FIRST && port <= SourcePorts.LAST);
        assertThat(ports.stream().map(port -> here.receiveCpu(THERE, PORT, HERE, port)).distinct()).hasSize(flows);
        assertThat(ports.stream().map(port -> there.receiveCpu(HERE, port, THERE, PORT)).distinct()).hasSize(flows);
    }

    @Test
    void onlyWantedCpusAreHit() {
        SimulatedNic here = new SimulatedNic(16, 3);
        SimulatedNic there = new SimulatedNic(16, 4);

        List<Integer> ports = SourcePorts.choose(
                FLOW, end("a", here, "4-5"), end("b", there, "10,12"), 5, Set.of(), 0, use);

        assertThat(ports).hasSize(5);
        assertThat(ports).allSatisfy(port -> {
            assertThat(here.receiveCpu(THERE, PORT, HERE, port)).isBetween(4, 5);
            assertThat(there.receiveCpu(HERE, port, THERE, PORT)).isIn(10, 12);
        });
        assertThat(ports.subList(0, 2).stream().map(port -> here.receiveCpu(THERE, PORT, HERE, port)))
                .as("different ones first")
                .doesNotHaveDuplicates();
    }

    @Test
    void anEndThatCannotBeForetoldDoesNotMatter() {
        SimulatedNic there = new SimulatedNic(8, 5);

        List<Integer> ports = SourcePorts.choose(
                FLOW, new End("a", null, CpuSet.empty()), end("b", there, "0-7"), 8, Set.of(), 0, use);

        assertThat(ports.stream().map(port -> there.receiveCpu(HERE, port, THERE, PORT)))
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void whereThePortMakesNoDifferenceTheKernelMayChoose() {
        End unknown = new End("a", null, CpuSet.of(0));
        End oneQueue = end("b", new SimulatedNic(1, 6), "0-7");

        assertThat(SourcePorts.choose(FLOW, unknown, unknown, 4, Set.of(), 0, use)).isEmpty();
        assertThat(SourcePorts.choose(FLOW, unknown, oneQueue, 4, Set.of(), 0, use)).isEmpty();
    }

    @Test
    void noQueueThatReachesWantedCpusMeansNoPort() {
        assertThat(SourcePorts.choose(
                        FLOW,
                        end("a", new SimulatedNic(4, 7), "8-15"),
                        end("b", new SimulatedNic(4, 8), "0-3"),
                        4,
                        Set.of(),
                        0,
                        use))
                .isEmpty();
    }

    @Test
    void portsThatAreTakenAndCpusThatAreInUseAreLeftAlone() {
        End here = end("a", new SimulatedNic(4, 9), "0-3");
        SimulatedNic nic = new SimulatedNic(4, 10);
        End there = end("b", nic, "0-3");
        List<Integer> first = SourcePorts.choose(FLOW, here, there, 2, Set.of(), 77, use);

        List<Integer> second = SourcePorts.choose(FLOW, here, there, 2, new HashSet<>(first), 77, use);

        assertThat(second).hasSize(2).doesNotContainAnyElementsOf(first);
        Set<Integer> cpus = new HashSet<>();
        first.forEach(port -> cpus.add(nic.receiveCpu(HERE, port, THERE, PORT)));
        second.forEach(port -> cpus.add(nic.receiveCpu(HERE, port, THERE, PORT)));
        assertThat(cpus).as("four flows in two rounds, four CPUs").containsExactlyInAnyOrder(0, 1, 2, 3);
    }

    @Test
    void sameQuestionSameAnswer() {
        End here = end("a", new SimulatedNic(8, 11), "0-7");
        End there = end("b", new SimulatedNic(8, 12), "0-7");

        assertThat(SourcePorts.choose(FLOW, here, there, 10, Set.of(), -5, new CpuUse()))
                .isEqualTo(SourcePorts.choose(FLOW, here, there, 10, Set.of(), -5, new CpuUse()));
    }

    private static End end(String machineId, SimulatedNic nic, String wanted) {
        return new End(machineId, QueuePrediction.at(nic.told(), "eth0"), CpuSet.parse(wanted));
    }
}
