package dev.flowlane.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Records as JSON and YAML text. Both are written in ASCII with everything else escaped: a control character or a
 * bidirectional override in a host's name is data for a program and must not be a command for a terminal.
 */
final class RecordText {
    private RecordText() {}

    /** One object over several lines, for people and programs alike. Ends with a line feed. */
    static String json(JsonNode node) {
        return text(node, jsonFactory(), true);
    }

    /** One object in one line. Ends with a line feed. */
    static String jsonLine(JsonNode node) {
        return text(node, jsonFactory(), false);
    }

    static String yaml(JsonNode node) {
        DumperOptions options = new DumperOptions();
        options.setAllowUnicode(false);
        // Base64 of a histogram stays in one line.
        options.setSplitLines(false);
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        YAMLFactory factory = YAMLFactory.builder()
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                // 12e4 and 0x1F as run ids stay strings for readers of YAML 1.1.
                .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                .dumperOptions(options)
                .build();
        return text(node, factory, false);
    }

    private static JsonFactory jsonFactory() {
        return new JsonFactoryBuilder()
                .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .characterEscapes(new DeleteToo())
                .build();
    }

    /** JSON lets DEL through as it is, being the one control character above the blank. */
    private static final class DeleteToo extends CharacterEscapes {
        private static final long serialVersionUID = 1;
        private static final int DEL = 0x7f;

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] codes = standardAsciiEscapesForJSON();
            codes[DEL] = ESCAPE_STANDARD;
            return codes;
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int character) {
            return null;
        }
    }

    private static String text(JsonNode node, JsonFactory factory, boolean pretty) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = factory.createGenerator(text)) {
            if (pretty) {
                generator.setPrettyPrinter(new DefaultPrettyPrinter());
            }
            write(generator, node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString().endsWith("\n") ? text.toString() : text.append("\n").toString();
    }

    /** Jackson's own tree writer needs an object mapper, which takes longer to load than all the rest of a command. */
    private static void write(JsonGenerator generator, JsonNode node) throws IOException {
        switch (node.getNodeType()) {
            case OBJECT -> {
                generator.writeStartObject();
                for (Map.Entry<String, JsonNode> field : node.properties()) {
                    generator.writeFieldName(field.getKey());
                    write(generator, field.getValue());
                }
                generator.writeEndObject();
            }
            case ARRAY -> {
                generator.writeStartArray();
                for (JsonNode element : List.copyOf(elements(node))) {
                    write(generator, element);
                }
                generator.writeEndArray();
            }
            case BOOLEAN -> generator.writeBoolean(node.booleanValue());
            case NUMBER -> {
                if (node.isIntegralNumber()) {
                    generator.writeNumber(node.longValue());
                } else {
                    generator.writeNumber(node.doubleValue());
                }
            }
            case STRING -> generator.writeString(node.textValue());
            case NULL, MISSING -> generator.writeNull();
            case BINARY, POJO -> throw new IllegalArgumentException("not a plain record: " + node.getNodeType());
        }
    }

    private static List<JsonNode> elements(JsonNode array) {
        return java.util.stream.IntStream.range(0, array.size()).mapToObj(array::get).toList();
    }
}
