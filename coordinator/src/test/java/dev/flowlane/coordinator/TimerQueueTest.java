package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;

final class TimerQueueTest {
    private static final Instant T0 = Instant.parse("2026-11-21T12:00:00Z");

    private final TimerQueue<String> timers = new TimerQueue<>();

    @Test
    void timersFireWhenTheyAreDueAndInOrder() {
        timers.arm("late", T0.plusMillis(20));
        timers.arm("early", T0.plusMillis(10));
        timers.arm("early too", T0.plusMillis(10));

        assertThat(timers.takeDue(T0.plusMillis(9))).isNull();
        assertThat(timers.takeDue(T0.plusMillis(20))).isEqualTo("early");
        assertThat(timers.takeDue(T0.plusMillis(20))).isEqualTo("early too");
        assertThat(timers.takeDue(T0.plusMillis(20))).isEqualTo("late");
        assertThat(timers.takeDue(T0.plusMillis(20))).isNull();
    }

    @Test
    void armingTwiceIsArmingOnceForTheLastTime() {
        timers.arm("a", T0.plusMillis(10));
        timers.arm("a", T0.plusMillis(30));

        assertThat(timers.size()).isEqualTo(1);
        assertThat(timers.takeDue(T0.plusMillis(29))).isNull();
        assertThat(timers.takeDue(T0.plusMillis(30))).isEqualTo("a");
    }

    @Test
    void aCancelledTimerDoesNotFire() {
        timers.arm("a", T0);
        timers.cancel("a");
        timers.cancel("never armed");

        assertThat(timers.takeDue(T0.plusSeconds(1))).isNull();
    }

    @Test
    void theWaitIsUntilTheNextTimerWithinItsBounds() {
        Duration longest = Duration.ofMillis(100);
        assertThat(timers.untilNext(T0, longest)).isEqualTo(longest);

        timers.arm("a", T0.plusMillis(40));

        assertThat(timers.untilNext(T0, longest)).isEqualTo(Duration.ofMillis(40));
        assertThat(timers.untilNext(T0.plusMillis(50), longest)).isEqualTo(Duration.ZERO);
        timers.arm("a", T0.plusSeconds(40));
        assertThat(timers.untilNext(T0, longest)).isEqualTo(longest);
    }
}
