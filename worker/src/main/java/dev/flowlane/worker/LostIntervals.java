package dev.flowlane.worker;

import dev.flowlane.worker.protocol.FlowSettings;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What the measured window's intervals held that could not be handed over: their sums are part of the flow's. */
final class LostIntervals {
    private final Histogram roundTrips = IntervalSlot.newHistogram();
    private @Nullable Histogram intended;
    private @Nullable Histogram receiveDelays;

    /** Forgets the last flow. */
    void begin(FlowSettings settings) {
        IntervalSlot.clear(roundTrips);
        if (settings.timesIntended()) {
            intended = intended == null ? IntervalSlot.newHistogram() : intended;
            IntervalSlot.clear(intended);
        }
        if (settings.receiveTimestamps()) {
            receiveDelays = receiveDelays == null ? IntervalSlot.newDelayHistogram() : receiveDelays;
            IntervalSlot.clear(receiveDelays);
        }
    }

    void add(IntervalSlot slot) {
        if (slot.roundTrips.getTotalCount() > 0) {
            roundTrips.add(slot.roundTrips);
            if (intended != null && slot.intendedRoundTrips != null) {
                intended.add(slot.intendedRoundTrips);
            }
        }
        if (receiveDelays != null && slot.receiveDelays != null && slot.receiveDelays.getTotalCount() > 0) {
            receiveDelays.add(slot.receiveDelays);
        }
    }

    Histogram roundTrips() {
        return roundTrips;
    }

    /** From intended send times; null when no flow ever had a pace. */
    @Nullable Histogram intendedRoundTrips() {
        return intended;
    }

    /** Null when no flow ever asked for timestamps. */
    @Nullable Histogram receiveDelays() {
        return receiveDelays;
    }
}
