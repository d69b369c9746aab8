package dev.flowlane.daemon.telemetry;

/** Room for series: per-flow and per-CPU ones are made only while there is some. Not thread-safe. */
final class SeriesBudget {
    private final int max;
    private int used;
    private long dropped;

    /**
     * A budget that nothing was taken from.
     *
     * @param max most series at a time, at least 0
     */
    SeriesBudget(int max) {
        this.max = max;
    }

    /** Takes room for some series, all or none; those that are refused count as dropped. */
    boolean take(int series) {
        if (used + series > max) {
            dropped += series;
            return false;
        }
        used += series;
        return true;
    }

    void giveBack(int series) {
        used -= series;
    }

    int used() {
        return used;
    }

    /** Series that there was no room for, so far. */
    long dropped() {
        return dropped;
    }
}
