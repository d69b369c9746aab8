package dev.flowlane.worker;

import java.util.Arrays;

/**
 * Which numbers of a sequence have arrived: the last {@link #NUMBERS} up to the highest, one bit each. What is further
 * behind is lost, whether or not it arrives later. Pure, and allocates nothing.
 */
final class SequenceWindow {
    /** How far behind the highest a number may arrive. A multiple of 64, and a power of two. */
    static final int NUMBERS = 4096;

    /** A number so far ahead of the highest was never sent. */
    static final long FARTHEST_AHEAD = 1L << 40;

    /** What an arrival was. */
    enum Arrival {
        /** The highest number so far. */
        IN_ORDER,
        /** A lower number than one before it: "reordered" of RFC 4737, 3.3. */
        REORDERED,
        /** It had arrived before. */
        DUPLICATE,
        /** Too far behind to be told from a duplicate; it counts as lost already. */
        LATE
    }

    private final long[] words = new long[NUMBERS / Long.SIZE];
    private long highest;
    private long arrived;
    private long lost;

    SequenceWindow() {
        begin();
    }

    /** Nothing has arrived; the sequence begins at 0. */
    void begin() {
        Arrays.fill(words, 0);
        highest = -1;
        arrived = 0;
        lost = 0;
    }

    /**
     * Whether the number may be one of the sequence. What is not below 0 is compared without leaving the range of a
     * long, whatever a stranger has written there.
     */
    boolean isPlausible(long number) {
        return number >= 0 && number - FARTHEST_AHEAD <= highest;
    }

    /** @param number that {@link #isPlausible} */
    Arrival arrive(long number) {
        if (number > highest) {
            advance(number);
            mark(number);
            return Arrival.IN_ORDER;
        }
        if (number <= highest - NUMBERS) {
            return Arrival.LATE;
        }
        if (has(number)) {
            return Arrival.DUPLICATE;
        }
        mark(number);
        return Arrival.REORDERED;
    }

    /** Takes the numbers up to this one in; those that fall out at the other end without having arrived are lost. */
    private void advance(long number) {
        if (number - highest >= NUMBERS) {
            lost += missing() + number - NUMBERS - highest;
            Arrays.fill(words, 0);
        } else {
            for (long next = highest + 1; next <= number; next++) {
                if (next >= NUMBERS && !has(next)) {
                    lost++;
                }
                words[word(next)] &= ~bit(next);
            }
        }
        highest = number;
    }

    private void mark(long number) {
        words[word(number)] |= bit(number);
        arrived++;
    }

    /** Of a number and of the one {@link #NUMBERS} before it: they have the same bit. */
    private boolean has(long number) {
        return (words[word(number)] & bit(number)) != 0;
    }

    private static int word(long number) {
        return (int) (number & (NUMBERS - 1)) >>> 6;
    }

    private static long bit(long number) {
        return 1L << number;
    }

    /** The highest number that has arrived; -1: none has. */
    long highest() {
        return highest;
    }

    /** Different numbers that have arrived in time. */
    long arrived() {
        return arrived;
    }

    /** Numbers that can not arrive in time any more. */
    long lost() {
        return lost;
    }

    /** Numbers below the highest that have not arrived and still may. */
    long missing() {
        return highest + 1 - arrived - lost;
    }
}
