package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.ReceiveDelay;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Compresses one flow's histograms and sums those of the measured window; by the control thread. */
final class RoundTripCodec {
    private final HistogramEncoder encoder;
    private final Histogram measured = IntervalSlot.newHistogram();

    /** The same from intended send times; made when a flow first needs it. */
    private @Nullable Histogram intended;

    /** Receive delays, of which only figures are told; made when a flow first needs it. */
    private @Nullable Histogram delays;

    /** @param encoder of this thread */
    RoundTripCodec(HistogramEncoder encoder) {
        this.encoder = encoder;
    }

    /** Forgets the last flow's sum. */
    void begin() {
        IntervalSlot.clear(measured);
        if (intended != null) {
            IntervalSlot.clear(intended);
        }
        if (delays != null) {
            IntervalSlot.clear(delays);
        }
    }

    Bytes interval(Histogram roundTrips, boolean warmup) {
        if (!warmup) {
            measured.add(roundTrips);
        }
        return encode(roundTrips);
    }

    /** The measured window: all its intervals, and those that were dropped. */
    Bytes total(Histogram lost) {
        measured.add(lost);
        return encode(measured);
    }

    /** As {@link #interval}, from intended send times. */
    Bytes intendedInterval(Histogram roundTrips, boolean warmup) {
        if (!warmup) {
            intended().add(roundTrips);
        }
        return encode(roundTrips);
    }

    /** As {@link #total}, from intended send times. */
    Bytes intendedTotal(Histogram lost) {
        intended().add(lost);
        return encode(intended());
    }

    ReceiveDelay delayInterval(Histogram receiveDelays, long unstamped, boolean warmup) {
        if (!warmup) {
            delays().add(receiveDelays);
        }
        return ReceiveDelays.figures(receiveDelays, unstamped);
    }

    /** As {@link #total}. */
    ReceiveDelay delayTotal(Histogram lost, long unstamped) {
        delays().add(lost);
        return ReceiveDelays.figures(delays(), unstamped);
    }

    private Histogram delays() {
        Histogram sum = delays;
        if (sum == null) {
            sum = IntervalSlot.newDelayHistogram();
            delays = sum;
        }
        return sum;
    }

    private Histogram intended() {
        Histogram sum = intended;
        if (sum == null) {
            sum = IntervalSlot.newHistogram();
            intended = sum;
        }
        return sum;
    }

    private Bytes encode(Histogram histogram) {
        return encoder.encode(histogram);
    }
}
