package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;
import org.junit.jupiter.api.Test;

import java.util.stream.IntStream;

final class IntervalBoardTest {
    @Test
    void anIntervalIsShownWhenEveryFlowHasReportedIt() {
        IntervalBoard board = new IntervalBoard(false, 2);

        assertThat(board.add(received(0, 0))).isEmpty();
        assertThat(board.add(received(1, 0))).singleElement().satisfies(sum -> {
            assertThat(sum.flows()).isEqualTo(2);
            assertThat(sum.bitsPerSecond()).isCloseTo(20e9, within(1.0));
        });
    }

    @Test
    void ofAStreamTheDestinationCounts() {
        IntervalBoard board = new IntervalBoard(false, 1);

        assertThat(board.add(Samples.interval("r", 0, FlowRole.SOURCE, 0, false))).isEmpty();
        assertThat(board.add(received(0, 0))).hasSize(1);
    }

    @Test
    void ofRequestResponseTheSourceCounts() {
        IntervalBoard board = new IntervalBoard(true, 1);

        assertThat(board.add(received(0, 0))).isEmpty();
        assertThat(board.add(Samples.interval("r", 0, FlowRole.SOURCE, 0, false)))
                .singleElement()
                .satisfies(sum -> assertThat(sum.transactionsPerSecond()).isCloseTo(20_000, within(0.1)));
    }

    @Test
    void aFlowThatIsSilentHoldsTheOthersUpForTwoIntervalsOnly() {
        IntervalBoard board = new IntervalBoard(false, 2);

        assertThat(board.add(received(0, 0))).isEmpty();
        assertThat(board.add(received(0, 1))).isEmpty();
        assertThat(board.add(received(0, 2))).singleElement().satisfies(sum -> {
            assertThat(sum.seq()).isZero();
            assertThat(sum.flows()).isEqualTo(1);
        });
        // Too late: its interval was shown without it.
        assertThat(board.add(received(1, 0))).isEmpty();
        assertThat(board.rest()).extracting(IntervalBoard.Sum::seq).containsExactly(1, 2);
    }

    @Test
    void warmUpAndMeasuredWindowAreEachCutFromTheirOwnBeginning() {
        RunSpec spec = Samples.spec(TrafficKind.STREAM);
        spec.setWarmupNs(1_200_000_000L);
        spec.setDurationNs(1_500_000_000L);

        assertThat(IntStream.range(0, 5).mapToObj(seq -> IntervalBoard.endNs(seq, spec) / 1_000_000))
                .as("ms").containsExactly(1000L, 1200L, 2200L, 2700L, 2700L);
    }

    @Test
    void aRateIsWhatAllFlowsHadOverTheLongestOfTheirIntervals() {
        IntervalBoard board = new IntervalBoard(false, 2);
        FlowStats full = received(0, 0);
        FlowStats cutShort = received(1, 0);
        cutShort.setIntervalNs(full.getIntervalNs() / 1000);
        cutShort.setReceivedBytes(full.getReceivedBytes() / 10);

        assertThat(board.add(cutShort)).isEmpty();
        assertThat(board.add(full))
                .singleElement()
                .satisfies(sum -> assertThat(sum.bitsPerSecond()).isCloseTo(11e9, within(1e6)));
    }

    @Test
    void anIntervalThatAStopCutShortEndsWhereItWasCut() {
        RunSpec spec = Samples.spec(TrafficKind.STREAM);
        spec.setWarmupNs(1_000_000_000L);
        spec.setDurationNs(5_000_000_000L);

        assertThat(IntervalBoard.endNs(new IntervalBoard.Sum(2, false, 1, 300_000_000L, 1, 1, 0), spec))
                .isEqualTo(2_300_000_000L);
        assertThat(IntervalBoard.endNs(new IntervalBoard.Sum(2, false, 1, 999_000_000L, 1, 1, 0), spec))
                .isEqualTo(3_000_000_000L);
        assertThat(IntervalBoard.endNs(new IntervalBoard.Sum(0, true, 1, 1_010_000_000L, 1, 1, 0), spec))
                .isEqualTo(1_000_000_000L);
    }

    private static FlowStats received(int flow, int seq) {
        return Samples.interval("r", flow, FlowRole.DESTINATION, seq, false);
    }
}
