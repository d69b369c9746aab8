package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * The submission entries of an {@link IoUring} (linux/io_uring.h): every operation that can be asked of it, under a
 * name that its completion comes back with. Nothing here allocates.
 */
public abstract sealed class RingEntries permits IoUring {
    static final int SQE_BYTES = 64;

    private static final byte OP_READ_FIXED = 4;
    private static final byte OP_WRITE_FIXED = 5;
    private static final byte OP_POLL_ADD = 6;
    private static final byte OP_ACCEPT = 13;
    private static final byte OP_ASYNC_CANCEL = 14;
    private static final byte OP_CONNECT = 16;
    private static final byte OP_CLOSE = 19;
    private static final byte OP_SEND = 26;
    private static final byte OP_RECV = 27;
    static final byte OP_SEND_ZC = 47;
    /** The kernel's number of an operation that this class may ask for and does not use. */
    static final int OP_RECV_ZC = 58;

    /** Of an entry's flags (IOSQE). */
    private static final byte FIXED_FILE = 1;

    private static final byte LINK = 1 << 2;
    private static final byte HARD_LINK = 1 << 3;
    private static final byte BUFFER_SELECT = 1 << 5;
    private static final byte CQE_SKIP_SUCCESS = 1 << 6;

    /** Of an entry's ioprio, which means something else to every operation. */
    private static final short ACCEPT_MULTISHOT = 1;

    private static final short RECV_MULTISHOT = 1 << 1;
    private static final short RECVSEND_FIXED_BUFFER = 1 << 2;
    private static final short SEND_ZC_REPORT_USAGE = 1 << 3;

    private final MemorySegment sqes;
    private final int mask;
    private int tail;
    private int unsubmitted;

    /** @param sqes as many entries as the ring has, a power of two */
    RingEntries(MemorySegment sqes) {
        this.sqes = sqes;
        mask = (int) (sqes.byteSize() / SQE_BYTES) - 1;
    }

    final int tail() {
        return tail;
    }

    /** Entries that can be queued before the next {@link IoUring#enter}. */
    public final int room() {
        return mask + 1 - unsubmitted;
    }

    final int unsubmitted() {
        return unsubmitted;
    }

    final void submitted(int count) {
        unsubmitted -= count;
    }

    final void unmapEntries() {
        RingCalls.unmap(sqes.address(), sqes.byteSize());
    }

    /** Queues a send, as {@link FlowSocket#send}; the bytes stay as they are until it has completed. */
    public final void send(long name, MemorySegment buffer, long offset, long length, int flags) {
        queue(OP_SEND, FIXED_FILE, 0, name, Libc.address(buffer, offset, length), length);
        operationFlags(flags | SocketConstants.MSG_NOSIGNAL);
    }

    /**
     * As {@link #send}, of one of several registered sockets.
     *
     * @param quiet whether it only completes when less than all of it was sent, since Linux 5.17
     */
    public final void sendOf(
            int place, long name, MemorySegment buffer, long offset, long length, int flags, boolean quiet) {
        byte how = quiet ? FIXED_FILE | CQE_SKIP_SUCCESS : FIXED_FILE;
        queue(OP_SEND, how, place, name, Libc.address(buffer, offset, length), length);
        operationFlags(flags | SocketConstants.MSG_NOSIGNAL);
    }

    /** As {@link #send}, of a socket that is not registered. */
    public final void sendOn(int socket, long name, MemorySegment buffer, long offset, long length, int flags) {
        queue(OP_SEND, (byte) 0, socket, name, Libc.address(buffer, offset, length), length);
        operationFlags(flags | SocketConstants.MSG_NOSIGNAL);
    }

    /**
     * As {@link #send}, but without a copy where that can be had (IORING_OP_SEND_ZC). It completes twice: when it is
     * sent, with {@link IoUring#MORE}, and when the kernel needs the bytes no longer, with {@link IoUring#NOTE}.
     *
     * @param index of the registered buffer that they are in; -1: none
     */
    public final void sendZerocopy(long name, MemorySegment buffer, long offset, long length, int flags, int index) {
        queue(OP_SEND_ZC, FIXED_FILE, 0, name, Libc.address(buffer, offset, length), length);
        operationFlags(flags | SocketConstants.MSG_NOSIGNAL);
        priority((short) (SEND_ZC_REPORT_USAGE | (index < 0 ? 0 : RECVSEND_FIXED_BUFFER)));
        bufferIndex(Math.max(0, index));
    }

    /** A write to the socket from a registered buffer. The kernel may send SIGPIPE, which a JVM ignores. */
    public final void sendFixed(long name, MemorySegment buffer, long offset, long length, int index) {
        queue(OP_WRITE_FIXED, FIXED_FILE, 0, name, Libc.address(buffer, offset, length), length);
        bufferIndex(index);
    }

