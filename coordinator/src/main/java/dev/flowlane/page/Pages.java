package dev.flowlane.page;

import com.fasterxml.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Locale;

/** Cutting long lists, and searching in them. */
final class Pages {
    private Pages() {}

    /** The part of the list on that page, or on the last one when there are fewer; tells which in {@code json}. */
    static <T> List<T> cut(List<T> all, int page, int perPage, ObjectNode json) {
        int pages = Math.max(1, Math.ceilDiv(all.size(), perPage));
        int shown = Math.min(page, pages - 1);
        json.put("matching", all.size()).put("page", shown).put("pages", pages);
        return all.subList(shown * perPage, Math.min(all.size(), (shown + 1) * perPage));
    }

    /** Whether one of the texts has the filter in it, whatever the case; an empty filter is in everything. */
    static boolean matches(String filter, Iterable<String> texts) {
        String wanted = filter.toLowerCase(Locale.ROOT);
        for (String text : texts) {
            if (text.toLowerCase(Locale.ROOT).contains(wanted)) {
                return true;
            }
        }
        return filter.isEmpty();
    }
}
