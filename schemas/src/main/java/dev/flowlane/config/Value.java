package dev.flowlane.config;

import java.util.List;

/**
 * What something is set to.
 *
 * @param texts one, or several of a list
 * @param origin where: a variable's name, or a file and a line
 */
public record Value(List<String> texts, String origin) {
    public Value {
        texts = List.copyOf(texts);
    }

    /** As one text; a list with commas, as flags and variables have it. */
    public String text() {
        return String.join(",", texts);
    }
}
