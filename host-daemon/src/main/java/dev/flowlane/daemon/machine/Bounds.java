package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.FlowSettings;

import java.time.Duration;

/** Every wait of the daemon has one of these bounds, in nanoseconds. */
final class Bounds {
    static final long HEARTBEAT_NS = ms(1000);

    /** Steps in which a source reports what it has while other candidates are still on their way. */
    static final long REPORT_OPENED_NS = ms(20);

    /** A destination does not know how many will come: it reports when none came for so long. */
    static final long REPORT_ACCEPTED_NS = ms(2);

    static final long REPORT_READY_NS = ms(5);

    /** Longer than the coordinator's connect and prepare phases together. */
    static final long ABANDONED_NS = ms(45_000);

    /** A run that is over and never released; the coordinator asks nothing so late. */
    static final long FORGET_NS = ms(600_000);

    /** Cold workers on a busy machine start in a few seconds, and an end waits for its peer's as for its own. */
    static final long PREPARING_NS = ms(18_000);

    static final long WARMING_NS = ms(60_000);

    /** A worker that has not begun reports at once. */
    static final long STOP_BEFORE_START_NS = ms(2000);

    static final long STOP_SLACK_NS = ms(3000);

    /** Below the coordinator's 15 s for the end of a run, so that it hears which intervals are missing, and why. */
    static final long SETTLING_NS = ms(12_000);

    static final long SILENCE_SLACK_NS = ms(2000);
    static final long DEADLINE_SLACK_NS = ms(12_000);

    /** Surplus workers stay for the next run of the same size. */
    static final long TRIM_NS = ms(60_000);

    /** An orderly end takes less than 2 s in all. */
    static final long SHUTDOWN_NS = ms(1200);

    private Bounds() {}

    /**
     * How long an end may be silent after interval {@code seq} (-1: none yet): three intervals and a little. The last
     * interval is still open while the flow drains.
     */
    static long silenceNs(FlowSettings settings, int seq) {
        int expected = settings.warmupIntervals() + settings.measuredIntervals();
        long drainNs = seq >= expected - 2 ? settings.drainTimeoutNs() : 0;
        return 3 * settings.intervalNs() + SILENCE_SLACK_NS + drainNs;
    }

    /** From START to the moment at which no worker of the run may be alive. */
    static long runNs(FlowSettings settings) {
        return settings.warmupNs() + settings.durationNs() + settings.drainTimeoutNs() + DEADLINE_SLACK_NS;
    }

    /** Doubles with every failure in a row, from half a second to half a minute. */
    static long respawnNs(int failuresInARow) {
        return Math.min(ms(30_000), ms(250) << Math.min(failuresInARow, 10));
    }

    private static long ms(long milliseconds) {
        return Duration.ofMillis(milliseconds).toNanos();
    }
}
