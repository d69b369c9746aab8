package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.check.Invariant;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The main test of the core. {@code -Dseeds=N} runs N seeds instead of the usual number, {@code -Dseed=S} runs one and
 * prints every step of it.
 */
class FleetSimulationTest {
    /** What happened in one seed, without the whole fleet that it happened in. */
    private record Shown(Set<StateName> verdicts, Set<Story> stories, Set<Invariant> judged) {
        static Shown by(FleetInvariants ended) {
            return new Shown(
                    Set.copyOf(ended.verdicts().keySet()),
                    Set.copyOf(ended.stories()),
                    Set.copyOf(ended.judged().keySet()));
        }
    }

    private static final int SEEDS = 300;

    /** Seeds between two lines of progress. */
    private static final int PROGRESS = 500;

    @Test
    void theInvariantsHoldWhateverGoesWrong() {
        Long only = Long.getLong("seed");
        if (only != null) {
            traced(only);
            return;
        }
        int seeds = Integer.getInteger("seeds", SEEDS);
        Map<Long, String> failed = new ConcurrentSkipListMap<>();
        AtomicInteger done = new AtomicInteger();
        List<Shown> ended = LongStream.range(0, seeds)
                .parallel()
                .mapToObj(seed -> simulate(seed, failed, done))
                .flatMap(Optional::stream)
                .toList();
        assertThat(failed).as("seeds that failed; run one alone with -Dseed=").isEmpty();
        Set<StateName> verdicts =
                ended.stream().flatMap(seed -> seed.verdicts().stream()).collect(Collectors.toSet());
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
                ended.stream().flatMap(seed -> seed.judged().stream()).collect(Collectors.toSet());
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

    /** A seed that fails is told at once, and the others go on: many thousands take long. */
    private static Optional<Shown> simulate(long seed, Map<Long, String> failed, AtomicInteger done) {
        Optional<Shown> ended = Optional.empty();
        try {
            ended = Optional.of(Shown.by(new Simulation(seed, false).run()));
        } catch (AssertionError | RuntimeException e) {
            failed.put(seed, String.valueOf(e));
            System.out.println("seed " + seed + " failed: " + e);
        }
        int so = done.incrementAndGet();
        if (so % PROGRESS == 0) {
            System.out.println(so + " seeds, " + failed.size() + " failed: " + failed.keySet());
        }
        return ended;
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
