package dev.flowlane.report;

/** Text for HTML and SVG. */
public final class Html {
    private Html() {}

    /**
     * Text between tags and in quoted attributes. Control characters and those that change the direction of text become
     * a question mark: a host may call itself whatever it likes.
     */
    public static String text(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                case '\n' -> safe.append('\n');
                default -> safe.appendCodePoint(harmless(c) ? c : '?');
            }
        });
        return safe.toString();
    }

    private static boolean harmless(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** An element with text in it. */
    public static String element(String name, String text) {
        return "<" + name + ">" + text(text) + "</" + name + ">";
    }
}
