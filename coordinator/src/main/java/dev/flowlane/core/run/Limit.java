package dev.flowlane.core.run;

import dev.flowlane.core.Counted;
import dev.flowlane.core.spec.Units;

import java.time.Duration;

/** What a requester's runs may be bounded in. */
public enum Limit {
    /** Flows of one run, over all its pairs of hosts. */
    FLOWS("flows"),
    /** Payload bits per second of one run, all flows and both directions together; bit/s. */
    RATE("rate"),
    /** Requests per second of one run, all flows together. */
    REQUESTS("requests"),
    /** Warm-up and measured window of one run, all its trials together; nanoseconds. */
    DURATION("duration"),
    /** Runs that are not over, waiting ones included. */
    RUNS("runs");

    private final String key;

    Limit(String key) {
        this.key = key;
    }

    /** As settings spell it. */
    public String key() {
        return key;
    }

    /** An amount of it with what it is of: {@code 1 run at a time}. */
    String phrase(long amount) {
        return switch (this) {
            case FLOWS -> Counted.of(amount, "flow") + " in one run";
            case RUNS -> Counted.of(amount, "run") + " at a time";
            case REQUESTS -> Counted.of(amount, "request") + " a second in one run, all flows together";
            case RATE -> text(amount) + " of payload in one run, all flows together";
            case DURATION -> text(amount) + " of traffic in one run, all trials together";
        };
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
