package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.check.Invariant;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The main test of the core. {@code -Dseeds=N} runs N seeds instead of the usual number, {@code -Dseed=S} runs one and
 * prints every step of it.
 */
class FleetSimulationTest {
    private static final int SEEDS = 300;

    @Test
    void theInvariantsHoldWhateverGoesWrong() {
        Long only = Long.getLong("seed");
        if (only != null) {
            traced(only);
            return;
        }
        int seeds = Integer.getInteger("seeds", SEEDS);
        List<FleetInvariants> ended = LongStream.range(0, seeds)
                .parallel()
                .mapToObj(FleetSimulationTest::simulate)
                .toList();
        Set<StateName> verdicts =
                ended.stream().flatMap(seed -> seed.verdicts().keySet().stream()).collect(Collectors.toSet());
        Set<Story> stories =
                ended.stream().flatMap(seed -> seed.stories().stream()).collect(Collectors.toSet());
        // A simulation in which nothing ever succeeds, or nothing ever fails, shows nothing.
        assertThat(verdicts).contains(
                StateName.COMPLETED,
                StateName.DISTURBED,
                StateName.PARTIAL,
                StateName.FAILED,
                StateName.CANCELLED,
                StateName.REJECTED,
                StateName.EXPIRED);
        assertThat(stories).contains(Story.values());
        Set<Invariant> judged =
                ended.stream().flatMap(seed -> seed.judged().keySet().stream()).collect(Collectors.toSet());
        assertThat(judged).contains(Invariant.values());
    }

    @Test
    void oneSeedIsOneStory() {
        Simulation first = new Simulation(7, true);
        Simulation second = new Simulation(7, true);
        first.run();

        second.run();

        assertThat(second.trace()).isEqualTo(first.trace());
    }

    private static FleetInvariants simulate(long seed) {
        try {
            return new Simulation(seed, false).run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + " (run it alone with -Dseed=" + seed + "): " + e.getMessage(), e);
        }
    }

    private static void traced(long seed) {
        Simulation simulation = new Simulation(seed, true);
        try {
            simulation.run();
        } finally {
            System.out.println(simulation.trace());
        }
    }
}
