package dev.flowlane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.avro.Datagrams;
import org.apache.avro.Schema;

import java.util.ArrayList;
import java.util.List;

/**
 * Records as CSV (RFC 4180 with line feeds): a header line with the Avro field names, then one line per record. Nested
 * records, but for the figures of datagrams ({@code datagrams.lost_messages}), and bytes have no place in a line and
 * are left out; lists of words are joined with blanks.
 *
 * <p>A cell of text that a spreadsheet would take for a formula gets an apostrophe before it.
 */
final class CsvText {
    private final List<String> columns;
    private final StringBuilder text = new StringBuilder();

    private CsvText(List<String> columns) {
        this.columns = columns;
        line(columns);
    }

    /** What has been added since the last call, the header before anything else: for output that does not end. */
    String take() {
        String taken = text.toString();
        text.setLength(0);
        return taken;
    }

    /** With the given columns first, then those of the schema that fit in a cell. */
    static CsvText of(List<String> first, Schema schema) {
        List<String> columns = new ArrayList<>(first);
        for (Schema.Field field : schema.getFields()) {
            if (fits(field.schema()) && !columns.contains(field.name())) {
                columns.add(field.name());
            } else if (isDatagrams(field.schema())) {
                Datagrams.getClassSchema().getFields().forEach(part ->
                        columns.add(field.name() + "." + part.name()));
            }
        }
        return new CsvText(columns);
    }

    /** The one record inside others that has figures of its own. */
    private static boolean isDatagrams(Schema schema) {
        return schema.getType() == Schema.Type.UNION && schema.getTypes().contains(Datagrams.getClassSchema());
    }

    /** Adds a line with the record's values; columns it lacks stay empty. */
    CsvText add(ObjectNode record) {
        line(columns.stream().map(column -> cell(value(record, column))).toList());
        return this;
    }

    private static JsonNode value(ObjectNode record, String column) {
        int dot = column.indexOf('.');
        return dot < 0
                ? record.path(column)
                : record.path(column.substring(0, dot)).path(column.substring(dot + 1));
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private static boolean fits(Schema schema) {
        return switch (schema.getType()) {
            case RECORD, BYTES, FIXED, MAP -> false;
            case ARRAY -> fits(schema.getElementType());
            case UNION -> schema.getTypes().stream().allMatch(CsvText::fits);
            case ENUM, STRING, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> true;
        };
    }

    private static String cell(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL, MISSING -> "";
            case NUMBER, BOOLEAN -> value.asText();
            case ARRAY -> {
                List<String> words = new ArrayList<>();
                value.forEach(word -> words.add(word.asText()));
                yield harmless(String.join(" ", words));
            }
            case STRING, BINARY, OBJECT, POJO -> harmless(value.asText());
        };
    }

    private static String harmless(String text) {
        String plain = Plain.text(text);
        return !plain.isEmpty() && "=+-@".indexOf(plain.charAt(0)) >= 0 ? "'" + plain : plain;
    }

    private void line(List<String> cells) {
        for (int i = 0; i < cells.size(); i++) {
            text.append(i == 0 ? "" : ",").append(quoted(cells.get(i)));
        }
        text.append('\n');
    }

    private static String quoted(String cell) {
        return cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n')
                ? '"' + cell.replace("\"", "\"\"") + '"'
                : cell;
    }
}
