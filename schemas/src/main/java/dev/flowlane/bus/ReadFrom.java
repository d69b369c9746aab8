package dev.flowlane.bus;

import java.time.Instant;

/** Where reading begins; settled once, when the topic is assigned. */
public sealed interface ReadFrom {
    /** The oldest record that is still there. */
    ReadFrom BEGINNING = new Beginning();

    /** Only what is committed after the assignment. */
    ReadFrom END = new End();

    /** Where the group stands; {@code orElse} for partitions in which it has committed nothing. */
    static ReadFrom committed(String groupId, ReadFrom orElse) {
        return new Committed(groupId, orElse);
    }

    /** The first record whose timestamp is at or after {@code time}, or the end when there is none. */
    static ReadFrom since(Instant time) {
        return new Since(time);
    }

    /** See {@link #BEGINNING}. */
    record Beginning() implements ReadFrom {}

    /** See {@link #END}. */
    record End() implements ReadFrom {}

    /** See {@link #committed}. */
    record Committed(String groupId, ReadFrom orElse) implements ReadFrom {}

    /** See {@link #since}. */
    record Since(Instant time) implements ReadFrom {}
}
