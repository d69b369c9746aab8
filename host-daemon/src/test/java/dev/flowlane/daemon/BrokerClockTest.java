package dev.flowlane.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;

/** The broker's clock as seen from a host. */
class BrokerClockTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Duration CUT = Duration.ofNanos(500_000);

    private Instant wall = NOON;
    private long monotonicNs = 7_000_000_000L;
    private Duration brokerAhead = Duration.ofMinutes(5);
    private final BrokerClock clock = new BrokerClock(() -> wall, () -> monotonicNs);

    @Test
    void theSampleWithTheShortestRoundTripCounts() {
        sample(Duration.ofMillis(190), Duration.ofMillis(10));
        sample(Duration.ofMillis(1), Duration.ofMillis(1));

        assertThat(clock.offset()).isEqualTo(brokerAhead.plus(CUT));
        assertThat(clock.now()).isEqualTo(broker().plus(CUT));
    }

    @Test
    void beforeTheFirstSampleTheTimeThatHasPassedForCertainCounts() {
        assertThat(clock.now(NOON.minusSeconds(5))).isEqualTo(NOON.minusSeconds(5));
        assertThat(clock.offset()).isNull();
    }

    @Test
    void aStepOfTheHostsClockDoesNotMoveTheBrokers() {
        sample(Duration.ofMillis(1), Duration.ofMillis(1));
        Instant before = clock.now(Instant.EPOCH);

        wall = wall.plus(Duration.ofMinutes(5));

        assertThat(clock.now()).isEqualTo(before);
        assertThat(clock.offset()).isEqualTo(brokerAhead.minus(Duration.ofMinutes(5)).plus(CUT));
    }

    @Test
    void aStepDuringASampleDoesNotSpoilIt() {
        wall = wall.minus(Duration.ofMinutes(7));
        sample(Duration.ofMillis(1), Duration.ofMillis(1));

        assertThat(clock.now()).isEqualTo(broker().plus(CUT));
    }

    @Test
    void aStepOfTheBrokersClockIsFollowedAtOnce() {
        sample(Duration.ofMillis(1), Duration.ofMillis(1));
        brokerAhead = brokerAhead.minusSeconds(1);

        sample(Duration.ofMillis(4), Duration.ofMillis(4));

        assertThat(clock.now()).isEqualTo(broker().plus(CUT));
    }

    @Test
    void oldSamplesGo() {
        sample(Duration.ofNanos(1), Duration.ZERO);
        // Too little to contradict it.
        brokerAhead = brokerAhead.plusMillis(3);
        for (int i = 0; i < 8; i++) {
            sample(Duration.ofMillis(4), Duration.ofMillis(4));
        }

        assertThat(clock.now()).isEqualTo(broker().plus(CUT));
    }

    private void sample(Duration there, Duration back) {
        long sentNs = clock.monotonicNs();
        pass(there);
        Instant appended = broker();
        pass(back);
        clock.sample(sentNs, clock.monotonicNs(), appended);
    }

    private void pass(Duration time) {
        monotonicNs += time.toNanos();
        wall = wall.plus(time);
    }

    private Instant broker() {
        return NOON.plusNanos(monotonicNs - 7_000_000_000L).plus(brokerAhead);
    }
}
