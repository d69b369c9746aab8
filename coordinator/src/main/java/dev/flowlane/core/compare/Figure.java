package dev.flowlane.core.compare;

/** What of two runs is compared. */
public enum Figure {
    THROUGHPUT_BITS_PER_SECOND("throughput", true),
    TRANSACTIONS_PER_SECOND("rate", true),
    ROUND_TRIP_P50_NS("round trip p50", false),
    ROUND_TRIP_P99_NS("round trip p99", false);

    private final String title;
    private final boolean moreIsBetter;

    Figure(String title, boolean moreIsBetter) {
        this.title = title;
        this.moreIsBetter = moreIsBetter;
    }

    /** For people. */
    public String title() {
        return title;
    }

    /** Whether a larger one is better. */
    public boolean moreIsBetter() {
        return moreIsBetter;
    }
}
