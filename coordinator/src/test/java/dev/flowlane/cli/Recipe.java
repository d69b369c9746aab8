package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A recipe of the README, word for word: the code block that begins with a comment that names its tool. */
final class Recipe {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private final String text;

    private Recipe(String text) {
        this.text = text;
    }

    /**
     * The one recipe whose first line begins so.
     *
     * @param language of the code block
     * @param firstWords of its first line, the comment's sign included
     */
    static Recipe of(String language, String firstWords) throws IOException {
        Matcher block = Pattern.compile(
                        "^```" + language + "\n(" + Pattern.quote(firstWords) + ".*?)^```$",
                        Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve("README.md")));
        assertThat(block.find()).as("a block of %s in the README that begins with '%s'", language, firstWords).isTrue();
        Recipe recipe = new Recipe(block.group(1));
        assertThat(block.find()).as("another one").isFalse();
        return recipe;
    }

    /** The text with what stands for a user's own names replaced; each of them has to be there. */
    String with(Map<String, String> replacements) {
        String replaced = text;
        for (Map.Entry<String, String> replacement : replacements.entrySet()) {
            assertThat(replaced).contains(replacement.getKey());
            replaced = replaced.replace(replacement.getKey(), replacement.getValue());
        }
        return replaced;
    }
}
