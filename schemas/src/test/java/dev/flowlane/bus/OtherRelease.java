package dev.flowlane.bus;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A release that differs from this one as releases may: it lacks some of the fields that have defaults, and the last
 * symbols of some enums. It reads and writes with Avro's generic classes, so nothing of this release's is in its way.
 */
final class OtherRelease {
    static final int ITS_ID = 101;
    static final int OUR_ID = 102;

    private final Topic<?> topic;
    private final Schema schema;

    private OtherRelease(Topic<?> topic, Schema schema) {
        this.topic = topic;
        this.schema = schema;
    }

    /** The release before this one, as this seed has it. */
    static OtherRelease before(Topic<?> topic, long seed) {
        Schema current = SchemaHistory.bundled().latest(topic.subject()).schema();
        return new OtherRelease(topic, new Pruning(current, new Random(seed)).prune(current));
    }

    /** With a schema from a file. */
    static OtherRelease of(Topic<?> topic, String schema) {
        return new OtherRelease(topic, new Schema.Parser().parse(schema));
    }

    Schema schema() {
        return schema;
    }

    /** The ids of this release, when that one was published before it. */
    SchemaHistory history() {
        String subject = topic.subject();
        String ours = SchemaHistory.bundled().latest(subject).text();
        return new SchemaHistory(
                ITS_ID + " " + subject + " 1 a\n" + OUR_ID + " " + subject + " 2 b",
                Map.of(subject + "/v1.avsc", schema.toString(), subject + "/v2.avsc", ours)::get);
    }

    byte[] write(Object datum) throws IOException {
        return framed(ITS_ID, schema, datum);
    }

    /** Reads what the schema's writer wrote behind the framing. */
    Object read(Schema writer, byte[] framed) throws IOException {
        return new GenericDatumReader<>(writer, schema).read(null, DecoderFactory.get()
                .binaryDecoder(framed, Codec.HEADER_BYTES, framed.length - Codec.HEADER_BYTES, null));
    }

    static byte[] framed(int id, Schema schema, Object datum) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(Codec.HEADER_BYTES).put(Codec.MAGIC).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(schema).write(datum, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    /** What this release must make of a datum that has more. */
    Object seenByIt(Object datum) {
        return project(datum, schema);
    }

    private static Object project(Object datum, Schema to) {
        return switch (to.getType()) {
            case RECORD -> {
                GenericRecord seen = new GenericData.Record(to);
                IndexedRecord from = (IndexedRecord) datum;
                for (Schema.Field field : to.getFields()) {
                    Object value = from.get(from.getSchema().getField(field.name()).pos());
                    seen.put(field.pos(), value == null ? null : project(value, field.schema()));
                }
                yield seen;
            }
            case ENUM -> new GenericData.EnumSymbol(
                    to, to.hasEnumSymbol(datum.toString()) ? datum.toString() : to.getEnumDefault());
            case ARRAY -> {
                List<Object> seen = new ArrayList<>();
                ((Collection<?>) datum).forEach(item -> seen.add(project(item, to.getElementType())));
                yield new GenericData.Array<>(to, seen);
            }
            case UNION -> project(datum, to.getTypes().getLast());
            case MAP, FIXED -> throw new AssertionError("no schema of ours has a " + to.getType());
            case STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> datum;
        };
    }

    /** Takes away what a later release may have added. */
    private static final class Pruning {
        private final String whole;
        private final Random random;
        private final Map<String, Schema> named = new HashMap<>();

        Pruning(Schema whole, Random random) {
            this.whole = whole.toString();
            this.random = random;
        }

        Schema prune(Schema schema) {
            return switch (schema.getType()) {
                case RECORD -> record(schema);
                case ENUM -> symbols(schema);
                case ARRAY -> Schema.createArray(prune(schema.getElementType()));
                case UNION -> Schema.createUnion(schema.getTypes().stream().map(this::prune).toList());
                case MAP, FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> schema;
            };
        }

        private Schema record(Schema schema) {
            Schema known = named.get(schema.getFullName());
            if (known != null) {
                return known;
            }
            Schema pruned = Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false);
            named.put(schema.getFullName(), pruned);
            List<Schema.Field> fields = new ArrayList<>();
            for (Schema.Field field : schema.getFields()) {
                // No record of ours is empty.
                boolean last = fields.isEmpty() && field.pos() == schema.getFields().size() - 1;
                if (!field.hasDefaultValue() || last || random.nextBoolean()) {
                    fields.add(new Schema.Field(field, prune(field.schema())));
                }
            }
            pruned.setFields(fields);
            return pruned;
        }

        private Schema symbols(Schema schema) {
            Schema known = named.get(schema.getFullName());
            if (known != null) {
                return known;
            }
            List<String> symbols = new ArrayList<>(schema.getEnumSymbols());
            String newest = symbols.getLast();
            @Nullable String unknown = schema.getEnumDefault();
            boolean isDefault = newest.equals(unknown) || whole.contains("\"default\":\"" + newest + '"');
            if (!isDefault && random.nextBoolean()) {
                symbols.removeLast();
            }
            Schema pruned =
                    Schema.createEnum(schema.getName(), schema.getDoc(), schema.getNamespace(), symbols, unknown);
            named.put(schema.getFullName(), pruned);
            return pruned;
        }
    }
}
