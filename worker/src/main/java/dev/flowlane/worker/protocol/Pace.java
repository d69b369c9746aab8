package dev.flowlane.worker.protocol;

/**
 * An open loop: messages are sent when they are due, whether or not those before them were answered.
 *
 * @param arrival how the times between two messages are distributed
 * @param messagesPerSecond mean rate, above 0, up to {@link #MAX_MESSAGES_PER_SECOND}
 * @param seed of the random times; the same seed and flow give the same times
 */
public record Pace(Arrival arrival, double messagesPerSecond, long seed) {
    public static final double MAX_MESSAGES_PER_SECOND = 1e8;

    /** The times between two messages. */
    public enum Arrival {
        /** All the same. */
        CONSTANT,
        /** Exponentially distributed: messages arrive as a Poisson process. */
        POISSON
    }

    public Pace {
        if (!(messagesPerSecond > 0 && messagesPerSecond <= MAX_MESSAGES_PER_SECOND)) {
            throw new IllegalArgumentException("messagesPerSecond is " + messagesPerSecond + ", allowed is above 0 to "
                    + MAX_MESSAGES_PER_SECOND);
        }
    }
}
