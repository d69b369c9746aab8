package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Pace;

/**
 * When each message of an open loop is due. A pure iterator: it knows the time only by what it is told, and what was
 * sent late does not move what comes after it. Allocates nothing after {@link #attach}.
 */
final class Schedule {
    private static final double NS_PER_SECOND = 1e9;

    /** Of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"). */
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    /** 53 bits make a double from 0 to 1, 1 excluded. */
    private static final double UNIT = 0x1.0p-53;

    private boolean poisson;
    private double meanGapNs;
    private long state;
    private long startedNs;
    /** Of the next message, since the start: a double holds whole nanoseconds for a hundred days. */
    private double nextOffsetNs;

    private long nextNs;
    private long messages;

    /** @param salt of the flow, so that flows with the same seed do not send in step */
    void attach(Pace pace, long salt) {
        poisson =
                switch (pace.arrival()) {
                    case CONSTANT -> false;
                    case POISSON -> true;
                };
        meanGapNs = NS_PER_SECOND / pace.messagesPerSecond();
        state = pace.seed() ^ salt * GOLDEN_GAMMA;
    }

    /** The first message is due now, or one random gap from now. */
    void begin(long nowNs) {
        startedNs = nowNs;
        messages = 0;
        nextOffsetNs = poisson ? gapNs() : 0;
        nextNs = startedNs + (long) nextOffsetNs;
    }

    /** When the next message is due, by System.nanoTime. */
    long nextNs() {
        return nextNs;
    }

    /**
     * How many messages from the next one on are due before a time: of random times, as many as are to be expected.
     */
    long dueBefore(long endNs) {
        long leftNs = endNs - nextNs;
        return leftNs <= 0 ? 0 : 1 + (long) ((leftNs - 1) / meanGapNs);
    }

    void advance() {
        messages++;
        // Constant gaps are multiplied, not added up: a billion roundings would make a rate of their own.
        nextOffsetNs = poisson ? nextOffsetNs + gapNs() : messages * meanGapNs;
        nextNs = startedNs + (long) nextOffsetNs;
    }

    /** Exponentially distributed, by inversion. */
    private double gapNs() {
        return -Math.log(1 - (random() >>> 11) * UNIT) * meanGapNs;
    }

    private long random() {
        state += GOLDEN_GAMMA;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
