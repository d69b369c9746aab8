package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

/**
 * What became of one option of a flow end's socket.
 *
 * @param name as in the kernel's headers
 * @param asked null: nothing was asked for
 * @param effective at the end of the flow; null: the kernel did not tell
 */
public record SocketOption(
        String name,
        @Nullable String asked,
        @Nullable String effective) {}
