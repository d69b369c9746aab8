package dev.flowlane.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;

final class MutationsTest {
    private static final List<byte[]> PARENTS = List.of("abc".getBytes(StandardCharsets.UTF_8), new byte[5_000]);

    @Test
    void everyInputFollowsFromItsSeed() {
        for (long seed = 0; seed < 500; seed++) {
            assertThat(new Mutations(PARENTS).of(seed)).isEqualTo(new Mutations(PARENTS).of(seed));
        }
    }

    @Test
    void inputsDifferAndAreNeverTooLong() {
        Mutations mutations = new Mutations(PARENTS);

        assertThat(LongStream.range(0, 500).mapToObj(mutations::of).toList())
                .allMatch(input -> input.length <= FuzzTarget.INPUT_MAX)
                .anyMatch(input -> input.length > 0 && input.length < 3)
                .anyMatch(input -> input.length == FuzzTarget.INPUT_MAX);
    }

    @Test
    void parentsStayAsTheyAre() {
        Mutations mutations = new Mutations(PARENTS);

        LongStream.range(0, 500).forEach(mutations::of);

        assertThat(PARENTS.getFirst()).asString(StandardCharsets.UTF_8).isEqualTo("abc");
        assertThat(PARENTS.getLast()).containsOnly(0);
    }
}
