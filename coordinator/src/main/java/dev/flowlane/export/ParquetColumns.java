package dev.flowlane.export;

import dev.flowlane.coordinator.wire.AvroJson;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/**
 * An Avro record as a row of flat columns, by the Avro field names: numbers, truth values, text and bytes as they are,
 * times as UTC timestamps in milliseconds, and whatever is nested as one column of JSON text.
 */
final class ParquetColumns {
    private final Schema schema;
    private final MessageType type;

    ParquetColumns(Schema schema) {
        this.schema = schema;
        Types.MessageTypeBuilder message = Types.buildMessage();
        schema.getFields().forEach(field -> message.addField(column(field)));
        this.type = message.named(schema.getName());
    }

    MessageType type() {
        return type;
    }

    private static Type column(Schema.Field field) {
        Schema plain = withoutNull(field.schema());
        PrimitiveTypeName primitive = primitive(plain);
        var builder = field.schema().isNullable() ? Types.optional(primitive) : Types.required(primitive);
        LogicalTypeAnnotation annotation = annotation(plain);
        return annotation == null ? builder.named(field.name()) : builder.as(annotation).named(field.name());
    }

    private static PrimitiveTypeName primitive(Schema schema) {
        return switch (schema.getType()) {
            case INT -> PrimitiveTypeName.INT32;
            case LONG -> PrimitiveTypeName.INT64;
            case FLOAT -> PrimitiveTypeName.FLOAT;
            case DOUBLE -> PrimitiveTypeName.DOUBLE;
            case BOOLEAN -> PrimitiveTypeName.BOOLEAN;
            case STRING, ENUM, BYTES, FIXED, RECORD, ARRAY, MAP, UNION, NULL -> PrimitiveTypeName.BINARY;
        };
    }

    private static @Nullable LogicalTypeAnnotation annotation(Schema schema) {
        return switch (schema.getType()) {
            case STRING, ENUM -> LogicalTypeAnnotation.stringType();
            case RECORD, ARRAY, MAP, UNION, NULL -> LogicalTypeAnnotation.jsonType();
            case LONG -> schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
                    ? LogicalTypeAnnotation.timestampType(true, TimeUnit.MILLIS)
                    : null;
            case INT, FLOAT, DOUBLE, BOOLEAN, BYTES, FIXED -> null;
        };
    }

    /** The schemas have no other unions than those with null. */
    private static Schema withoutNull(Schema schema) {
        if (schema.getType() != Schema.Type.UNION) {
            return schema;
        }
        List<Schema> branches = schema.getTypes().stream()
                .filter(branch -> branch.getType() != Schema.Type.NULL)
                .toList();
        return branches.size() == 1 ? branches.getFirst() : schema;
    }

    void write(IndexedRecord row, RecordConsumer consumer) {
        consumer.startMessage();
        for (Schema.Field field : schema.getFields()) {
            Object value = row.get(field.pos());
            if (value != null) {
                consumer.startField(field.name(), field.pos());
                write(row, field, value, consumer);
                consumer.endField(field.name(), field.pos());
            }
        }
        consumer.endMessage();
    }

    private static void write(IndexedRecord row, Schema.Field field, Object value, RecordConsumer consumer) {
        switch (value) {
            case Integer number -> consumer.addInteger(number);
            case Long number -> consumer.addLong(number);
            case Float number -> consumer.addFloat(number);
            case Double number -> consumer.addDouble(number);
            case Boolean flag -> consumer.addBoolean(flag);
            case Instant time -> consumer.addLong(time.toEpochMilli());
            case ByteBuffer bytes -> consumer.addBinary(Binary.fromConstantByteBuffer(bytes.duplicate()));
            case IndexedRecord inner -> consumer.addBinary(Binary.fromString(AvroJson.of(inner).toString()));
            case List<?> _ -> consumer.addBinary(Binary.fromString(
                    AvroJson.of(row).path(field.name()).toString()));
            // Strings and enum symbols.
            case Object other -> consumer.addBinary(Binary.fromString(other.toString()));
        }
    }
}
