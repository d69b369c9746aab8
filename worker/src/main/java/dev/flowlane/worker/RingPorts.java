package dev.flowlane.worker;

import dev.flowlane.posix.PosixException;
import dev.flowlane.worker.protocol.FlowSettings;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/** The ring that a flow end's sockets go through, kept for flow after flow: its own, or that of all on its thread. */
final class RingPorts implements AutoCloseable {
    private final Counters counters;
    private @Nullable GroupSocket shared;
    private @Nullable RingSocket own;

    /** @param counters of what becomes of sends without a copy */
    RingPorts(Counters counters) {
        this.counters = counters;
    }

    /** From now on its sockets go through the ring of all. */
    void share(GroupSocket socket) {
        shared = socket;
    }

    /**
     * Prepares a socket; {@link RingPort#detach} must follow.
     *
     * @throws PosixException when the kernel lacks what that takes; then nothing is attached
     */
    RingPort attach(int socket, FlowSettings settings, long tickNs, MemorySegment from, MemorySegment into) {
        GroupSocket ofAll = shared;
        if (ofAll != null) {
            ofAll.attach(socket, settings);
            return ofAll;
        }
        RingSocket kept = own == null ? new RingSocket(counters) : own;
        own = kept;
        kept.attach(socket, tickNs, RingModes.of(settings), from, into, settings.readBytes());
        return kept;
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
    }
}
