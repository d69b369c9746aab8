package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Puts values of the messages' few types into bytes, little-endian; {@link WireReader} is its inverse. */
final class WireWriter {
    private static final int FIRST_BYTES = 1 << 10;

    private final int mostBytes;
    private ByteBuffer buffer = ByteBuffer.allocate(FIRST_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** @param mostBytes that it takes; more is a {@link BufferOverflowException} */
    WireWriter(int mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Everything that was put. */
    byte[] written() {
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /**
     * The buffer, with room for some bytes. Few messages are long, and one of many flows' is made for each of them:
     * buffers of the longest one's length would keep the garbage collector busy, which stops the flows' thread.
     */
    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int needed = buffer.position() + bytes;
            if (needed > mostBytes) {
                throw new BufferOverflowException();
            }
            ByteBuffer larger = ByteBuffer.allocate(Math.min(mostBytes, Math.max(needed, 2 * buffer.capacity())));
            buffer = larger.order(ByteOrder.LITTLE_ENDIAN).put(buffer.flip());
        }
        return buffer;
    }

    void u8(int value) {
        room(Byte.BYTES).put((byte) value);
    }

    void flag(boolean value) {
        u8(value ? 1 : 0);
    }

    void i32(int value) {
        room(Integer.BYTES).putInt(value);
    }

    void i64(long value) {
        room(Long.BYTES).putLong(value);
    }

    void f64(double value) {
        room(Double.BYTES).putDouble(value);
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
        room(length).put(utf8, 0, length);
    }

    void bytes(Bytes value) {
        i32(value.size());
        room(value.size()).put(value.toArray());
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
