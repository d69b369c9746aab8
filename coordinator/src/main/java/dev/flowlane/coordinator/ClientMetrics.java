package dev.flowlane.coordinator;

import dev.flowlane.bus.ReaderMetrics;
import org.jspecify.annotations.Nullable;

import java.util.OptionalDouble;

/** What the reader of the session that decides now counts about itself; empty while there is none. From any thread. */
final class ClientMetrics {
    private volatile @Nullable ReaderMetrics reader;

    /** @param reader null: none reads any more */
    void of(@Nullable ReaderMetrics reader) {
        this.reader = reader;
    }

    /** As {@link ReaderMetrics#fetchesAnswered}. */
    OptionalDouble fetchesAnswered() {
        ReaderMetrics now = reader;
        return now == null ? OptionalDouble.empty() : now.fetchesAnswered();
    }

    /** As {@link ReaderMetrics#lagRecords}. */
    OptionalDouble lagRecords() {
        ReaderMetrics now = reader;
        return now == null ? OptionalDouble.empty() : now.lagRecords();
    }
}
