package dev.flowlane.daemon.telemetry;

import dev.flowlane.worker.protocol.IntervalReport;

import java.util.Locale;

/** Part of a measurement that a figure belongs to. Only what is measured is in results. */
enum Phase {
    WARMUP,
    MEASURED;

    static Phase of(IntervalReport interval) {
        return interval.warmup() ? WARMUP : MEASURED;
    }

    /** Value of the label {@code phase}. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
