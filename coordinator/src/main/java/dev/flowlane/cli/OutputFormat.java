package dev.flowlane.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How data is written to standard output. */
enum OutputFormat {
    TABLE,
    JSON,
    JSONL,
    CSV,
    YAML;

    static final String DESCRIPTION =
            "table for people, json (one object), jsonl (one object per line, as things happen), csv, yaml.";

    /** As {@code -o} takes it. */
    static OutputFormat parse(String text) {
        return Arrays.stream(values())
                .filter(format -> format.toString().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> CliException.usage(
                        "-o: '" + Plain.text(text) + "' is no output format",
                        "allowed: " + Arrays.stream(values()).map(OutputFormat::toString)
                                .collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
