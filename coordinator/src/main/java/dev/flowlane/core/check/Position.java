package dev.flowlane.core.check;

import java.util.Comparator;

/**
 * Where a record is.
 *
 * @param topic without the installation's prefix, for example {@code runs}
 * @param partition partition of it
 * @param offset offset in the partition
 */
public record Position(String topic, int partition, long offset) implements Comparable<Position> {
    private static final Comparator<Position> ORDER = Comparator.comparing(Position::topic)
            .thenComparingInt(Position::partition)
            .thenComparingLong(Position::offset);

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }

    /** As Kafka's tools write it: {@code runs-0@17}. */
    @Override
    public String toString() {
        return topic + "-" + partition + "@" + offset;
    }
}
