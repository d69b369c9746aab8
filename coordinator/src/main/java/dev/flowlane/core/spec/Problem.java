package dev.flowlane.core.spec;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One thing that is wrong with a spec.
 *
 * @param path dotted key, such as {@code placement.source-cpus}; empty for the text as a whole
 * @param fault what is wrong, with what was given in it
 * @param allowed what is allowed there; empty when there is nothing to say
 * @param mend what to do about it; empty when {@code allowed} says it
 */
public record Problem(String path, String fault, String allowed, String mend) {
    private static final int QUOTE_LIMIT = 60;
    private static final int PATH_LIMIT = 120;

    public Problem {
        path = printable(path, PATH_LIMIT);
    }

    /** Everything but the path, in one line. */
    public String message() {
        var text = new StringBuilder(fault);
        if (!allowed.isEmpty()) {
            text.append("; allowed: ").append(allowed);
        }
        if (!mend.isEmpty()) {
            text.append("; ").append(mend);
        }
        return text.toString();
    }

    /** Path and message in one line. */
    @Override
    public String toString() {
        return path.isEmpty() ? message() : path + ": " + message();
    }

    /** All problems in one line, for places that have room for one text only. */
    public static String join(List<Problem> problems) {
        return problems.stream().map(Problem::toString).collect(Collectors.joining(" | "));
    }

    /** A user's text between quotes, cut and made printable: control characters must not reach a terminal. */
    static String quote(String text) {
        return "'" + printable(text, QUOTE_LIMIT) + "'";
    }

    private static String printable(String text, int limit) {
        int[] shown = text.codePoints()
                .limit(limit)
                .map(c -> Character.isISOControl(c) || isInvisible(c) ? '?' : c)
                .toArray();
        String cut = text.codePointCount(0, text.length()) > limit ? "…" : "";
        return new String(shown, 0, shown.length) + cut;
    }

    private static boolean isInvisible(int codePoint) {
        int type = Character.getType(codePoint);
        return type == Character.FORMAT
                || type == Character.SURROGATE
                || type == Character.UNASSIGNED
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
