package dev.flowlane.core.run;

import dev.flowlane.core.Counted;

import java.security.MessageDigest;
import java.util.Arrays;

/** Immutable bytes that compare by content and never show it: keys and histograms. */
public final class OpaqueBytes {
    private final byte[] bytes;

    private OpaqueBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A copy of the array. */
    public static OpaqueBytes of(byte[] bytes) {
        return new OpaqueBytes(bytes.clone());
    }

    /** A copy of the content. */
    public byte[] toArray() {
        return bytes.clone();
    }

    /** How many bytes there are. */
    public int sizeBytes() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OpaqueBytes that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The size only. */
    @Override
    public String toString() {
        return Counted.of(bytes.length, "byte");
    }
}
