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
    /** Between two bursts, most often of one message. */
    private double meanGapNs;

    private int burst = 1;
    private long state;
    private long startedNs;
    /** Of the next message, since the start: a double holds whole nanoseconds for a hundred days. */
    private double nextOffsetNs;

    private long nextNs;
    private long bursts;

    /** Messages of the burst that comes next, or has begun, before the next message. */
    private int before;

    /** @param salt of the flow, so that flows with the same seed do not send in step */
    void attach(Pace pace, long salt) {
        poisson =
                switch (pace.arrival()) {
                    case CONSTANT -> false;
                    case POISSON -> true;
                };
        burst = pace.burst();
        meanGapNs = NS_PER_SECOND / pace.messagesPerSecond() * burst;
        state = pace.seed() ^ salt * GOLDEN_GAMMA;
    }

    /** The first burst is due now, or one random gap from now. */
    void begin(long nowNs) {
        startedNs = nowNs;
        bursts = 0;
        before = 0;
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
        return leftNs <= 0 ? 0 : burst - before + burst * (long) ((leftNs - 1) / meanGapNs);
    }

    /** On to the next message: of the same burst, due at the same time, or of the next one. */
    void advance() {
        if (++before < burst) {
            return;
        }
        before = 0;
        bursts++;
        // Constant gaps are multiplied, not added up: a billion roundings would make a rate of their own.
        nextOffsetNs = poisson ? nextOffsetNs + gapNs() : bursts * meanGapNs;
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
