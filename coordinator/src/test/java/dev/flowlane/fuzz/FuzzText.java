package dev.flowlane.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A target that reads text: bytes that are no UTF-8 are replaced, as they are before text gets there. */
public abstract class FuzzText extends FuzzTarget {
    /**
     * Describes the target.
     *
     * @param good text as it should be, out of which the rest is made
     */
    protected FuzzText(String... good) {
        super(Arrays.stream(good)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new));
    }

    /** As {@link #read(byte[])}. */
    protected abstract void read(String text);

    @Override
    protected final void read(byte[] input) {
        read(new String(input, StandardCharsets.UTF_8));
    }
}
