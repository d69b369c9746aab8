package dev.flowlane.config;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** What somebody meant who wrote something else. */
final class Spelling {
    private Spelling() {}

    /** The first of the nearest words; null when none is near. Words of other sections count by their last part. */
    static @Nullable String nearest(String key, List<String> words) {
        String best = null;
        int bestDistance = Math.max(2, last(key).length() / 3) + 1;
        for (String word : words) {
            int distance = Math.min(distance(key, word), distance(last(key), last(word)));
            if (distance < bestDistance) {
                best = word;
                bestDistance = distance;
            }
        }
        return best;
    }

    private static String last(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    /** Levenshtein's distance. */
    static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
