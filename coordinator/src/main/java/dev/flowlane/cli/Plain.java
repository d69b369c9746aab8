package dev.flowlane.cli;

/**
 * Text from the bus made harmless for a terminal. A host may call itself whatever it likes: escape sequences would
 * repaint the screen, and bidirectional overrides would show one word as another.
 */
final class Plain {
    private Plain() {}

    /**
     * The text with every control, format, surrogate and line-breaking character as a visible {@code \}{@code uXXXX}.
     */
    static String text(String text) {
        int clean = 0;
        while (clean < text.length() && harmless(text, clean)) {
            clean++;
        }
        if (clean == text.length()) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length() + 16).append(text, 0, clean);
        for (int i = clean; i < text.length(); i++) {
            if (harmless(text, i)) {
                plain.append(text.charAt(i));
            } else {
                plain.append(String.format("\\u%04x", (int) text.charAt(i)));
            }
        }
        return plain.toString();
    }

    /** As {@link #text}, but a line feed stays: for messages of several lines. */
    static String lines(String text) {
        return text.indexOf('\n') < 0
                ? text(text)
                : String.join("\n", text.lines().map(Plain::text).toList());
    }

    /** Columns that the text takes on a terminal, near enough: characters, not counting combining marks. */
    static int width(String text) {
        return (int) text.codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .count();
    }

    /** The text without what goes beyond so many columns. */
    static String cut(String text, int columns) {
        return width(text) <= columns ? text : text.substring(0, text.offsetByCodePoints(0, columns - 1)) + "…";
    }

    private static boolean harmless(String text, int index) {
        char c = text.charAt(index);
        if (c >= ' ' && c < 0x7f) {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            case Character.SURROGATE -> pairHarmless(text, index);
            default -> true;
        };
    }

    /** Whether the surrogate at {@code index} belongs to a pair whose character is harmless. */
    private static boolean pairHarmless(String text, int index) {
        int start = Character.isLowSurrogate(text.charAt(index)) ? index - 1 : index;
        if (start < 0 || start + 1 >= text.length()
                || !Character.isSurrogatePair(text.charAt(start), text.charAt(start + 1))) {
            return false;
        }
        int type = Character.getType(text.codePointAt(start));
        // U+E0001 and its like are invisible, too.
        return type != Character.FORMAT && type != Character.PRIVATE_USE && type != Character.UNASSIGNED;
    }
}
