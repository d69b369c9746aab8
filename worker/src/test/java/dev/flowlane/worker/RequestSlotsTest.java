package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

final class RequestSlotsTest {
    private final RequestSlots slots = new RequestSlots();

    @Test
    void theOldestIsTheOneThatWasSentFirstOfThoseLeft() {
        slots.begin(3);
        int a = slots.reserve(0, 0);
        slots.sent(a, 10);
        int b = slots.reserve(1, 0);
        slots.sent(b, 20);
        int c = slots.reserve(2, 0);
        slots.sent(c, 30);
        assertThat(slots.anyFree()).isFalse();

        slots.end(b);
        assertThat(slots.oldest()).isEqualTo(a);
        slots.end(a);
        assertThat(slots.oldest()).isEqualTo(c);
        slots.end(c);
        assertThat(slots.oldest()).isEqualTo(RequestSlots.NONE);
        assertThat(slots.live()).isZero();
    }

    @Test
    void aSlotThatIsUsedAgainIsNotTheEarlierRequests() {
        slots.begin(1);
        int slot = slots.reserve(7, 0);
        slots.sent(slot, 1);
        slots.end(slot);
        assertThat(slots.isUnderWay(slot, 7)).isFalse();
        slots.sent(slots.reserve(8, 0), 2);

        assertThat(slots.isUnderWay(slot, 7)).isFalse();
        assertThat(slots.isUnderWay(slot, 8)).isTrue();
        assertThat(slots.isUnderWay(1, 8)).isFalse();
    }

    /** Against a map that keeps its order. */
    @Test
    void anyOrderOfEndsKeepsTheOrderOfTheRest() {
        Random random = new Random(1);
        slots.begin(50);
        Map<Integer, Long> live = new LinkedHashMap<>();
        long number = 0;
        for (int i = 0; i < 20_000; i++) {
            if (slots.anyFree() && random.nextBoolean()) {
                int slot = slots.reserve(number, i);
                slots.sent(slot, i);
                live.put(slot, number++);
            } else if (!live.isEmpty()) {
                List<Map.Entry<Integer, Long>> used = new ArrayList<>(live.entrySet());
                Map.Entry<Integer, Long> one = used.get(random.nextInt(used.size()));
                assertThat(slots.isUnderWay(one.getKey(), one.getValue())).isTrue();
                slots.end(one.getKey());
                live.remove(one.getKey());
            }
            assertThat(slots.live()).isEqualTo(live.size());
            assertThat(slots.oldest())
                    .isEqualTo(live.isEmpty() ? RequestSlots.NONE : live.keySet().iterator().next());
        }
    }
}
