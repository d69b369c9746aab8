package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.worker.SequenceWindow.Arrival;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

final class SequenceWindowTest {
    private final SequenceWindow window = new SequenceWindow();

    private void arriveInOrder(long from, long to) {
        for (long number = from; number < to; number++) {
            assertThat(window.arrive(number)).isEqualTo(Arrival.IN_ORDER);
        }
    }

    @Test
    void whatArrivesInOrderIsNeitherLostNorMissing() {
        arriveInOrder(0, 3 * SequenceWindow.NUMBERS);

        assertThat(window.arrived()).isEqualTo(3L * SequenceWindow.NUMBERS);
        assertThat(window.lost()).isZero();
        assertThat(window.missing()).isZero();
    }

    @Test
    void aGapIsMissingUntilItFallsOutOfTheWindowAndLostThen() {
        arriveInOrder(0, 10);
        arriveInOrder(13, 10 + SequenceWindow.NUMBERS);
        assertThat(window.lost()).isZero();
        assertThat(window.missing()).isEqualTo(3);

        window.arrive(10 + SequenceWindow.NUMBERS);
        assertThat(window.lost()).isEqualTo(1);
        arriveInOrder(11 + SequenceWindow.NUMBERS, 20 + SequenceWindow.NUMBERS);

        assertThat(window.lost()).isEqualTo(3);
        assertThat(window.missing()).isZero();
    }

    @Test
    void theFirstNumbersMayBeMissingToo() {
        assertThat(window.arrive(5)).isEqualTo(Arrival.IN_ORDER);
        assertThat(window.missing()).isEqualTo(5);
        assertThat(window.arrive(0)).isEqualTo(Arrival.REORDERED);
        assertThat(window.missing()).isEqualTo(4);
    }

    @Test
    void aLowerNumberIsReorderedOnceAndADuplicateAfterwards() {
        arriveInOrder(0, 5);
        arriveInOrder(6, 9);

        assertThat(window.arrive(5)).isEqualTo(Arrival.REORDERED);
        assertThat(window.arrive(5)).isEqualTo(Arrival.DUPLICATE);
        assertThat(window.arrive(8)).isEqualTo(Arrival.DUPLICATE);
        assertThat(window.arrived()).isEqualTo(9);
        assertThat(window.missing()).isZero();
    }

    @Test
    void theOldestNumberOfTheWindowIsStillInIt() {
        window.arrive(SequenceWindow.NUMBERS);
        assertThat(window.lost()).isEqualTo(1);

        assertThat(window.arrive(0)).isEqualTo(Arrival.LATE);
        assertThat(window.arrive(1)).isEqualTo(Arrival.REORDERED);
        assertThat(window.arrived()).isEqualTo(2);
    }

    @Test
    void aLeapOverMoreThanTheWindowLosesAllThatIsLeftBehind() {
        arriveInOrder(0, 2);
        window.arrive(3);

        window.arrive(1_000_000_000_000L);

        // 2, and 4 up to the last one that is out of the window.
        assertThat(window.lost()).isEqualTo(1_000_000_000_000L - SequenceWindow.NUMBERS + 1 - 3);
        assertThat(window.missing()).isEqualTo(SequenceWindow.NUMBERS - 1);
        assertThat(window.arrived()).isEqualTo(4);
    }

    @Test
    void aNewSequenceRemembersNothing() {
        arriveInOrder(0, 100);
        window.begin();

        assertThat(window.arrive(7)).isEqualTo(Arrival.IN_ORDER);
        assertThat(window.arrived()).isEqualTo(1);
        assertThat(window.missing()).isEqualTo(7);
    }

    /** Against a set that remembers everything. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void randomArrivalsAreCountedAsASetWould(long seed) {
        Random random = new Random(seed);
        Set<Long> seen = new HashSet<>();
        long highest = -1;
        long next = 0;
        for (int i = 0; i < 50_000; i++) {
            next += random.nextInt(100) == 0 ? random.nextInt(5000) : 1;
            long number = random.nextInt(4) == 0 ? Math.max(0, next - random.nextInt(6000)) : next;
            Arrival expected = number > highest
                    ? Arrival.IN_ORDER
                    : number <= highest - SequenceWindow.NUMBERS
                            ? Arrival.LATE
                            : seen.contains(number) ? Arrival.DUPLICATE : Arrival.REORDERED;
            assertThat(window.arrive(number)).isEqualTo(expected);
            if (expected != Arrival.LATE) {
                seen.add(number);
            }
            highest = Math.max(highest, number);
            assertThat(window.arrived()).isEqualTo(seen.size());
            assertThat(window.arrived() + window.lost() + window.missing()).isEqualTo(highest + 1);
        }
        long edge = highest - SequenceWindow.NUMBERS;
        assertThat(window.lost())
                .isEqualTo(edge + 1 - seen.stream().filter(number -> number <= edge).count());
    }
}
