package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

/** What holds for every line that is written for a terminal. */
final class Harmless {
    private Harmless() {}

    static void assertIs(String text) {
        assertThat(text.codePoints())
                .noneMatch(c -> Character.isISOControl(c)
                        || Character.getType(c) == Character.FORMAT
                        || Character.getType(c) == Character.LINE_SEPARATOR
                        || Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
    }
}
