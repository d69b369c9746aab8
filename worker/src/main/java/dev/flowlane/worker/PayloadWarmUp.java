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

    /** The library compares up to 64 bytes in another way, and what is left of eight in a third one. */
    private static final int LONGEST_SHORT_BYTES = 90;

    /** Six of each: mark, error or nothing; at the begin, at the end or in between; long or short. */
    private static final int COMPARISONS = 6 * 3 * 3 * 2;

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
                int longest = i / 9 % 2 == 0 ? LONGEST_BYTES : LONGEST_SHORT_BYTES;
                int count = 2 + i * LENGTH_STEP % (longest - 2);
                int at =
                        switch (i / 3 % 3) {
                            case 0 -> 0;
                            case 1 -> count - 1;
                            default -> i * PLACE_STEP % count;
                        };
                compare(check, pattern, received, count, at, i % 3 > 0, i % 3 == 1);
            }
        }
    }

    /** @param awaited whether the mark is: one that nobody awaits is an error */
    private static void compare(
            PayloadCheck check,
            Pattern pattern,
            MemorySegment received,
            int count,
            int at,
            boolean marked,
            boolean awaited) {
        long streamOffset = (long) at * count;
        MemorySegment.copy(pattern.bytes(), Pattern.start(streamOffset, count), received, 0, count);
        if (marked) {
            received.set(ValueLayout.JAVA_BYTE, at, Pattern.MARK);
        }
        check.begin(awaited, true);
        long found = check.look(pattern, received, count, streamOffset);
        long wrong = check.wrongAt();
        if (found != (awaited ? at : PayloadCheck.NO_MARK) || wrong != (marked && !awaited ? at : -1)) {
            throw new IllegalStateException("a payload of " + count + " bytes was not compared right");
        }
    }
}
