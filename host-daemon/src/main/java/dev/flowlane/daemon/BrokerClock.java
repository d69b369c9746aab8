package dev.flowlane.daemon;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;

/**
 * The broker's clock as seen from here: from the append times returned for this daemon's own events. Of the last few
 * samples the one with the shortest round trip counts (as NTP's clock filter does, RFC 5905). Thread-safe.
 */
final class BrokerClock {
    private static final int SAMPLES = 8;

    /** Append times are cut to milliseconds: the middle of one is half a millisecond later. */
    private static final Duration HALF_A_MILLISECOND = Duration.ofNanos(500_000);

    private record Sample(Duration offset, Duration roundTrip) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** Notes one event: sent and acknowledged by this host's wall clock, appended by the broker's. */
    synchronized void sample(Instant sent, Instant acknowledged, Instant appended) {
        Duration roundTrip = Duration.between(sent, acknowledged);
        if (roundTrip.isNegative()) {
            samples.clear(); // This host's clock was set back: nothing known before holds.
            return;
        }
        Instant middle = sent.plus(roundTrip.dividedBy(2));
        samples.addLast(new Sample(Duration.between(middle, appended.plus(HALF_A_MILLISECOND)), roundTrip));
        if (samples.size() > SAMPLES) {
            samples.removeFirst();
        }
    }

    /** Broker's clock minus this host's; null before the first sample. */
    synchronized @Nullable Duration offset() {
        return samples.stream()
                .min(Comparator.comparing(Sample::roundTrip))
                .map(Sample::offset)
                .orElse(null);
    }

    /**
     * The broker's time at a moment of this host.
     *
     * @param otherwise a time of the broker's that has passed for certain, when the offset is not known yet
     */
    Instant at(Instant local, Instant otherwise) {
        Duration offset = offset();
        return offset == null ? otherwise : local.plus(offset);
    }
}
