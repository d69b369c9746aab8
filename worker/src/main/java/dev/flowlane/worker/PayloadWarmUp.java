package dev.flowlane.worker;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Compares payloads that have a mark, an error or nothing in them, at many places. A flow has one mark, which comes
 * just when its measured window begins: whoever compiled the comparison without ever having seen one would have to
 * throw the code away at that moment, and the first interval would pay for it (measured: 1.2 to 1.5 times its CPU
 * time).
 */
final class PayloadWarmUp {
    /** Several steps of {@link Pattern#mismatch}, and a rest. */
    private static final int LONGEST_BYTES = 40_000;

    private static final int COMPARISONS = 60;

    /** Prime numbers, so that lengths and places have nothing in common. */
    private static final int LENGTH_STEP = 1_609;

    private static final int PLACE_STEP = 7_919;

    private PayloadWarmUp() {}

    static void compare() {
        try (Arena arena = Arena.ofConfined()) {
            Pattern pattern = new Pattern(arena, LONGEST_BYTES);
            MemorySegment received = Buffers.unscoped(arena.allocate(LONGEST_BYTES));
            PayloadCheck check = new PayloadCheck();
            for (int i = 0; i < COMPARISONS; i++) {
                int count = 2 + i * LENGTH_STEP % (LONGEST_BYTES - 2);
                long streamOffset = (long) i * count;
                MemorySegment.copy(pattern.bytes(), Pattern.start(streamOffset), received, 0, count);
                boolean mark = i % 3 > 0;
                if (mark) {
                    received.set(ValueLayout.JAVA_BYTE, i * PLACE_STEP % count, Pattern.MARK);
                }
                // A mark that nobody awaits is an error.
                check.begin(i % 3 == 1, true);
                long at = check.look(pattern, received, count, streamOffset);
                if (at >= 0 != (i % 3 == 1) || check.wrongAt() >= 0 != (i % 3 == 2)) {
                    throw new IllegalStateException("a payload of " + count + " bytes was not compared right");
                }
            }
        }
    }
}
