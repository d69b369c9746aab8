package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What only some flows have to say of one end.
 *
 * @param windowEnd what ended its sending; null where it sends nothing of its own accord, and where that is not known
 * @param receiveWindowNs bidirectional: from the peer's first measured byte to the last one received
 * @param failedConnections connection rate: those that were not made, or broke before the whole response
 * @param portlessConnections connection rate: those of them for which the source had no free port
 * @param connections connection rate: on which CPUs this end received them
 * @param receiveDelay null unless the spec asks for receive timestamps, and where the worker did not live to tell
 */
public record KindFigures(
        @Nullable WindowEnd windowEnd,
        @Nullable Long receiveWindowNs,
        long failedConnections,
        long portlessConnections,
        List<CpuConnections> connections,
        @Nullable ReceiveDelay receiveDelay) {
    /** Nothing of the kind. */
    public static final KindFigures NONE = new KindFigures(null, null, 0, 0, List.of(), null);

    public KindFigures {
        connections = List.copyOf(connections);
    }
}
