package dev.flowlane.core.spec;

/**
 * TCP ports that follow each other.
 *
 * @param first 1024 to 65535
 * @param last likewise, not below {@code first}
 */
public record PortRange(int first, int last) {
    /** Ports below it are not everybody's. */
    static final int PORT_MIN = 1024;

    /**
     * Reads {@code 20000-29999}, or one port.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    static PortRange parse(String text) {
        int dash = text.indexOf('-');
        int first = Ports.port(text, dash < 0 ? text : text.substring(0, dash));
        int last = dash < 0 ? first : Ports.port(text, text.substring(dash + 1));
        if (last < first) {
            throw new IllegalArgumentException("the range runs backwards");
        }
        if (first < PORT_MIN) {
            throw new IllegalArgumentException("ports below " + PORT_MIN + " are reserved");
        }
        return new PortRange(first, last);
    }

    /** Whether it is one of ports that everybody may use. */
    boolean allowed() {
        return PORT_MIN <= first && first <= last && last <= Ports.PORT_MAX;
    }

    /** The text that reads back as this range. */
    String text() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
