package dev.flowlane.posix;

import java.lang.foreign.MemorySegment;

/**
 * {@link FlowSocket#send} and {@link FlowSocket#recv} for one thread: made on the thread that will use it, it need not
 * look that thread's memory up in every call. On a CPU whose caches the kernel's network stack has just been through,
 * that look-up costs more than the rest of the call's Java code.
 */
public final class FlowCalls {
    /** Part of a result of {@link #zerocopyCompletions} that is a number of sends. */
    public static final long COMPLETED_MASK = 0xFFFFFFFFL;

    /** Set in a result of {@link #zerocopyCompletions}: the kernel copied the bytes of these sends after all. */
    public static final long COPIED = 1L << 32;

    private final CallState state;

    FlowCalls(CallState state) {
        this.state = state;
    }

    /** For the calling thread only; always the same, so that flows that share a thread share it in the cache, too. */
    public static FlowCalls ofThisThread() {
        return CallState.current().flowCalls;
    }

    /** As {@link FlowSocket#send}. */
    public long send(int fd, MemorySegment buffer, long offset, long length, int flags) {
        long address = Libc.address(buffer, offset, length);
        long sent = SocketCalls.send(state, fd, address, length, flags | SocketConstants.MSG_NOSIGNAL);
        Libc.keep(buffer);
        return sent;
    }

    /** As {@link FlowSocket#recv}. */
    public long recv(int fd, MemorySegment buffer, long offset, long length, int flags) {
        long address = Libc.address(buffer, offset, length);
        long received = SocketCalls.recv(state, fd, address, length, flags);
        Libc.keep(buffer);
        return received;
    }

    /**
     * As {@link #recv}, with the kernel's receive timestamp ({@link ReceiveTimestamps}): for a stream that of the last
     * segment the bytes came from, for datagrams that were put together that of the first.
     *
     * @param message {@link StampedMessage#stampNs} tells it when bytes were received
     */
    public long receiveStamped(
            int fd, StampedMessage message, MemorySegment buffer, long offset, long length, int flags) {
        long address = Libc.address(buffer, offset, length);
        long received = SocketCalls.recvmsg(state, fd, message.into(address, length), flags);
        Libc.keep(buffer);
        return received;
    }

    /**
     * Sends messages of a vector in one call.
     *
     * @param flags of FlowSocket's MSG constants
     * @return how many were sent, from the first on; or a negative errno
     */
    public long sendMessages(int fd, MessageVector messages, int first, int count, int flags) {
        return SocketCalls.sendmmsg(
                state, fd, messages.address(first, count), count, flags | SocketConstants.MSG_NOSIGNAL);
    }

    /**
     * Receives up to {@code count} messages in one call, into the places of the vector; {@link MessageVector#length}
     * tells how long each is.
     *
     * @param flags of FlowSocket's MSG constants
     * @return how many came, or a negative errno
     */
    public long receiveMessages(int fd, MessageVector messages, int count, int flags) {
        return SocketCalls.recvmmsg(state, fd, messages.address(0, count), count, flags);
    }

    /**
     * Takes one note of completed {@link FlowSocket#MSG_ZEROCOPY} sends off the socket's error queue; never waits.
     *
     * @return how many sends it is about, with {@link #COPIED}; 0 when there is none
     */
    public long zerocopyCompletions(int fd) {
        return ZerocopyNote.take(state, fd);
    }
}
