package dev.flowlane.core.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Lists of TCP ports as specs spell them: {@code 40000-40063,41000}. Their order is kept: it means something. */
final class Ports {
    static final int PORT_MAX = 65_535;

    /** As many as a run may have flows; the list is part of every record of the run. */
    static final int COUNT_MAX = 4_096;

    private static final int DIGITS_MAX = 5;

    private Ports() {}

    /**
     * Reads a list.
     *
     * @throws IllegalArgumentException saying which part is wrong
     */
    static List<Integer> parse(String text) {
        List<Integer> ports = new ArrayList<>();
        if (text.isEmpty()) {
            return ports;
        }
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = port(part, dash < 0 ? part : part.substring(0, dash));
            int last = dash < 0 ? first : port(part, part.substring(dash + 1));
            if (last < first) {
                throw new IllegalArgumentException("the range '" + part + "' runs backwards");
            }
            if (ports.size() + last - first >= COUNT_MAX) {
                throw new IllegalArgumentException("more than " + COUNT_MAX + " ports");
            }
            IntStream.rangeClosed(first, last).forEach(ports::add);
        }
        return ports;
    }

    /** The text that reads back as this list, runs of ascending ports as ranges. */
    static String text(List<Integer> ports) {
        List<String> parts = new ArrayList<>();
        int first = 0;
        while (first < ports.size()) {
            int last = first;
            while (last + 1 < ports.size() && ports.get(last + 1) == ports.get(last) + 1) {
                last++;
            }
            parts.add(first == last ? ports.get(first).toString() : ports.get(first) + "-" + ports.get(last));
            first = last + 1;
        }
        return String.join(",", parts);
    }

    static int port(String part, String digits) {
        boolean wellFormed = !digits.isEmpty() && digits.length() <= DIGITS_MAX
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = wellFormed ? Integer.parseInt(digits) : 0;
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("'" + part + "' is neither a port nor a range of them");
        }
        return port;
    }
}
