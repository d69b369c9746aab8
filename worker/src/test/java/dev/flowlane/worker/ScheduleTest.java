package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flowlane.worker.protocol.Pace;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
    private static final long START_NS = -5_000_000_000L;

    private static Schedule schedule(Pace.Arrival arrival, double perSecond, long seed, long salt) {
        Schedule schedule = new Schedule();
        schedule.attach(new Pace(arrival, perSecond, seed), salt);
        schedule.begin(START_NS);
        return schedule;
    }

    private static long[] gaps(Schedule schedule, int count) {
        long[] gaps = new long[count];
        long before = START_NS;
        for (int i = 0; i < count; i++) {
            gaps[i] = schedule.nextNs() - before;
            before = schedule.nextNs();
            schedule.advance();
        }
        return gaps;
    }

    @Test
    void constantTimesAreMultiplesOfTheGapHoweverManyThereAre() {
        Schedule schedule = schedule(Pace.Arrival.CONSTANT, 3, 1, 1);
        for (long message = 0; message < 3_000_000; message++) {
            if (message % 300_000 == 0) {
                assertThat(schedule.nextNs() - START_NS).isEqualTo(message / 3 * 1_000_000_000L);
            }
            schedule.advance();
        }
    }

    @Test
    void poissonGapsHaveTheMeanAndTheSpreadOfAnExponentialDistributionSeed42() {
        int count = 1_000_000;
        long[] gaps = gaps(schedule(Pace.Arrival.POISSON, 10_000, 42, 7), count);
        double sum = 0;
        double squares = 0;
        int beyondMean = 0;
        for (long gap : gaps) {
            assertThat(gap).isNotNegative();
            sum += gap;
            squares += (double) gap * gap;
            beyondMean += gap > 100_000 ? 1 : 0;
        }
        double mean = sum / count;
        assertThat(mean).isCloseTo(100_000, within(500.0));
        assertThat(Math.sqrt(squares / count - mean * mean)).isCloseTo(100_000, within(1_000.0));
        assertThat(beyondMean / (double) count).isCloseTo(Math.exp(-1), within(0.002));
    }

    @Test
    void whatIsDueBeforeATimeIsCountedWithoutGoingThere() {
        Schedule schedule = schedule(Pace.Arrival.CONSTANT, 1000, 1, 1);
        schedule.advance();
        assertThat(schedule.dueBefore(START_NS + 1_000_000)).isZero();
        assertThat(schedule.dueBefore(START_NS + 1_000_001)).isEqualTo(1);
        assertThat(schedule.dueBefore(START_NS + 10_000_000)).isEqualTo(9);
    }

    @Test
    void aBurstIsDueAtOnceAndTheRateIsKept() {
        Schedule schedule = new Schedule();
        schedule.attach(new Pace(Pace.Arrival.CONSTANT, 1000, 1, 8), 1);
        schedule.begin(START_NS);
        for (int message = 0; message < 8_000; message++) {
            assertThat(schedule.nextNs() - START_NS).isEqualTo(message / 8 * 8_000_000L);
            schedule.advance();
        }

        schedule.begin(START_NS);
        schedule.advance();
        schedule.advance();
        schedule.advance();
        assertThat(schedule.dueBefore(START_NS)).isZero();
        assertThat(schedule.dueBefore(START_NS + 1)).isEqualTo(5);
        assertThat(schedule.dueBefore(START_NS + 8_000_000)).isEqualTo(5);
        assertThat(schedule.dueBefore(START_NS + 8_000_001)).isEqualTo(13);
        assertThat(schedule.dueBefore(START_NS + 1_000_000_000)).isEqualTo(997);
    }

    @Test
    void burstsAtRandomTimesComeAtTheMeanRateSeed42() {
        int bursts = 200_000;
        Schedule schedule = new Schedule();
        schedule.attach(new Pace(Pace.Arrival.POISSON, 10_000, 42, 16), 7);
        schedule.begin(START_NS);
        for (int burst = 0; burst < bursts; burst++) {
            long dueNs = schedule.nextNs();
            for (int message = 0; message < 16; message++) {
                assertThat(schedule.nextNs()).isEqualTo(dueNs);
                schedule.advance();
            }
        }
        double meanNs = (schedule.nextNs() - START_NS) / (double) (bursts + 1);
        assertThat(meanNs).isCloseTo(1_600_000, within(16_000.0));
    }

    @Test
    void theSameSeedGivesTheSameTimesAndAnotherSeedOrFlowOthers() {
        long[] gaps = gaps(schedule(Pace.Arrival.POISSON, 1000, 1, 1), 100);
        assertThat(gaps(schedule(Pace.Arrival.POISSON, 1000, 1, 1), 100)).isEqualTo(gaps);
        assertThat(gaps(schedule(Pace.Arrival.POISSON, 1000, 2, 1), 100)).isNotEqualTo(gaps);
        assertThat(gaps(schedule(Pace.Arrival.POISSON, 1000, 1, 2), 100)).isNotEqualTo(gaps);
    }
}
