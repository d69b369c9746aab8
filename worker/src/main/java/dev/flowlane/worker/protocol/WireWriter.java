package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Puts values of the messages' few types into bytes, little-endian; {@link WireReader} is its inverse. */
final class WireWriter {
    private final ByteBuffer buffer;

    WireWriter(byte[] target) {
        buffer = ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
    }

    int length() {
        return buffer.position();
    }

    void u8(int value) {
        buffer.put((byte) value);
    }

    void flag(boolean value) {
        u8(value ? 1 : 0);
    }

    void i32(int value) {
        buffer.putInt(value);
    }

    void i64(long value) {
        buffer.putLong(value);
    }

    void f64(double value) {
        buffer.putDouble(value);
    }

    /** By its place: the order of an enum's constants is part of the protocol's version. */
    @SuppressWarnings("EnumOrdinal")
    void constant(Enum<?> value) {
        u8(value.ordinal());
    }

    /** Longer text is cut: it is for people, and ids are bounded elsewhere. */
    void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(utf8.length, WireReader.MAX_TEXT_BYTES);
        while (length < utf8.length && length > 0 && (utf8[length] & 0xC0) == 0x80) {
            length--;
        }
        i32(length);
        buffer.put(utf8, 0, length);
    }

    void bytes(Bytes value) {
        if (value.size() > buffer.remaining() - Integer.BYTES) {
            throw new BufferOverflowException();
        }
        i32(value.size());
        buffer.put(value.toArray());
    }

    void optionalBytes(@Nullable Bytes value) {
        flag(value != null);
        if (value != null) {
            bytes(value);
        }
    }

    void optionalText(@Nullable String value) {
        flag(value != null);
        if (value != null) {
            text(value);
        }
    }

    void optionalI64(@Nullable Long value) {
        flag(value != null);
        if (value != null) {
            i64(value);
        }
    }

    void optionalI32(@Nullable Integer value) {
        flag(value != null);
        if (value != null) {
            i32(value);
        }
    }

    void optionalFlag(@Nullable Boolean value) {
        flag(value != null);
        if (value != null) {
            flag(value);
        }
    }
}
