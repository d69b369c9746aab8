package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

/**
 * Which way the traffic goes, and what ends it before its time.
 *
 * @param reverse whether destinations send, or ask, while sources, which still connect, receive, or answer
 * @param mostBytes payload bytes after which each sender's measured window ends; null: the duration ends it. Of
 *     requests, rounded up to whole ones
 * @param mostMessages requests, or writes of a stream, likewise
 */
public record Course(boolean reverse, @Nullable Long mostBytes, @Nullable Long mostMessages) {
    /** From sources to destinations, for the whole duration. */
    public static final Course USUAL = new Course(false, null, null);

    /** Whether something other than the duration may end a measured window. */
    public boolean limited() {
        return mostBytes != null || mostMessages != null;
    }
}
