package dev.flowlane.coordinator;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * Notices that Kafka has fallen silent. A consumer just returns nothing then, exactly as if there were no news; but its
 * brokers answer its fetches at least twice a second even when there are none. Not thread-safe.
 */
final class KafkaWatch {
    /** Longer than any pause of a healthy broker, shorter than any lease. */
    private static final Duration SILENCE = Duration.ofSeconds(3);

    private static final Duration LOOK = Duration.ofMillis(500);

    private final ClientMetrics client;
    private final LongSupplier monotonicNs;
    private double answered = -1;
    private long answeredAtNs;
    private long lookedAtNs;

    KafkaWatch(ClientMetrics client, LongSupplier monotonicNs) {
        this.client = client;
        this.monotonicNs = monotonicNs;
        restart();
    }

    /** A new consumer has just heard from Kafka. */
    void restart() {
        answered = -1;
        answeredAtNs = monotonicNs.getAsLong();
        lookedAtNs = answeredAtNs;
    }

    /** Whether Kafka has not answered for a while. */
    boolean silent() {
        long nowNs = monotonicNs.getAsLong();
        if (nowNs - lookedAtNs >= LOOK.toNanos()) {
            lookedAtNs = nowNs;
            OptionalDouble now = client.fetchesAnswered();
            if (now.isEmpty() || now.getAsDouble() != answered) {
                answered = now.orElse(-1);
                answeredAtNs = nowNs;
            }
        }
        return nowNs - answeredAtNs >= SILENCE.toNanos();
    }

    /** For people, while {@link #silent}. */
    String problem() {
        double seconds = (monotonicNs.getAsLong() - answeredAtNs) / 1e9;
        return String.format(Locale.ROOT, "Kafka has not answered for %.0f s; runs go on, decisions wait", seconds);
    }
}
