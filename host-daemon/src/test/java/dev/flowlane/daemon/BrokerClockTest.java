package dev.flowlane.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;

/** The broker's clock as seen from a host. */
class BrokerClockTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    @Test
    void theSampleWithTheShortestRoundTripCounts() {
        BrokerClock clock = new BrokerClock();
        clock.sample(NOON, NOON.plusMillis(200), NOON.plusSeconds(300).plusMillis(190));
        clock.sample(NOON.plusSeconds(1), NOON.plusSeconds(1).plusMillis(2), NOON.plusSeconds(301).plusMillis(1));

        assertThat(clock.offset()).isEqualTo(Duration.ofMinutes(5).plusNanos(500_000));
        assertThat(clock.at(NOON, Instant.EPOCH)).isEqualTo(NOON.plusSeconds(300).plusNanos(500_000));
    }

    @Test
    void beforeTheFirstSampleTheTimeThatHasPassedForCertainCounts() {
        assertThat(new BrokerClock().at(NOON, NOON.minusSeconds(5))).isEqualTo(NOON.minusSeconds(5));
    }

    @Test
    void aClockThatWasSetBackIsLearntAnew() {
        BrokerClock clock = new BrokerClock();
        clock.sample(NOON, NOON.plusMillis(2), NOON);
        clock.sample(NOON, NOON.minusSeconds(60), NOON);

        assertThat(clock.offset()).isNull();
    }

    @Test
    void oldSamplesGo() {
        BrokerClock clock = new BrokerClock();
        clock.sample(NOON, NOON.plusNanos(1), NOON.plusSeconds(60));
        for (int i = 0; i < 8; i++) {
            clock.sample(NOON, NOON.plusMillis(4), NOON.plusMillis(2));
        }

        assertThat(clock.offset()).isEqualTo(Duration.ofNanos(500_000));
    }
}
