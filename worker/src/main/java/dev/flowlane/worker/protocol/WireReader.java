package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Takes values of the messages' few types out of bytes; trusts no length it reads. */
final class WireReader {
    static final int MAX_TEXT_BYTES = 8192;

    private final ByteBuffer buffer;

    /** Reads from the buffer's position to its limit, without moving them. */
    WireReader(ByteBuffer message) {
        buffer = message.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    int u8() throws MalformedMessageException {
        need(1);
        return Byte.toUnsignedInt(buffer.get());
    }

    boolean flag() throws MalformedMessageException {
        int value = u8();
        if (value > 1) {
            throw bad("flag is " + value);
        }
        return value == 1;
    }

    int i32() throws MalformedMessageException {
        need(Integer.BYTES);
        return buffer.getInt();
    }

    long i64() throws MalformedMessageException {
        need(Long.BYTES);
        return buffer.getLong();
    }

    double f64() throws MalformedMessageException {
        need(Double.BYTES);
        return buffer.getDouble();
    }

    /** A value between {@code 0} and {@code most}. */
    int count(String what, int most) throws MalformedMessageException {
        int value = i32();
        if (value < 0 || value > most) {
            throw bad(what + " is " + value + ", allowed is 0 to " + most);
        }
        return value;
    }

    <E extends Enum<E>> E constant(E[] constants) throws MalformedMessageException {
        int ordinal = u8();
        if (ordinal >= constants.length) {
            throw bad(constants[0].getDeclaringClass().getSimpleName() + " has no constant " + ordinal);
        }
        return constants[ordinal];
    }

    String text() throws MalformedMessageException {
        int length = count("text length", MAX_TEXT_BYTES);
        need(length);
        ByteBuffer utf8 = buffer.slice(buffer.position(), length);
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
            buffer.position(buffer.position() + length);
            return text;
        } catch (CharacterCodingException e) {
            throw bad("text is not UTF-8");
        }
    }

    Bytes bytes() throws MalformedMessageException {
        int length = count("byte string length", Messages.MAX_BYTES);
        need(length);
        byte[] content = new byte[length];
        buffer.get(content);
        return Bytes.copyOf(content);
    }

    @Nullable Bytes optionalBytes() throws MalformedMessageException {
        return flag() ? bytes() : null;
    }

    @Nullable String optionalText() throws MalformedMessageException {
        return flag() ? text() : null;
    }

    @Nullable Long optionalI64() throws MalformedMessageException {
        return flag() ? (Long) i64() : null;
    }

    @Nullable Integer optionalI32() throws MalformedMessageException {
        return flag() ? (Integer) i32() : null;
    }

    @Nullable Boolean optionalFlag() throws MalformedMessageException {
        return flag() ? (Boolean) flag() : null;
    }

    void end() throws MalformedMessageException {
        if (buffer.hasRemaining()) {
            throw bad(buffer.remaining() + " bytes too many");
        }
    }

    MalformedMessageException bad(String what) {
        return new MalformedMessageException(what, buffer.position());
    }

    private void need(int bytes) throws MalformedMessageException {
        if (buffer.remaining() < bytes) {
            throw bad("message ends " + (bytes - buffer.remaining()) + " bytes short");
        }
    }
}
