package dev.flowlane.coordinator.wire;

import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** Arbitrary records that the schema allows, whether they make sense or not. The same seed gives the same records. */
final class RandomAvro {
    private final Random random;

    RandomAvro(long seed) {
        this.random = new Random(seed);
    }

    /** A record of that class. */
    <T extends SpecificRecord> T of(Class<T> type) {
        return Objects.requireNonNull(type.cast(value(SpecificData.get().getSchema(type))));
    }

    private @Nullable Object value(Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> {
                IndexedRecord record = (IndexedRecord) SpecificData.get().newRecord(null, schema);
                schema.getFields().forEach(field -> record.put(field.pos(), value(field.schema())));
                yield record;
            }
            case UNION -> value(schema.getTypes().get(random.nextInt(schema.getTypes().size())));
            case ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(value(schema.getElementType()));
                }
                yield list;
            }
            case ENUM -> SpecificData.get().createEnum(
                    schema.getEnumSymbols().get(random.nextInt(schema.getEnumSymbols().size())), schema);
            case STRING -> List.of("", "a", "0-3", "same-core", "+1", "x,y", "7").get(random.nextInt(7));
            case BYTES -> ByteBuffer.wrap(new byte[random.nextInt(40)]);
            case INT -> random.nextInt();
            case LONG -> schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
                    ? Instant.ofEpochMilli(random.nextLong(4_000_000_000_000L))
                    : (Object) random.nextLong();
            case FLOAT -> random.nextFloat();
            case DOUBLE -> random.nextDouble();
            case BOOLEAN -> random.nextBoolean();
            case NULL -> null;
            case MAP, FIXED -> throw new IllegalArgumentException("the schemas have none: " + schema);
        };
    }
}
