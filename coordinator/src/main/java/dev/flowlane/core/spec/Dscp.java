package dev.flowlane.core.spec;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Differentiated services code points by number and by name (RFC 2474, 2597, 3246, 5865, 8622). */
final class Dscp {
    static final int MAX = 63;

    private static final Map<String, Integer> BY_NAME = byName();

    private Dscp() {}

    /** The code point of a number from 0 to 63 or of a name; empty when the text is neither. */
    static OptionalInt parse(String text) {
        Integer named = BY_NAME.get(text.toLowerCase(Locale.ROOT));
        if (named != null) {
            return OptionalInt.of(named);
        }
        if (!text.matches("[0-9]{1,2}") || Integer.parseInt(text) > MAX) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Integer.parseInt(text));
    }

    /** The name where there is one, otherwise the number. */
    static String text(int codePoint) {
        return BY_NAME.entrySet().stream()
                .filter(entry -> entry.getValue() == codePoint)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(Integer.toString(codePoint));
    }

    private static Map<String, Integer> byName() {
        Map<String, Integer> byName = new LinkedHashMap<>();
        for (int selector = 0; selector < 8; selector++) {
            byName.put("cs" + selector, selector << 3);
        }
        for (int group = 1; group <= 4; group++) {
            for (int drop = 1; drop <= 3; drop++) {
                byName.put("af" + group + drop, (group << 3) | (drop << 1));
            }
        }
        byName.put("ef", 46);
        byName.put("va", 44);
        byName.put("le", 1);
        return byName;
    }
}
