package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Random;

/** A local clock that starts at noon, and a broker's clock that is somewhere else. */
final class BrokerClockTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private long localNs = 7_000_000_000L;
    private final BrokerClock clock = new BrokerClock(InstantSource.fixed(NOON), () -> localNs);
    private Duration brokerAhead = Duration.ZERO;

    @Test
    void withoutAnyWordOfTheBrokerItIsTheLocalClock() {
        pass(Duration.ofSeconds(3));

        assertThat(clock.now()).isEqualTo(NOON.plusSeconds(3));
        assertThat(clock.known()).isFalse();
    }

    @ParameterizedTest(name = "broker ahead by {0} ms")
    @ValueSource(longs = {0, 3, 300_000, -300_000, -3})
    void aWriteShowsTheBrokersClock(long aheadMs) {
        brokerAhead = Duration.ofMillis(aheadMs);

        write(Duration.ofMillis(1), Duration.ofMillis(1));

        assertThat(clock.known()).isTrue();
        assertThat(clock.now()).isCloseTo(broker(), within(2, ChronoUnit.MILLIS));
    }

    @Test
    void aSlowWriteDoesNotSpoilWhatAFastOneShowed() {
        brokerAhead = Duration.ofMinutes(5);
        write(Duration.ofMillis(1), Duration.ofMillis(1));

        write(Duration.ofMillis(1), Duration.ofSeconds(4));

        assertThat(clock.now()).isCloseTo(broker(), within(3, ChronoUnit.MILLIS));
    }

    @Test
    void anOldRecordThatIsReadSaysNothing() {
        clock.read(broker().minus(Duration.ofHours(2)));

        assertThat(clock.now()).isEqualTo(NOON);
    }

    @Test
    void aRecordFromTheFutureShowsThatTheLocalClockIsBehind() {
        brokerAhead = Duration.ofMinutes(5);
        clock.read(broker().truncatedTo(ChronoUnit.MILLIS));

        assertThat(clock.now()).isCloseTo(broker(), within(2, ChronoUnit.MILLIS));
    }

    @Test
    void itNeverGoesBackAndMeetsABrokerThatIsBehindInTime() {
        assertThat(clock.now()).isEqualTo(NOON);
        brokerAhead = Duration.ofMinutes(-5);
        write(Duration.ofMillis(1), Duration.ofMillis(1));
        Instant last = clock.now();
        for (int i = 0; i < 700; i++) {
            pass(Duration.ofSeconds(1));
            Instant now = clock.now();
            assertThat(now).isAfter(last);
            last = now;
        }

        assertThat(last).isCloseTo(broker(), within(200, ChronoUnit.MILLIS));
    }

    @Test
    void aStepOfTheBrokersClockIsFollowed() {
        write(Duration.ofMillis(1), Duration.ofMillis(1));
        brokerAhead = Duration.ofMinutes(5);

        write(Duration.ofMillis(1), Duration.ofMillis(1));

        assertThat(clock.now()).isCloseTo(broker(), within(2, ChronoUnit.MILLIS));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void withDriftAndUnevenDelaysItStaysClose(long seed) {
        Random random = new Random(seed);
        brokerAhead = Duration.ofMillis(random.nextLong(-100_000, 100_000));
        write(Duration.ofMillis(2), Duration.ofMillis(2));
        // The clock is behind no longer than it takes to slow down.
        for (int i = 0; i < 500; i++) {
            pass(Duration.ofMillis(random.nextLong(2_000)));
            // 50 ppm
            brokerAhead = brokerAhead.plusNanos(random.nextLong(100_000));
            write(Duration.ofNanos(random.nextLong(5_000_000)), Duration.ofNanos(random.nextLong(20_000_000)));
            clock.read(broker().minusNanos(random.nextLong(10_000_000)).truncatedTo(ChronoUnit.MILLIS));
            Duration error = Duration.between(clock.now(), broker()).abs();
            boolean catchingUp = brokerAhead.isNegative() && i < 400;
            assertThat(catchingUp || error.toMillis() < 15).as("error %s at step %d", error, i).isTrue();
        }
    }

    private void write(Duration there, Duration back) {
        long sentNs = clock.monotonicNs();
        pass(there);
        Instant appended = broker().truncatedTo(ChronoUnit.MILLIS);
        pass(back);
        clock.wrote(sentNs, clock.monotonicNs(), appended);
    }

    private Instant broker() {
        return NOON.plusNanos(localNs - 7_000_000_000L).plus(brokerAhead);
    }

    private void pass(Duration time) {
        localNs += time.toNanos();
    }
}
