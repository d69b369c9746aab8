package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * No CPU is ever used twice against the policies, whatever fleets, queue maps and runs there are. {@code -Dseeds=N}
 * runs N seeds instead of the usual number, {@code -Dseed=S} runs one and prints what happened in it.
 */
final class PlacementSimulationTest {
    private static final int SEEDS = 500;

    @Test
    void noCpuIsUsedTwiceAndTheLedgerIsEmptyAtTheEnd() {
        Long only = Long.getLong("seed");
        if (only != null) {
            System.out.println(simulate(only));
            return;
        }
        int seeds = Integer.getInteger("seeds", SEEDS);
        Map<String, Integer> seen = new TreeMap<>();
        LongStream.range(0, seeds).parallel().mapToObj(PlacementSimulationTest::simulate).toList()
                .forEach(one -> one.forEach((what, count) -> seen.merge(what, count, Integer::sum)));
        // A simulation in which nothing is ever placed, or nothing is in the way, shows nothing.
        assertThat(seen).containsKeys("Placed SameCore", "Placed Offset", "Placed Cross", "Placed Explicit",
                "Placed NumaLocal", "Placed Unpinned", "Placed PAIR", "Placed FAN_IN", "Placed FAN_OUT", "Placed MESH",
                "Placed RING", "Placed STRICT AVOID", "Placed STRICT ALLOW", "Placed PER_SIDE AVOID",
                "Placed PER_SIDE ALLOW", "Placed NONE AVOID", "Placed NONE ALLOW", "Blocked", "Refused",
                "Refused at once", "closed early", "tried again");
        assertThat(seen).allSatisfy((what, count) -> assertThat(count).as(what).isGreaterThan(seeds / 10));
    }

    private static Map<String, Integer> simulate(long seed) {
        try {
            return new PlacementSimulation(seed).run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + " (run it alone with -Dseed=" + seed + "): " + e.getMessage(), e);
        }
    }
}
