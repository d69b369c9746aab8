package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.OptionalDouble;

final class KafkaWatchTest {
    private long nowNs = 5_000_000_000L;
    private OptionalDouble answered = OptionalDouble.of(0);
    private final KafkaWatch watch = new KafkaWatch(() -> answered, () -> nowNs);

    @Test
    void aBrokerThatAnswersIsNotSilent() {
        for (int i = 0; i < 100; i++) {
            pass(Duration.ofMillis(500), true);

            assertThat(watch.silent()).isFalse();
            assertThat(watch.settled()).isTrue();
        }
    }

    @Test
    void silenceIsNoticedAndNobodyIsBlamedForIt() {
        pass(Duration.ofSeconds(1), true);
        pass(Duration.ofSeconds(4), false);

        assertThat(watch.silent()).isTrue();
        assertThat(watch.settled()).isFalse();
        assertThat(watch.problem()).contains("Kafka has not answered for 4 s");
    }

    @Test
    void afterASilenceHostsGetTimeToBeHeard() {
        pass(Duration.ofSeconds(1), true);
        pass(Duration.ofSeconds(12), false);
        pass(Duration.ofSeconds(1), true);
        assertThat(watch.silent()).isFalse();
        assertThat(watch.settled()).isFalse();

        pass(Duration.ofSeconds(5), true);

        assertThat(watch.settled()).isTrue();
    }

    @Test
    void whatIsNotKnownIsNotSilence() {
        answered = OptionalDouble.empty();
        pass(Duration.ofSeconds(60), false);

        assertThat(watch.silent()).isFalse();
    }

    /** The loop looks several times a second. */
    private void pass(Duration time, boolean answering) {
        for (long left = time.toMillis(); left > 0; left -= 100) {
            nowNs += 100_000_000L;
            if (answering && answered.isPresent()) {
                answered = OptionalDouble.of(answered.getAsDouble() + 1);
            }
            watch.settled();
        }
    }
}
