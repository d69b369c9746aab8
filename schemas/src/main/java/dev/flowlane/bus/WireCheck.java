package dev.flowlane.bus;

import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * Walks an Avro datum without building anything. Avro's own decoder allocates what a length prefix asks for before it
 * looks whether the bytes are there; after this walk every length, count and index is known to be within the record.
 */
final class WireCheck {
    private static final class Fault extends Exception {
        private static final long serialVersionUID = 1L;

        Fault(String message) {
            super(message, null, false, false);
        }
    }

    private final ByteBuffer bytes;

    private WireCheck(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /**
     * What keeps {@code record} from being exactly one datum of {@code schema}.
     *
     * @param offset where the datum begins
     * @return null if nothing does
     */
    static @Nullable String fault(Schema schema, byte[] record, int offset) {
        WireCheck check = new WireCheck(ByteBuffer.wrap(record, offset, record.length - offset));
        try {
            check.walk(schema);
        } catch (Fault e) {
            return e.getMessage() + " at byte " + check.bytes.position();
        }
        int left = check.bytes.remaining();
        return left == 0 ? null : left + " bytes too many at byte " + check.bytes.position();
    }

    private void walk(Schema schema) throws Fault {
        switch (schema.getType()) {
            case NULL -> {}
            case BOOLEAN -> bool();
            case INT -> integer();
            case LONG -> varint();
            case FLOAT -> skip(Float.BYTES, "float");
            case DOUBLE -> skip(Double.BYTES, "double");
            case BYTES -> skip(varint(), "bytes");
            case STRING -> skip(varint(), "string");
            case FIXED -> skip(schema.getFixedSize(), "fixed");
            case ENUM -> index(schema.getEnumSymbols().size(), "enum");
            case UNION -> walk(schema.getTypes().get(index(schema.getTypes().size(), "union")));
            case RECORD -> {
                for (Schema.Field field : schema.getFields()) {
                    walk(field.schema());
                }
            }
            case ARRAY -> blocks(schema.getElementType(), false);
            case MAP -> blocks(schema.getValueType(), true);
        }
    }

    private void blocks(Schema item, boolean keyed) throws Fault {
        for (long count = varint(); count != 0; count = varint()) {
            long blockEnd = -1;
            if (count < 0) {
                // A negative count is followed by the block's length in bytes, which readers use to skip it.
                long length = varint();
                if (length < 0 || length > bytes.remaining()) {
                    throw new Fault("block of " + length + " bytes, " + bytes.remaining() + " are left");
                }
                blockEnd = bytes.position() + length;
                count = -count;
            }
            // No item of our schemas is empty. The smallest long stays negative.
            if (count < 0 || count > bytes.remaining()) {
                throw new Fault("block of " + count + " items, " + bytes.remaining() + " bytes are left");
            }
            for (long i = 0; i < count; i++) {
                if (keyed) {
                    skip(varint(), "map key");
                }
                walk(item);
            }
            if (blockEnd >= 0 && bytes.position() != blockEnd) {
                throw new Fault("block ends " + (bytes.position() - blockEnd) + " bytes from where it said");
            }
        }
    }

    private void bool() throws Fault {
        int value = next();
        if (value != 0 && value != 1) {
            throw new Fault("boolean of " + value);
        }
    }

    private void integer() throws Fault {
        long value = varint();
        if (value != (int) value) {
            throw new Fault("int of " + value);
        }
    }

    private int index(int size, String what) throws Fault {
        long index = varint();
        if (index < 0 || index >= size) {
            throw new Fault(what + " index " + index + " of " + size);
        }
        return (int) index;
    }

    private void skip(long length, String what) throws Fault {
        if (length < 0 || length > bytes.remaining()) {
            throw new Fault(what + " of " + length + " bytes, " + bytes.remaining() + " are left");
        }
        bytes.position(bytes.position() + (int) length);
    }

    /** Zigzag number of at most ten bytes. */
    private long varint() throws Fault {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = next();
            value |= (next & 0x7fL) << shift;
            if ((next & 0x80) == 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new Fault("number of more than ten bytes");
    }

    private int next() throws Fault {
        if (!bytes.hasRemaining()) {
            throw new Fault("truncated");
        }
        return bytes.get() & 0xff;
    }
}
