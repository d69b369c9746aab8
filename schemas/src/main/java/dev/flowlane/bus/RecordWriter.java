package dev.flowlane.bus;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;

import java.util.List;

/**
 * Avro's writer, which asks of every optional field by the name of its value's class which branch of the union it is.
 * Our unions are null or one type, so that it is enough to know whether there is a value; one of another class cannot
 * be written as that type either.
 *
 * @param <T> generated class
 */
final class RecordWriter<T> extends SpecificDatumWriter<T> {
    RecordWriter(Schema schema, SpecificData data) {
        super(schema, data);
    }

    @Override
    protected int resolveUnion(Schema union, Object datum) {
        List<Schema> types = union.getTypes();
        return types.size() == 2 && types.getFirst().getType() == Schema.Type.NULL
                ? datum == null ? 0 : 1
                : super.resolveUnion(union, datum);
    }
}
