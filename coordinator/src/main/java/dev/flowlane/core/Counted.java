package dev.flowlane.core;

/** Counts with their nouns, for people: {@code 1 segment}, {@code 12 segments}, {@code 0 segments}. */
public final class Counted {
    private Counted() {}

    /** A noun whose plural takes an s. */
    public static String of(long count, String noun) {
        return of(count, noun, noun + "s");
    }

    /**
     * Whatever follows the number, a verb with it where there is one.
     *
     * @param one such as {@code segment was}
     * @param several such as {@code segments were}
     */
    public static String of(long count, String one, String several) {
        return count + " " + (count == 1 ? one : several);
    }
}
