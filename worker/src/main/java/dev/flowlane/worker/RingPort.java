package dev.flowlane.worker;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/**
 * A flow's socket as {@link FlowConnection} sees it through an io_uring, be that its own or one that several flows
 * share. Results are as those of {@link FlowConnection}.
 */
sealed interface RingPort permits RingSocket, GroupSocket {
    long send(MemorySegment from, long offset, long length, int flags);

    /**
     * A send that the next {@link #receive} that brings bytes proves to be done. Taken for done at once; a receive
     * fails if it was not, and {@link #takeUnsent} tells by how much. Between two of them there must be a receive that
     * returned bytes.
     */
    long sendAhead(MemorySegment from, long offset, long length, int flags);

    long receive(MemorySegment into, long length, int flags);

    /** As {@link #receive(MemorySegment, long, int)}, waiting no longer than told; 0: not at all. */
    long receive(MemorySegment into, long length, int flags, long longestNs);

    /**
     * As {@link #receive(MemorySegment, long, int, long)}, looking up, too, when there is room to send. For sends that
     * never wait.
     */
    long receiveOrRoom(MemorySegment into, long length, int flags, long longestNs);

    /** Where the last receive put what it brought; null: where it was told to. */
    @Nullable MemorySegment chunk();

    /** Bytes that were taken for sent and were not; once. */
    long takeUnsent();

    /**
     * Ends what is under way. What a receive has brought until then is what the next one returns.
     *
     * @return bytes that a send took and that were not counted yet; negative when too many were
     */
    long cancel();

    /** Waits, not for long, until the kernel needs the bytes of no send without a copy any more, and has said so. */
    void awaitNotes();

    /** The socket can be closed, and the memory of its calls freed. */
    void detach();
}
