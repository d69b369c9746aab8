package dev.flowlane.core.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.steering.PredictionTrust.Direction;
import dev.flowlane.core.steering.PredictionTrust.Tally;
import org.junit.jupiter.api.Test;

class PredictionTrustTest {
    private static final Direction TO_B = new Direction("host-b", "host-a");
    private static final Direction TO_A = new Direction("host-a", "host-b");

    @Test
    void predictionsAreBelievedUntilEightWereCompared() {
        PredictionTrust trust = observe(PredictionTrust.NEW, TO_B, 7, 0);

        assertThat(trust.trusted(TO_B)).isTrue();
        assertThat(trust.observe(TO_B, 1, 2).trusted(TO_B)).isFalse();
    }

    @Test
    void threeOfFourAreEnough() {
        assertThat(observe(observe(PredictionTrust.NEW, TO_B, 6, 6), TO_B, 2, 0).trusted(TO_B)).isTrue();
        assertThat(observe(observe(PredictionTrust.NEW, TO_B, 5, 5), TO_B, 3, 0).trusted(TO_B)).isFalse();
    }

    @Test
    void oneDirectionSaysNothingOfTheOther() {
        PredictionTrust trust = observe(PredictionTrust.NEW, TO_B, 20, 0);

        assertThat(trust.trusted(TO_B)).isFalse();
        assertThat(trust.trusted(TO_A)).isTrue();
        assertThat(trust.trusted(new Direction("host-b", "host-c"))).isTrue();
    }

    @Test
    void whatFailsAfterALongTimeOfSuccessIsDroppedSoon() {
        PredictionTrust trust = observe(PredictionTrust.NEW, TO_B, 10_000, 10_000);
        assertThat(trust.tally(TO_B).observations()).isLessThan(PredictionTrust.OBSERVATIONS_MAX);

        assertThat(observe(trust, TO_B, 24, 0).trusted(TO_B)).isFalse();
    }

    @Test
    void whatIsRightAgainComesBack() {
        PredictionTrust failed = observe(PredictionTrust.NEW, TO_B, 8, 0);

        assertThat(observe(failed, TO_B, 23, 23).trusted(TO_B)).isFalse();
        assertThat(observe(failed, TO_B, 24, 24).trusted(TO_B)).isTrue();
    }

    @Test
    void aReceiverWhoseInterfacesChangedBeginsAnew() {
        PredictionTrust failed = observe(observe(PredictionTrust.NEW, TO_B, 8, 0), TO_A, 8, 0);

        assertThat(failed.forget("host-b").trusted(TO_B)).isTrue();
        assertThat(failed.forget("host-b").tally(TO_A)).isEqualTo(new Tally(8, 0));
    }

    private static PredictionTrust observe(PredictionTrust trust, Direction direction, int count, int hits) {
        PredictionTrust next = trust;
        for (int i = 0; i < count; i++) {
            next = next.observe(direction, 1, i < hits ? 1 : 2);
        }
        return next;
    }
}
