package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A small io_uring for the socket of one flow (linux/io_uring.h): sends and receives are put into the submission ring,
 * {@link #enter} hands them over and waits, {@link #take} reads the completion ring. Belongs to the thread that made
 * it. After {@link #create} and {@link #register} nothing here allocates.
 */
public final class IoUring implements AutoCloseable {
    private static final int ENTRIES = 16;

    private static final byte OP_ASYNC_CANCEL = 14;
    private static final byte OP_SEND = 26;
    private static final byte OP_RECV = 27;
    /** The kernel's numbers of operations that this class may ask for and does not use. */
    static final int OP_SEND_ZC = 47;

    static final int OP_RECV_ZC = 58;
    private static final byte FIXED_FILE = 1;

    private static final int SETUP_CLAMP = 1 << 4;
    private static final int SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int SETUP_DEFER_TASKRUN = 1 << 13;
    private static final int FEATURE_SINGLE_MMAP = 1;
    private static final int FEATURE_EXT_ARG = 1 << 8;
    private static final int ENTER_GETEVENTS = 1;
    private static final int ENTER_EXT_ARG = 1 << 3;
    private static final int REGISTER_FILES = 2;
    private static final int UNREGISTER_FILES = 3;
    private static final int REGISTER_PROBE = 8;

    // struct io_uring_probe, and an entry for each operation.
    private static final int PROBE_HEADER_BYTES = 16;
    private static final int PROBE_BYTES = 8;
    private static final int PROBE_FLAGS = 2;
    private static final int PROBE_MOST = 256;
    private static final int OP_SUPPORTED = 1;
    private static final long OFFSET_SQES = 0x10000000L;
    private static final int SQE_BYTES = 64;
    private static final int CQE_BYTES = 16;

    // struct io_uring_params.
    private static final int PARAMS_BYTES = 120;
    private static final long PARAMS_SQ_ENTRIES = 0;
    private static final long PARAMS_CQ_ENTRIES = 4;
    private static final long PARAMS_FLAGS = 8;
    private static final long PARAMS_FEATURES = 20;
    private static final long PARAMS_SQ = 40;
    private static final long PARAMS_CQ = 80;

    /** struct io_uring_getevents_arg, and the struct timespec that it points to. */
    private static final int ARGUMENT_BYTES = 24;

    private static final VarHandle INT = JAVA_INT.varHandle();

    private final CallState state = CallState.current();
    private final MemorySegment argument = Arena.global().allocate(ARGUMENT_BYTES + 16L, 8);
    private final int fd;
    private final MemorySegment rings;
    private final MemorySegment sqes;
    private final long sqTail;
    private final int sqMask;
    private final long cqHead;
    private final long cqTail;
    private final int cqMask;
    private final long cqes;

    private int tail;
    private int unsubmitted;
    private boolean registered;
    private long token;
    private int result;

    private IoUring(int fd, MemorySegment params) {
        this.fd = fd;
        int sqEntries = params.get(JAVA_INT, PARAMS_SQ_ENTRIES);
        int cqEntries = params.get(JAVA_INT, PARAMS_CQ_ENTRIES);
        long sqArray = params.get(JAVA_INT, PARAMS_SQ + 24);
        cqes = params.get(JAVA_INT, PARAMS_CQ + 20);
        long ringBytes = Math.max(sqArray + (long) sqEntries * Integer.BYTES, cqes + (long) cqEntries * CQE_BYTES);
        rings = map(fd, ringBytes, 0);
        sqes = map(fd, (long) sqEntries * SQE_BYTES, OFFSET_SQES);
        sqTail = params.get(JAVA_INT, PARAMS_SQ + 4);
        sqMask = rings.get(JAVA_INT, params.get(JAVA_INT, PARAMS_SQ + 8));
        cqHead = params.get(JAVA_INT, PARAMS_CQ);
        cqTail = params.get(JAVA_INT, PARAMS_CQ + 4);
        cqMask = rings.get(JAVA_INT, params.get(JAVA_INT, PARAMS_CQ + 8));
        for (int i = 0; i < sqEntries; i++) {
            rings.set(JAVA_INT, sqArray + (long) i * Integer.BYTES, i);
        }
        argument.fill((byte) 0);
        argument.set(ValueLayout.JAVA_LONG, 16, argument.address() + ARGUMENT_BYTES);
    }

    /**
     * A ring of the calling thread.
     *
     * @throws PosixException when the kernel has none (ENOSYS), or a sysctl or a sandbox forbids it (EPERM)
     */
    public static IoUring create() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = arena.allocate(PARAMS_BYTES, 8);
            // Completions are worked off in enter, and nowhere else: since Linux 6.1.
            params.set(JAVA_INT, PARAMS_FLAGS, SETUP_CLAMP | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN);
            int fd = RingCalls.setup(ENTRIES, params.address());
            if (fd == -Errno.EINVAL) {
                params.fill((byte) 0);
                params.set(JAVA_INT, PARAMS_FLAGS, SETUP_CLAMP);
                fd = RingCalls.setup(ENTRIES, params.address());
            }
            if (fd < 0) {
                throw new PosixException(
                        "io_uring_setup",
                        -fd,
                        "io.engine io-uring needs Linux 5.11, sysctl kernel.io_uring_disabled=0 and no sandbox that"
                                + " forbids it");
            }
            int needed = FEATURE_SINGLE_MMAP | FEATURE_EXT_ARG;
            if ((params.get(JAVA_INT, PARAMS_FEATURES) & needed) != needed) {
                FileCalls.close(fd);
                throw new PosixException("io_uring_setup", Errno.ENOSYS, "io.engine io-uring needs Linux 5.11");
            }
            return new IoUring(fd, params);
        }
    }

    private static MemorySegment map(int fd, long length, long offset) {
        long address = RingCalls.map(fd, length, offset);
        if (address < 0) {
            throw new PosixException("mmap", (int) -address, "of an io_uring");
        }
        return MemorySegment.ofAddress(address).reinterpret(length);
    }

    /** Whether the kernel has an operation of this number. */
    boolean knows(int operation) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment probe = arena.allocate(PROBE_HEADER_BYTES + (long) PROBE_BYTES * PROBE_MOST, 8);
            PosixException.check(
                    "io_uring_register", RingCalls.register(fd, REGISTER_PROBE, probe.address(), PROBE_MOST));
            long flags = PROBE_HEADER_BYTES + (long) PROBE_BYTES * operation + PROBE_FLAGS;
            return (probe.get(ValueLayout.JAVA_SHORT, flags) & OP_SUPPORTED) != 0;
        }
    }

    /** What follows is about this socket; registered, so that no call has to look it up and hold it. */
    public void register(int socket) {
        state.putInt(CallState.VALUE, socket);
        int outcome = RingCalls.register(fd, REGISTER_FILES, state.address(CallState.VALUE), 1);
        PosixException.check("io_uring_register", outcome);
        registered = true;
    }

    /** Lets the socket go; nothing may be under way. */
    public void unregister() {
        if (registered) {
            PosixException.check("io_uring_register", RingCalls.register(fd, UNREGISTER_FILES, 0, 0));
            registered = false;
        }
    }

    /** Queues a send, as {@link FlowSocket#send}; the bytes stay as they are until it has completed. */
    public void send(long name, MemorySegment buffer, long offset, long length, int flags) {
        queue(OP_SEND, name, Libc.address(buffer, offset, length), length, flags | SocketConstants.MSG_NOSIGNAL);
    }

    /** Queues a receive, as {@link FlowSocket#recv}. */
    public void receive(long name, MemorySegment buffer, long offset, long length, int flags) {
        queue(OP_RECV, name, Libc.address(buffer, offset, length), length, flags);
    }

    /** Queues the cancellation of what was queued by that name; both complete. */
    public void cancel(long name, long other) {
        queue(OP_ASYNC_CANCEL, name, other, 0, 0);
    }

    private void queue(byte operation, long name, long address, long length, int flags) {
        long sqe = (long) (tail & sqMask) * SQE_BYTES;
        sqes.set(ValueLayout.JAVA_LONG, sqe + 8, 0);
        sqes.set(ValueLayout.JAVA_BYTE, sqe, operation);
        sqes.set(ValueLayout.JAVA_BYTE, sqe + 1, operation == OP_ASYNC_CANCEL ? 0 : FIXED_FILE);
        sqes.set(ValueLayout.JAVA_SHORT, sqe + 2, (short) 0);
        sqes.set(JAVA_INT, sqe + 4, operation == OP_ASYNC_CANCEL ? -1 : 0);
        sqes.set(ValueLayout.JAVA_LONG, sqe + 16, address);
        sqes.set(JAVA_INT, sqe + 24, (int) length);
        sqes.set(JAVA_INT, sqe + 28, flags);
        sqes.set(ValueLayout.JAVA_LONG, sqe + 32, name);
        sqes.set(ValueLayout.JAVA_LONG, sqe + 40, 0);
        sqes.set(ValueLayout.JAVA_LONG, sqe + 48, 0);
        sqes.set(ValueLayout.JAVA_LONG, sqe + 56, 0);
        tail++;
        unsubmitted++;
        INT.setRelease(rings, sqTail, tail);
    }

    /**
     * Hands over what is queued and waits until so many completions lie there, the time is up, or a signal comes.
     *
     * @return 0, also when the wait was cut short; or a negative errno
     */
    public int enter(int completions, long timeoutNs) {
        argument.set(ValueLayout.JAVA_LONG, ARGUMENT_BYTES, timeoutNs / 1_000_000_000L);
        argument.set(ValueLayout.JAVA_LONG, ARGUMENT_BYTES + 8, timeoutNs % 1_000_000_000L);
        int flags = ENTER_GETEVENTS | ENTER_EXT_ARG;
        long submitted = RingCalls.enter(
                state, fd, unsubmitted, completions, flags, argument.address(), ARGUMENT_BYTES);
        if (submitted >= 0) {
            unsubmitted -= (int) submitted;
            return 0;
        }
        boolean cutShort = submitted == -Errno.EINTR || submitted == -Errno.ETIME;
        return cutShort ? 0 : (int) submitted;
    }

    /** Takes the next completion; false when there is none. */
    public boolean take() {
        int head = (int) INT.get(rings, cqHead);
        if (head == (int) INT.getAcquire(rings, cqTail)) {
            return false;
        }
        long cqe = cqes + (long) (head & cqMask) * CQE_BYTES;
        token = rings.get(ValueLayout.JAVA_LONG, cqe);
        result = rings.get(JAVA_INT, cqe + 8);
        INT.setRelease(rings, cqHead, head + 1);
        return true;
    }

    /** The name under which the operation taken was queued. */
    public long name() {
        return token;
    }

    /** What the operation taken returned: a count, or a negative errno. */
    public int result() {
        return result;
    }

    @Override
    public void close() {
        RingCalls.unmap(sqes.address(), sqes.byteSize());
        RingCalls.unmap(rings.address(), rings.byteSize());
        FileCalls.close(fd);
    }
}
