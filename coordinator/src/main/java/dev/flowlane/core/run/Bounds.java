package dev.flowlane.core.run;

import dev.flowlane.core.spec.RunSpec;

import java.time.Duration;

/** How long anything may take. Every end of a bound has a reason that names host, phase and what to look at. */
final class Bounds {
    /** From CONNECT to a placement. */
    static final Duration CONNECT = Duration.ofSeconds(10);

    /** From ASSIGN to READY of every flow end; includes the start of workers that are not warm. */
    static final Duration PREPARE = Duration.ofSeconds(20);

    /** What a worker may drain after the duration. */
    static final Duration DRAIN = Duration.ofSeconds(5);

    /** On top of warm-up, duration and drain, for the way of the reports. */
    static final Duration GRACE = Duration.ofSeconds(10);

    /** From the end of the sources, or from STOP, to the last report. */
    static final Duration FINISH = Duration.ofSeconds(15);

    /** For candidates of one batch; a daemon gives up a connection after about 2 s. */
    static final Duration BATCH = Duration.ofSeconds(3);

    /**
     * A timer that comes later than this was held up: the coordinator or the bus was away, and words of the hosts may
     * still be unread. It is put off once by {@link #CATCH_UP} instead of being believed.
     */
    static final Duration LATE = Duration.ofSeconds(2);

    /** Time for reading what piled up. */
    static final Duration CATCH_UP = Duration.ofSeconds(3);

    /**
     * Placements that may be tried when READY does not show the lanes that were planned, and measurements that may be
     * begun when a flow leaves its lane and the spec says rehunt.
     */
    static final int ATTEMPTS = 3;

    /** How far ahead a run may be asked for. */
    static final Duration NOT_BEFORE = Duration.ofDays(366);

    /** Terminal runs that are remembered, for the answers to repeated ids and for lists. */
    static final int TERMINAL_RUNS = 200;

    /**
     * Flows of them whose lanes are remembered, for runs that ask for the same ones; about 2.5 kB each. A run has up to
     * 4,096.
     */
    static final int TERMINAL_FLOWS = 20_000;

    private Bounds() {}

    /** From START to the end of the last source. */
    static Duration running(RunSpec spec) {
        return spec.warmup().plus(spec.duration()).plus(DRAIN).plus(GRACE);
    }
}
