package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.Ethtool.Hashing;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * How an interface picks a receive queue.
 *
 * @param keyHex key in hexadecimal digits; empty unknown
 * @param symmetric both directions of a flow are made to hash alike
 * @param tcp4Fields what is hashed of TCP over IPv4, in ethtool's letters {@code sdfn}: source address, destination
 *     address, source port, destination port; empty unknown
 * @param tcp6Fields the same of TCP over IPv6
 * @param tableEntries size of the indirection table; 0 unknown
 * @param tablePattern queues of its entries, see {@link #pattern}
 * @param hashReported whether packets carry the interface's hash, which RPS then uses; null unknown
 */
public record Rss(
        Function function,
        String keyHex,
        boolean symmetric,
        String tcp4Fields,
        String tcp6Fields,
        int tableEntries,
        String tablePattern,
        @Nullable Boolean hashReported) {

    /** What turns the key and the addresses into a hash. */
    public enum Function {
        UNKNOWN,
        TOEPLITZ,
        XOR,
        CRC32
    }

    static Rss of(Hashing hashing, @Nullable Boolean hashReported) {
        return new Rss(
                switch (hashing.function()) {
                    case Hashing.TOEPLITZ -> Function.TOEPLITZ;
                    case Hashing.XOR -> Function.XOR;
                    case Hashing.CRC32 -> Function.CRC32;
                    default -> Function.UNKNOWN;
                },
                hashing.keyHex(),
                hashing.inputTransform() != 0,
                letters(hashing.tcp4Fields()),
                letters(hashing.tcp6Fields()),
                hashing.table().size(),
                pattern(hashing.table()),
                hashReported);
    }

    private static String letters(long fields) {
        return fields < 0
                ? ""
                : letter(fields, Hashing.SOURCE_ADDRESS, "s")
                        + letter(fields, Hashing.DESTINATION_ADDRESS, "d")
                        + letter(fields, Hashing.SOURCE_PORT, "f")
                        + letter(fields, Hashing.DESTINATION_PORT, "n");
    }

    private static String letter(long fields, int field, String letter) {
        return (fields & field) == 0 ? "" : letter;
    }

    /**
     * A table by its shortest repeating beginning, with ascending runs as {@code 0-7}. Drivers fill a table by counting
     * through the queues, so that a thousand entries are a few characters; one that was set by hand takes at most five
     * for each entry.
     */
    static String pattern(List<Integer> table) {
        List<Integer> beginning = table.subList(0, period(table));
        List<String> parts = new ArrayList<>();
        int first = 0;
        while (first < beginning.size()) {
            int last = first;
            while (last + 1 < beginning.size() && beginning.get(last + 1) == beginning.get(last) + 1) {
                last++;
            }
            parts.add(first == last ? "" + beginning.get(first) : beginning.get(first) + "-" + beginning.get(last));
            first = last + 1;
        }
        return String.join(",", parts);
    }

    /** The last repetition may be cut off: 128 entries hold 6 queues 21 times and then some. */
    private static int period(List<Integer> table) {
        for (int period = 1; period < table.size(); period++) {
            if (table.subList(period, table.size()).equals(table.subList(0, table.size() - period))) {
                return period;
            }
        }
        return table.size();
    }
}
