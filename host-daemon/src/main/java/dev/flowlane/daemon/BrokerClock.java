package dev.flowlane.daemon;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.function.LongSupplier;

/**
 * The broker's clock as seen from here: from the append times returned for this daemon's own events. Of the last few
 * samples the one with the shortest round trip counts (as NTP's clock filter does, RFC 5905).
 *
 * <p>It goes on by the monotonic clock: a step of this host's wall clock, after which the wall clock's offset is only
 * learnt with the next events, makes no command too late. Thread-safe.
 */
final class BrokerClock {
    private static final int SAMPLES = 8;

    /** Append times are cut to milliseconds: the middle of one is half a millisecond later. */
    private static final long HALF_A_MILLISECOND_NS = 500_000;

    /** What the clocks drift apart between samples, generously, and what the cut of append times hides. */
    private static final long SLACK_NS = 5_000_000;

    /** Broker's time minus the anchored monotonic one. */
    private record Sample(long offsetNs, long roundTripNs) {
        /** Half of the round trip on either side is what the offset may really be. */
        boolean contradicts(Sample other) {
            return Math.abs(offsetNs - other.offsetNs) > (roundTripNs + other.roundTripNs) / 2 + SLACK_NS;
        }
    }

    private final InstantSource wall;
    private final LongSupplier monotonicNs;
    private final Instant anchor;
    private final long anchorNs;
    private final Deque<Sample> samples = new ArrayDeque<>();

    /** @param monotonicNs {@link System#nanoTime} outside tests */
    BrokerClock(InstantSource wall, LongSupplier monotonicNs) {
        this.wall = wall;
        this.monotonicNs = monotonicNs;
        this.anchor = wall.instant();
        this.anchorNs = monotonicNs.getAsLong();
    }

    /** The monotonic clock, for {@link #sample}. */
    long monotonicNs() {
        return monotonicNs.getAsLong();
    }

    /** Notes one event: sent and acknowledged by {@link #monotonicNs}, appended by the broker's clock. */
    synchronized void sample(long sentNs, long acknowledgedNs, Instant appended) {
        long roundTripNs = acknowledgedNs - sentNs;
        long middleNs = sentNs - anchorNs + roundTripNs / 2;
        Sample sample = new Sample(
                Duration.between(anchor, appended).toNanos() + HALF_A_MILLISECOND_NS - middleNs, roundTripNs);
        // The broker's clock was set, or this host was suspended, which its monotonic clock does not count.
        samples.removeIf(sample::contradicts);
        samples.addLast(sample);
        if (samples.size() > SAMPLES) {
            samples.removeFirst();
        }
    }

    /** The broker's time now; null before the first sample. */
    synchronized @Nullable Instant now() {
        return samples.stream()
                .min(Comparator.comparingLong(Sample::roundTripNs))
                .map(best -> anchor.plusNanos(monotonicNs.getAsLong() - anchorNs + best.offsetNs()))
                .orElse(null);
    }

    /**
     * The broker's time now.
     *
     * @param otherwise a time of the broker's that has passed for certain, when nothing is known of its clock yet
     */
    Instant now(Instant otherwise) {
        Instant now = now();
        return now == null ? otherwise : now;
    }

    /** Broker's clock minus this host's wall clock as it is now; null before the first sample. */
    @Nullable Duration offset() {
        Instant now = now();
        return now == null ? null : Duration.between(wall.instant(), now);
    }
}
