package dev.flowlane.worker.protocol;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What only some flow ends have to say of their measured window.
 *
 * @param windowEnd what ended it; null for an end that only follows its peer, and for one that did not end by itself
 * @param receiveWindowNs bidirectional: from the peer's first measured byte to the last one received, monotonic clock
 * @param connections connection rate: on which CPUs this end received its connections, in order of CPUs
 * @param receiveDelay how long what was received lay in the kernel; null unless timestamps were asked for
 */
public record KindFigures(
        @Nullable WindowEnd windowEnd,
        @Nullable Long receiveWindowNs,
        List<CpuConnections> connections,
        @Nullable ReceiveDelay receiveDelay) {
    /** Nothing of the kind. */
    public static final KindFigures NONE = new KindFigures(null, null, List.of(), null);

    public KindFigures {
        connections = List.copyOf(connections);
    }

    /** Without receive delays. */
    public KindFigures(
            @Nullable WindowEnd windowEnd, @Nullable Long receiveWindowNs, List<CpuConnections> connections) {
        this(windowEnd, receiveWindowNs, connections, null);
    }

    /** The same, with them. */
    public KindFigures with(ReceiveDelay delay) {
        return new KindFigures(windowEnd, receiveWindowNs, connections, delay);
    }
}
