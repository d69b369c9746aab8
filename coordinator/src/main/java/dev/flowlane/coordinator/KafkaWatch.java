package dev.flowlane.coordinator;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Notices that Kafka has fallen silent. A consumer just returns nothing then, exactly as if there were no news; but its
 * brokers answer its fetches at least twice a second even when there are none. Not thread-safe.
 */
final class KafkaWatch {
    /** Longer than any pause of a healthy broker, shorter than any lease. */
    private static final Duration SILENCE = Duration.ofSeconds(3);

    private static final Duration LOOK = Duration.ofMillis(500);

    /**
     * After a silence, until hosts that are alive have been heard again: they have to find the broker as well, and
     * their leases ran on meanwhile.
     */
    private static final Duration SETTLING = Duration.ofSeconds(5);

    private final Supplier<OptionalDouble> fetchesAnswered;
    private final LongSupplier monotonicNs;
    private double answered = -1;
    private long answeredAtNs;
    private long lookedAtNs;
    private boolean wasSilent;
    private long silenceEndedAtNs;

    /**
     * A watch over one consumer.
     *
     * @param fetchesAnswered how many of its fetches were answered so far; empty when that is not known
     */
    KafkaWatch(Supplier<OptionalDouble> fetchesAnswered, LongSupplier monotonicNs) {
        this.fetchesAnswered = fetchesAnswered;
        this.monotonicNs = monotonicNs;
        restart();
    }

    /** A new consumer has just heard from Kafka. */
    void restart() {
        answered = -1;
        answeredAtNs = monotonicNs.getAsLong();
        lookedAtNs = answeredAtNs;
        wasSilent = false;
        silenceEndedAtNs = answeredAtNs - SETTLING.toNanos();
    }

    /** Whether Kafka has not answered for a while. */
    boolean silent() {
        long nowNs = monotonicNs.getAsLong();
        if (nowNs - lookedAtNs >= LOOK.toNanos()) {
            lookedAtNs = nowNs;
            OptionalDouble now = fetchesAnswered.get();
            if (now.isEmpty() || now.getAsDouble() != answered) {
                answered = now.orElse(-1);
                answeredAtNs = nowNs;
            }
        }
        boolean silent = nowNs - answeredAtNs >= SILENCE.toNanos();
        if (wasSilent && !silent) {
            silenceEndedAtNs = nowNs;
        }
        wasSilent = silent;
        return silent;
    }

    /**
     * Whether silence may be held against a host: Kafka answers, and has done so for long enough to hear from hosts.
     */
    boolean settled() {
        return !silent() && monotonicNs.getAsLong() - silenceEndedAtNs >= SETTLING.toNanos();
    }

    /** For people, while {@link #silent}. */
    String problem() {
        double seconds = (monotonicNs.getAsLong() - answeredAtNs) / 1e9;
        return String.format(Locale.ROOT, "Kafka has not answered for %.0f s; runs go on, decisions wait", seconds);
    }
}
