package dev.flowlane.coordinator.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;

/**
 * Avro records as plain JSON for people and scripts: the Avro field names in the schema's order, unions without their
 * branch names, times in UTC to the millisecond, bytes in Base64. Not Avro's own JSON encoding, which wraps every
 * union.
 */
public final class AvroJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private AvroJson() {}

    /** The record and everything in it. */
    public static ObjectNode of(IndexedRecord datum) {
        ObjectNode object = NODES.objectNode();
        for (Schema.Field field : datum.getSchema().getFields()) {
            object.set(field.name(), value(datum.get(field.pos())));
        }
        return object;
    }

    /** A time as it is written everywhere: UTC, ISO 8601, milliseconds. */
    public static String time(Instant time) {
        return UTC.format(time);
    }

    private static JsonNode value(@Nullable Object value) {
        return switch (value) {
            case null -> NODES.nullNode();
            case IndexedRecord inner -> of(inner);
            case List<?> list -> array(list);
            case Boolean flag -> NODES.booleanNode(flag);
            case Integer number -> NODES.numberNode(number);
            case Long number -> NODES.numberNode(number);
            case Float number -> real(number);
            case Double number -> real(number);
            case Instant time -> NODES.textNode(time(time));
            case ByteBuffer bytes -> NODES.textNode(Base64.getEncoder().encodeToString(copyOf(bytes)));
            // Strings and enum symbols.
            case Object other -> NODES.textNode(other.toString());
        };
    }

    private static ArrayNode array(List<?> list) {
        ArrayNode array = NODES.arrayNode(list.size());
        for (Object element : list) {
            array.add(value(element));
        }
        return array;
    }

    /** JSON has no word for what is not a finite number. */
    private static JsonNode real(double number) {
        return Double.isFinite(number) ? NODES.numberNode(number) : NODES.nullNode();
    }

    private static byte[] copyOf(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }
}
