package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class IntervalRingTest {
    @Test
    void oneSlotAlwaysStaysWithTheProducer() {
        IntervalRing ring = new IntervalRing(4);
        for (int seq = 0; seq < 3; seq++) {
            ring.open().seq = seq;
            assertThat(ring.publish()).isTrue();
        }
        ring.open().seq = 3;
        assertThat(ring.publish()).isFalse();
        assertThat(ring.open().seq).isEqualTo(3);

        for (int seq = 0; seq < 3; seq++) {
            IntervalSlot slot = ring.peek();
            assertThat(slot).isNotNull();
            assertThat(slot.seq).isEqualTo(seq);
            ring.release();
        }
        assertThat(ring.peek()).isNull();
        assertThat(ring.publish()).isTrue();
    }

    @Test
    void slotsComeBackEmpty() {
        IntervalRing ring = new IntervalRing(2);
        for (int round = 0; round < 5; round++) {
            assertThat(ring.open().roundTrips.getTotalCount()).isZero();
            assertThat(ring.open().cpusSeen).containsOnly(0);
            ring.open().roundTrips.recordValue(17);
            ring.open().saw(70);
            assertThat(ring.publish()).isTrue();
            ring.release();
        }
    }

    @Test
    void resetForgetsWhatNobodyTook() {
        IntervalRing ring = new IntervalRing(2);
        ring.open().roundTrips.recordValue(17);
        ring.publish();
        ring.open().roundTrips.recordValue(18);
        ring.reset();
        assertThat(ring.peek()).isNull();
        assertThat(ring.open().roundTrips.getTotalCount()).isZero();
        assertThat(ring.publish()).isTrue();
    }
}
