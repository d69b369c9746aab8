package dev.flowlane.bus;

import java.util.Locale;

/** Who takes part in an installation; each has a principal of its own where Kafka asks for one. */
public enum BusRole {
    /** Decides: reads commands and what hosts say, writes runs, orders and results. */
    COORDINATOR,
    /** Measures: reads orders, writes what its host is, says and measures. */
    DAEMON,
    /** Asks: writes commands and baselines, reads everything but orders, which carry the keys of runs. */
    USER,
    /** Evaluates: reads results and telemetry, writes nothing. */
    ANALYTICS;

    /** As a command line spells it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
