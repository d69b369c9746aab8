package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class JitterTest {
    private final Jitter jitter = new Jitter();

    /** By hand: D = 160 gives J = 160/16 = 10; D = 0 gives 10 - 10/16 = 9.375; D = 320 gives 9.375 + 310.625/16. */
    @Test
    void everyDifferenceOfTransitsCountsASixteenth() {
        jitter.begin();
        jitter.arrived(1_000, 0);
        assertThat(jitter.ns()).isZero();
        jitter.arrived(2_160, 1_000);
        assertThat(jitter.ns()).isEqualTo(10);
        jitter.arrived(3_160, 2_000);
        assertThat(jitter.ns()).isEqualTo(9);
        jitter.arrived(3_840, 3_000);
        assertThat(jitter.ns()).isEqualTo(28);
    }

    @Test
    void clocksThatDifferDoNotMatter() {
        jitter.begin();
        jitter.arrived(1_000, 5_000_000_000_000L);
        jitter.arrived(2_160, 5_000_000_001_000L);
        assertThat(jitter.ns()).isEqualTo(10);
    }

    @Test
    void aSteadyDifferenceIsWhatTheEstimateComesTo() {
        jitter.begin();
        for (int i = 0; i < 1_000; i++) {
            jitter.arrived(i * 1_000L + (i % 2) * 800L, i * 1_000L);
        }
        assertThat(jitter.ns()).isBetween(799L, 800L);
    }

    @Test
    void aNewBeginningForgets() {
        jitter.arrived(1_000, 0);
        jitter.arrived(9_000, 0);
        jitter.begin();
        jitter.arrived(1_000_000, 0);
        assertThat(jitter.ns()).isZero();
    }
}
