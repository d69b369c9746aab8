package dev.flowlane.page;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The query of a request: known names with values within their bounds, or a {@link PageProblem}. */
public final class PageQuery {
    /** Longest text that is searched for. */
    public static final int FILTER_CHARACTERS_MAX = 100;

    /** Largest page number. */
    public static final int PAGE_MAX = 100_000;

    private static final int PRINTED_CHARACTERS_MAX = 80;

    private final Map<String, String> values;

    private PageQuery(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads a query.
     *
     * @param query after the question mark, still encoded; may be empty
     * @param known names that may be in it, each once
     * @throws PageProblem if there is another name, or one twice, or what the percent signs stand for is nothing
     */
    public static PageQuery parse(String query, Set<String> known) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String part : query.split("&", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            String name = decoded(equals < 0 ? part : part.substring(0, equals));
            if (!known.contains(name)) {
                throw new PageProblem(400, printable(name), "unknown query parameter",
                        known.isEmpty() ? "none" : String.join(", ", known.stream().sorted().toList()));
            }
            if (values.put(name, equals < 0 ? "" : decoded(part.substring(equals + 1))) != null) {
                throw new PageProblem(400, name, "the query parameter is given twice", "once");
            }
        }
        return new PageQuery(values);
    }

    /** What percent signs and plus signs stand for. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new PageProblem(400, "query", "'" + printable(text) + "' is no percent-encoded text",
                    "two hexadecimal digits after each percent sign");
        }
    }

    /** Text to search for; empty when none was given. Case does not count. */
    public String filter() {
        return bounded("filter");
    }

    /** Any text; empty when none was given. */
    public String text(String name) {
        return values.getOrDefault(name, "");
    }

    private String bounded(String name) {
        String text = text(name).strip();
        if (text.length() > FILTER_CHARACTERS_MAX) {
            throw new PageProblem(400, name, "the text has " + text.length() + " characters",
                    "at most " + FILTER_CHARACTERS_MAX);
        }
        return text;
    }

    /** Page to show, from 0. */
    public int page() {
        return number("page", PAGE_MAX);
    }

    /** A number from 0 to {@code most}; 0 when none was given. */
    public int number(String name, int most) {
        String text = text(name);
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) > most) {
            throw new PageProblem(400, name, "'" + printable(text) + "' is no number that is allowed here",
                    "0 to " + most);
        }
        return Integer.parseInt(text);
    }

    /** A word out of a list, the first of which stands for none. */
    public String word(String name, List<String> words) {
        String text = text(name);
        if (text.isEmpty()) {
            return words.getFirst();
        }
        if (!words.contains(text)) {
            throw new PageProblem(400, name, "'" + printable(text) + "' is not known here", String.join(", ", words));
        }
        return text;
    }

    /** The text cut and without what could do harm in a log or on a terminal. */
    static String printable(String text) {
        String cut = text.length() > PRINTED_CHARACTERS_MAX ? text.substring(0, PRINTED_CHARACTERS_MAX) + "..." : text;
        return cut.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
