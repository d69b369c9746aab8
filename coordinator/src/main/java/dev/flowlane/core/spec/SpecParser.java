package dev.flowlane.core.spec;

/** Reads a spec from text. */
public final class SpecParser {
    /** Longest text that is read: 1 MiB. */
    public static final int MAX_TEXT_BYTES = 1 << 20;

    private SpecParser() {}

    /** Parses and validates YAML or JSON text. */
    public static SpecResult parse(String text) {
        return SpecDocument.parse(text).toSpec();
    }
}
