package dev.flowlane.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The broker's clock as seen from here. Deadlines on the bus are judged by the broker's time of appending, so the
 * coordinator decides by that clock too and not by its own, which may be minutes off.
 *
 * <p>Every record with a log-append time bounds the offset (broker minus local). One that was written here was appended
 * between sending and acknowledgement: a bound on either side. One that was read here was appended before it was read:
 * a bound from below. The bounds are intersected and widen with age by {@value #DRIFT_PPM} ppm, far more than two
 * clocks drift apart; bounds that contradict each other mean that a clock was set, and the newer ones win. Local time
 * is the monotonic clock anchored once, so a step of the local clock has no effect.
 *
 * <p>The clock never goes back, because whoever decides by it must not see that. When it turns out to be ahead of the
 * broker it goes at half its speed until the broker has caught up; when it is behind, it jumps.
 *
 * <p>Not thread-safe.
 */
final class BrokerClock {
    static final long DRIFT_PPM = 200;

    /** Log-append times are whole milliseconds, rounded down. */
    private static final long RESOLUTION_NS = 1_000_000;

    private final Instant anchor;
    private final long anchorNs;
    private final LongSupplier monotonicNs;

    private boolean lowerKnown;
    private boolean upperKnown;
    private long lowerNs;
    private long upperNs;
    private long boundsAtNs;
    private long readAtNs;
    private long readNs = Long.MIN_VALUE;

    /**
     * @param wall the local wall clock, read once
     * @param monotonicNs the local monotonic clock, {@link System#nanoTime} outside tests
     */
    BrokerClock(InstantSource wall, LongSupplier monotonicNs) {
        this.monotonicNs = monotonicNs;
        this.anchorNs = monotonicNs.getAsLong();
        this.anchor = wall.instant();
        this.boundsAtNs = anchorNs;
    }

    /** The broker's time now: the best guess, and the local clock as long as nothing was seen from the broker. */
    Instant now() {
        long localNs = monotonicNs.getAsLong() - anchorNs;
        long now = localNs + offsetNs();
        if (readNs != Long.MIN_VALUE && now < readNs) {
            now = readNs + (localNs - readAtNs) / 2;
        }
        readAtNs = localNs;
        readNs = now;
        return anchor.plusNanos(now);
    }

    /** The local monotonic clock, for {@link #wrote}. */
    long monotonicNs() {
        return monotonicNs.getAsLong();
    }

    /** Broker's clock minus the local one as it was at the start. */
    Duration offset() {
        return Duration.ofNanos(offsetNs());
    }

    /** Whether the broker's clock is bounded on both sides yet. */
    boolean known() {
        return upperKnown;
    }

    /** A record was appended between two readings of {@link #monotonicNs()} that were taken here. */
    void wrote(long sentNs, long acknowledgedNs, Instant appendTime) {
        long appendNs = sinceAnchorNs(appendTime);
        widen();
        raiseLower(appendNs - (acknowledgedNs - anchorNs));
        lowerUpper(appendNs + RESOLUTION_NS - (sentNs - anchorNs));
    }

    /** A record with this append time has just been read. */
    void read(Instant appendTime) {
        long readNs = monotonicNs.getAsLong() - anchorNs;
        widen();
        raiseLower(sinceAnchorNs(appendTime) - readNs);
    }

    private void raiseLower(long boundNs) {
        if (!lowerKnown || boundNs > lowerNs) {
            lowerNs = boundNs;
            lowerKnown = true;
        }
        if (upperKnown && lowerNs > upperNs) {
            upperKnown = false;
        }
    }

    private void lowerUpper(long boundNs) {
        if (!upperKnown || boundNs < upperNs) {
            upperNs = boundNs;
            upperKnown = true;
        }
        if (lowerNs > upperNs) {
            lowerNs = upperNs;
        }
    }

    private void widen() {
        long nowNs = monotonicNs.getAsLong();
        long slackNs = (nowNs - boundsAtNs) / 1_000_000 * DRIFT_PPM;
        if (slackNs > 0) {
            lowerNs -= slackNs;
            upperNs += slackNs;
            boundsAtNs = nowNs;
        }
    }

    private long offsetNs() {
        if (upperKnown) {
            return lowerNs + (upperNs - lowerNs) / 2;
        }
        // Reading alone says little: the record may have waited for hours. It can only show that the local clock is
        // behind.
        return lowerKnown ? Math.max(0, lowerNs) : 0;
    }

    private long sinceAnchorNs(Instant time) {
        return Duration.between(anchor, time).toNanos();
    }
}
