package dev.flowlane.core.steering;

import java.util.ArrayList;
import java.util.List;

/**
 * Which receive queue a hash leads to. Kept by its repeating beginning: entry i is {@code pattern[i % pattern.size]}.
 *
 * @param entries size of the table
 */
public record IndirectionTable(int entries, List<Integer> pattern) {
    /** More than any interface has. */
    private static final int ENTRIES_MAX = 1 << 16;

    public IndirectionTable {
        if (entries < 1 || entries > ENTRIES_MAX || pattern.isEmpty() || pattern.size() > entries) {
            throw new IllegalArgumentException(
                    "an indirection table of " + entries + " entries with a pattern of " + pattern.size());
        }
        pattern = List.copyOf(pattern);
    }

    /**
     * Reads the form of host records: queue numbers in order, ascending runs as {@code 0-7}, comma-separated.
     *
     * @throws IllegalArgumentException for anything else, or more numbers than entries
     */
    public static IndirectionTable parse(int entries, String pattern) {
        List<Integer> queues = new ArrayList<>();
        for (String part : pattern.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = Integer.parseUnsignedInt(dash < 0 ? part : part.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseUnsignedInt(part.substring(dash + 1));
            if (first < 0 || last < first || last - first >= entries - queues.size()) {
                throw new IllegalArgumentException("'" + part + "' does not fit a table of " + entries + " entries");
            }
            for (int queue = first; queue <= last; queue++) {
                queues.add(queue);
            }
        }
        return new IndirectionTable(entries, queues);
    }

    /** Interfaces take the lowest bits of the hash, so only a power of two says which entry they look at. */
    boolean isIndexedByBits() {
        return Integer.bitCount(entries) == 1;
    }

    /** Queue of a hash. */
    int queue(int hash) {
        return pattern.get((hash & (entries - 1)) % pattern.size());
    }
}
