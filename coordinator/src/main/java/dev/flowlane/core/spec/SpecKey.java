package dev.flowlane.core.spec;

import java.time.Duration;
import java.util.List;

/**
 * One key of the spec.
 *
 * @param path dotted, such as {@code placement.source-cpus}
 * @param flag name of the command line's option without the dashes, such as {@code source-cpus}
 * @param type what its value is
 * @param defaultText its default as a user would write it; empty when the key has none. A default that is no value of
 *     the type itself ({@code all}, {@code auto}) is a word that may be given, too: it takes a setting back
 * @param choices the words it takes, for {@link Type#CHOICE} and completion
 * @param minimum smallest number, in the unit of the type: bytes, bits per second, nanoseconds
 * @param maximum largest number
 * @param doc one sentence for the help
 */
public record SpecKey(
        String path,
        String flag,
        Type type,
        String defaultText,
        List<String> choices,
        long minimum,
        long maximum,
        String doc) {
    /** Kinds of values. */
    public enum Type {
        NAME("NAME"),
        NAME_LIST("NAME[,NAME...]"),
        CHOICE("WORD"),
        INTEGER("N"),
        SIZE("SIZE"),
        RATE("RATE"),
        MESSAGE_RATE("RATE"),
        DURATION("TIME"),
        START_TIME("WHEN"),
        BOOLEAN("true|false"),
        CPU_LIST("CPUS"),
        PORT_LIST("PORTS"),
        PORT_RANGE("FIRST-LAST"),
        APPLICATION_CPU("WHERE"),
        DSCP("DSCP"),
        THRESHOLD_LIST("THRESHOLD");

        private final String label;

        Type(String label) {
            this.label = label;
        }

        /** Placeholder of a value in a help text. */
        public String label() {
            return label;
        }
    }

    /** The allowed values, for people. */
    public String allowed() {
        String values = switch (type) {
            case NAME -> "1 to " + maximum + " of A-Z a-z 0-9 . _ - with a letter or digit first";
            case NAME_LIST -> "host names of 1 to " + SpecKeys.HOST_ID_MAX
                    + " of A-Z a-z 0-9 . _ - with a letter or digit first, separated by commas";
            case CHOICE -> String.join(", ", choices);
            case INTEGER -> minimum + " to " + maximum;
            case SIZE -> Units.formatSizeBytes(minimum) + " to " + Units.formatSizeBytes(maximum);
            case RATE -> Units.formatRateBitsPerSecond(minimum) + " to " + Units.formatRateBitsPerSecond(maximum);
            case MESSAGE_RATE -> "1/s to " + Pace.MESSAGES_MAX + "/s, or "
                    + Units.formatRateBitsPerSecond(Pace.BITS_MIN) + " to "
                    + Units.formatRateBitsPerSecond(Pace.BITS_MAX);
            case DURATION -> Units.formatDuration(Duration.ofNanos(minimum)) + " to "
                    + Units.formatDuration(Duration.ofNanos(maximum));
            case START_TIME -> "a time such as 2026-03-01T12:00:00Z, +TIME after the submission, at most "
                    + Units.formatDuration(Duration.ofNanos(maximum));
            case BOOLEAN -> "true, false";
            case CPU_LIST -> "CPU numbers and ranges such as 0-3,8";
            case PORT_LIST -> minimum + " to " + maximum + ", up to " + Ports.COUNT_MAX
                    + " of them, with ranges such as 40000-40063,41000";
            case PORT_RANGE -> minimum + " to " + maximum + ", as a range such as 20000-29999";
            case APPLICATION_CPU -> "same-core, +N, -N, cross, CPU numbers and ranges such as 0-3,8, numa-local,"
                    + " unpinned";
            case DSCP -> "0 to " + Dscp.MAX + ", cs0 to cs7, af11 to af43, ef, va, le";
            case THRESHOLD_LIST -> Threshold.allowed();
        };
        return hasDefaultWord() ? values + ", or " + defaultText : values;
    }

    /** Whether the default is a word beside the values of the type, such as {@code all}. */
    boolean hasDefaultWord() {
        return switch (type) {
            case NAME, INTEGER, SIZE, RATE, MESSAGE_RATE, DURATION, START_TIME, CPU_LIST, PORT_LIST, PORT_RANGE,
                    DSCP ->
                !defaultText.isEmpty() && Character.isLetter(defaultText.charAt(0));
            case NAME_LIST, CHOICE, BOOLEAN, APPLICATION_CPU, THRESHOLD_LIST -> false;
        };
    }

    /** Last part of the path. */
    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** The path's part before the last dot; empty for keys at the top. */
    String section() {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? "" : path.substring(0, dot);
    }
}
