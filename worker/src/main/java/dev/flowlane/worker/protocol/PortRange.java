package dev.flowlane.worker.protocol;

/**
 * TCP ports that follow each other.
 *
 * @param first 1 to 65535
 * @param last likewise, not below {@code first}
 */
public record PortRange(int first, int last) {
    /** Largest port. */
    public static final int MAX_PORT = 65_535;

    public PortRange {
        FlowSettings.within("first port", first, 1, MAX_PORT);
        FlowSettings.within("last port", last, first, MAX_PORT);
    }

    /** How many there are. */
    public int count() {
        return last - first + 1;
    }
}
