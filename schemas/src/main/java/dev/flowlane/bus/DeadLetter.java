package dev.flowlane.bus;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * A record that somebody could not decode, as it was, and where it came from.
 *
 * @param offset its place among the dead letters, by which it is named
 * @param writtenAt by the clock of the reader that could not decode it
 * @param originTopic full name of the topic it was read from; empty when the letter does not say
 * @param originPartition -1 when the letter does not say
 * @param originOffset -1 when the letter does not say
 * @param error why it could not be decoded
 * @param key original bytes, read-only; null: it had none
 * @param value original bytes, read-only; null: it had none
 */
public record DeadLetter(
        long offset,
        Instant writtenAt,
        String originTopic,
        int originPartition,
        long originOffset,
        String error,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value) {
    /** A copy of the key; null: it had none. */
    public byte @Nullable [] keyBytes() {
        return copy(key);
    }

    /** A copy of the value; null: it had none. */
    public byte @Nullable [] valueBytes() {
        return copy(value);
    }

    private static byte @Nullable [] copy(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
