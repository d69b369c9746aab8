package dev.flowlane.worker.protocol;

/**
 * An open loop: messages are sent when they are due, whether or not those before them were answered.
 *
 * @param arrival how the times between two messages are distributed
 * @param messagesPerSecond mean rate, above 0, up to {@link #MAX_MESSAGES_PER_SECOND}
 * @param seed of the random times; the same seed and flow give the same times
 * @param burst messages that are due at a time, 1 to {@link #MAX_BURST}; the rate stays what it is, so that the times
 *     lie as many times farther apart
 */
public record Pace(Arrival arrival, double messagesPerSecond, long seed, int burst) {
    public static final double MAX_MESSAGES_PER_SECOND = 1e8;

    /** As many as requests that may be unanswered at a time. */
    public static final int MAX_BURST = FlowSettings.MAX_OUTSTANDING;

    /** One message at a time. */
    public Pace(Arrival arrival, double messagesPerSecond, long seed) {
        this(arrival, messagesPerSecond, seed, 1);
    }

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
        FlowSettings.within("burst", burst, 1, MAX_BURST);
    }
}
