package dev.flowlane.core.run;

import dev.flowlane.core.spec.Units;

import java.time.Duration;

/** What a requester's runs may be bounded in. */
public enum Limit {
    /** Flows of one run, over all its pairs of hosts. */
    FLOWS("flows", "flows in one run"),
    /** Payload bits per second of one run, all flows and both directions together; bit/s. */
    RATE("rate", "of payload in one run, all flows together"),
    /** Requests per second of one run, all flows together. */
    REQUESTS("requests", "requests a second in one run, all flows together"),
    /** Warm-up and measured window of one run, all its trials together; nanoseconds. */
    DURATION("duration", "of traffic in one run, all trials together"),
    /** Runs that are not over, waiting ones included. */
    RUNS("runs", "runs at a time");

    private final String key;
    private final String what;

    Limit(String key, String what) {
        this.key = key;
        this.what = what;
    }

    /** As settings spell it. */
    public String key() {
        return key;
    }

    /** The rest of a sentence that begins with an amount of it. */
    String what() {
        return what;
    }

    /** An amount of it, as settings and specs write one. */
    public String text(long amount) {
        return switch (this) {
            case FLOWS, RUNS, REQUESTS -> Long.toString(amount);
            case RATE -> Units.formatRateBitsPerSecond(amount);
            case DURATION -> Units.formatDuration(Duration.ofNanos(amount));
        };
    }
}
