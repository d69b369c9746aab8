package dev.flowlane.core.spec;

/**
 * An open loop: messages are sent when they are due, whether or not those before them were answered.
 *
 * @param perSecond mean rate of every flow, in messages or in bits of their payload
 * @param seed of the random times
 * @param burst messages that are due at a time, 1 to {@link #BURST_MAX}, at the same mean rate
 */
public record Pace(long perSecond, Unit unit, Arrival arrival, long seed, int burst) {
    /** Most messages that are due at a time. */
    static final int BURST_MAX = Traffic.OUTSTANDING_MAX;

    /** Most messages of one flow in a second. */
    static final long MESSAGES_MAX = 10_000_000;

    /** Least and most bits of one flow in a second. */
    static final long BITS_MIN = 1_000;

    static final long BITS_MAX = 10_000_000_000_000L;

    /** What a rate counts. */
    public enum Unit {
        MESSAGES,
        BITS
    }

    /** How the times between two messages are distributed. */
    public enum Arrival {
        /** All the same. */
        CONSTANT,
        /** Exponentially: a Poisson process. */
        POISSON
    }

    /** One message at a time. */
    public Pace(long perSecond, Unit unit, Arrival arrival, long seed) {
        this(perSecond, unit, arrival, seed, 1);
    }

    /** Messages per second, of that many bytes. */
    public double messagesPerSecond(int messageBytes) {
        return switch (unit) {
            case MESSAGES -> perSecond;
            case BITS -> (double) perSecond / Byte.SIZE / messageBytes;
        };
    }

    /** As a spec spells the rate. */
    String rateText() {
        return switch (unit) {
            case MESSAGES -> perSecond + "/s";
            case BITS -> Units.formatRateBitsPerSecond(perSecond);
        };
    }
}