    /** Queues a receive, as {@link FlowSocket#recv}. */
    public final void receive(long name, MemorySegment buffer, long offset, long length, int flags) {
        queue(OP_RECV, FIXED_FILE, 0, name, Libc.address(buffer, offset, length), length);
        operationFlags(flags);
    }

    /** As {@link #receive}, of a socket that is not registered. */
    public final void receiveOn(int socket, long name, MemorySegment buffer, long offset, long length, int flags) {
        queue(OP_RECV, (byte) 0, socket, name, Libc.address(buffer, offset, length), length);
        operationFlags(flags);
    }

    /** A read from the socket into a registered buffer. */
    public final void receiveFixed(long name, MemorySegment buffer, long offset, long length, int index) {
        queue(OP_READ_FIXED, FIXED_FILE, 0, name, Libc.address(buffer, offset, length), length);
        bufferIndex(index);
    }

    /**
     * Queues any number of receives, each into a buffer of a group; the last completes without {@link IoUring#MORE},
     * with ENOBUFS when no buffer was left.
     */
    public final void receiveMany(long name, short group) {
        receiveManyOf(0, name, group);
    }

    /** As {@link #receiveMany}, of one of several registered sockets. */
    public final void receiveManyOf(int place, long name, short group) {
        queue(OP_RECV, (byte) (FIXED_FILE | BUFFER_SELECT), place, name, 0, 0);
        priority(RECV_MULTISHOT);
        bufferIndex(group);
    }

    /** Queues a connect; the address stays as it is until it has completed. */
    public final void connect(int socket, long name, MemorySegment address, int addressBytes) {
        queue(OP_CONNECT, (byte) 0, socket, name, Libc.address(address, 0, addressBytes), 0);
        sqes.set(JAVA_LONG, last() + 8, addressBytes);
    }

    /**
     * Queues an accept; what it brings waits, unlike {@link BriefSockets#accept}'s.
     *
     * @param many whether it goes on until it completes without {@link IoUring#MORE}
     */
    public final void accept(int listener, long name, boolean many) {
        queue(OP_ACCEPT, (byte) 0, listener, name, 0, 0);
        operationFlags(SocketConstants.SOCK_CLOEXEC);
        priority(many ? ACCEPT_MULTISHOT : 0);
    }

    /** Queues a wait for any of some events of FlowSocket's POLL constants. */
    public final void poll(int descriptor, long name, int events) {
        queue(OP_POLL_ADD, (byte) 0, descriptor, name, 0, 0);
        operationFlags(events);
    }

    /** As {@link #poll}, of the registered socket. */
    public final void pollRegistered(long name, int events) {
        queue(OP_POLL_ADD, FIXED_FILE, 0, name, 0, 0);
        operationFlags(events);
    }

    /** Queues a close. */
    public final void close(int descriptor, long name) {
        queue(OP_CLOSE, (byte) 0, descriptor, name, 0, 0);
    }

    /** Queues the cancellation of what was queued by that name; both complete. */
    public final void cancel(long name, long other) {
        queue(OP_ASYNC_CANCEL, (byte) 0, -1, name, other, 0);
    }

    /**
     * What is queued next begins when what was queued last has completed.
     *
     * @param whatever becomes of that; otherwise it is cancelled when that fails, or falls short
     */
    public final void thenNext(boolean whatever) {
        byte now = sqes.get(JAVA_BYTE, last() + 1);
        sqes.set(JAVA_BYTE, last() + 1, (byte) (now | (whatever ? HARD_LINK : LINK)));
    }

    private void queue(byte operation, byte how, int descriptor, long name, long address, long length) {
        tail++;
        long sqe = last();
        sqes.set(JAVA_BYTE, sqe, operation);
        sqes.set(JAVA_BYTE, sqe + 1, how);
        sqes.set(JAVA_SHORT, sqe + 2, (short) 0);
        sqes.set(JAVA_INT, sqe + 4, descriptor);
        sqes.set(JAVA_LONG, sqe + 8, 0);
        sqes.set(JAVA_LONG, sqe + 16, address);
        sqes.set(JAVA_INT, sqe + 24, (int) length);
        sqes.set(JAVA_INT, sqe + 28, 0);
        sqes.set(JAVA_LONG, sqe + 32, name);
        sqes.set(JAVA_LONG, sqe + 40, 0);
        sqes.set(JAVA_LONG, sqe + 48, 0);
        sqes.set(JAVA_LONG, sqe + 56, 0);
        unsubmitted++;
    }

    /** Where the entry that was queued last is. The kernel does not look at it before {@link IoUring#enter}. */
    private long last() {
        return (long) ((tail - 1) & mask) * SQE_BYTES;
    }

    private void operationFlags(int operationFlags) {
        sqes.set(JAVA_INT, last() + 28, operationFlags);
    }

    private void priority(short priority) {
        sqes.set(JAVA_SHORT, last() + 2, priority);
    }

    private void bufferIndex(int index) {
        sqes.set(JAVA_SHORT, last() + 40, (short) index);
    }
}
