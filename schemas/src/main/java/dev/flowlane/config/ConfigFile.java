package dev.flowlane.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** One file of settings: YAML, sections as mappings or as dotted names, nothing that is not known. */
final class ConfigFile {
    private static final long MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 32;
    private static final String KAFKA = "kafka.";
    private static final String BOOTSTRAP_PROPERTY = KAFKA + "bootstrap.servers";

    private final String name;
    private final YAMLParser parser;
    private final SortedMap<String, Value> values = new TreeMap<>();

    private ConfigFile(String name, YAMLParser parser) {
        this.name = name;
        this.parser = parser;
    }

    /**
     * What the file sets, by key.
     *
     * @throws ConfigException if it cannot be read or understood
     */
    static SortedMap<String, Value> read(Path file) {
        String text;
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ConfigException(file + ": is larger than 1 MiB, which no file of settings is");
            }
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read (" + e + ")");
        }
        return parse(file.toString(), text);
    }

    /** @param name of the file, for messages and origins */
    static SortedMap<String, Value> parse(String name, String text) {
        YAMLFactory factory = YAMLFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        try (YAMLParser parser = factory.createParser(text.getBytes(StandardCharsets.UTF_8))) {
            ConfigFile file = new ConfigFile(name, parser);
            file.document();
            return file.values;
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null ? name : name + ":" + e.getLocation().getLineNr();
            throw new ConfigException(where + ": is not YAML: " + firstLine(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new ConfigException(name + ": cannot be read (" + e + ")");
        }
    }

    private void document() throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            // Empty, or comments alone.
            return;
        }
        if (first != JsonToken.START_OBJECT) {
            throw wrong("is not a mapping of settings, such as `bootstrap: kafka-1:9092`");
        }
        mapping("", 0);
        if (parser.nextToken() != null) {
            throw wrong("has a second document; one is allowed");
        }
    }

    private void mapping(String above, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw wrong(above + " is nested too deeply");
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = above.isEmpty() ? parser.currentName() : above + "." + parser.currentName();
            JsonToken token = parser.nextToken();
            if (parser.isCurrentAlias()) {
                throw wrong(key + " is an alias (*), which is not supported; write the value again");
            }
            if (token == JsonToken.START_OBJECT) {
                if (!isSection(key)) {
                    throw unknown(key);
                }
                mapping(key, depth + 1);
            } else {
                set(key, token);
            }
        }
    }

    private void set(String spelled, @Nullable JsonToken token) throws IOException {
        // Two names of one thing.
        String key = spelled.equals(BOOTSTRAP_PROPERTY) ? Setting.BOOTSTRAP.key() : spelled;
        Setting setting = setting(key);
        if (setting == null && !(key.startsWith(KAFKA) && key.length() > KAFKA.length())) {
            throw unknown(key);
        }
        int line = parser.currentTokenLocation().getLineNr();
        List<String> texts = new ArrayList<>();
        if (token == JsonToken.START_ARRAY && setting != null && setting.isList()) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                texts.add(scalar(key, parser.currentToken()));
            }
            if (texts.isEmpty()) {
                throw wrong(key + " is an empty list; leave it out instead");
            }
        } else {
            texts.add(scalar(key, token));
        }
        if (values.putIfAbsent(key, new Value(texts, name + ":" + line)) != null) {
            throw wrong(key + " is set twice");
        }
    }

    private String scalar(String key, @Nullable JsonToken token) throws IOException {
        String text = token == null || !token.isScalarValue() || parser.isCurrentAlias() ? "" : parser.getText();
        if (token == JsonToken.VALUE_NULL || text.isBlank()) {
            throw wrong(key + " wants a value; to leave it at its default, leave it out");
        }
        return text;
    }

    private static boolean isSection(String key) {
        String prefix = key + ".";
        if (prefix.startsWith(KAFKA)) {
            return true;
        }
        for (Setting setting : Setting.values()) {
            if (setting.key().startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Setting setting(String key) {
        for (Setting setting : Setting.values()) {
            if (setting.key().equals(key)) {
                return setting;
            }
        }
        return null;
    }

    private ConfigException unknown(String key) {
        List<String> known = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            known.add(setting.key());
        }
        String nearest = Spelling.nearest(key, known);
        return wrong("unknown key '" + printable(key) + "'"
                + (nearest == null ? "" : "; did you mean " + nearest + "?")
                + " There are " + String.join(", ", known) + " and kafka.* (`flowlane config view` shows them)");
    }

    private ConfigException wrong(String what) {
        return new ConfigException(name + ":" + parser.currentTokenLocation().getLineNr() + ": " + what);
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static String firstLine(String text) {
        return printable(text.lines().findFirst().orElse(""));
    }
}
