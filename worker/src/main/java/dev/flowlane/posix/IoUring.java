package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * An io_uring for the socket of one flow, or of several, or for connections: {@link RingEntries} puts operations into
 * the submission ring, {@link #enter} hands them over and waits, {@link #take} reads the completion ring. Belongs to
 * the thread that made it. After {@link #create} and what registers, nothing here allocates.
 */
public final class IoUring extends RingEntries implements AutoCloseable {
    /** Of {@link #flags}: more completions of the same operation are to come. */
    public static final int MORE = 1 << 1;

    /** Of {@link #flags}: the kernel needs the bytes of a {@link #sendZerocopy} no longer. */
    public static final int NOTE = 1 << 3;

    /** Of {@link #flags}: the number of a provided buffer is in {@link #buffer}. */
    public static final int BUFFER = 1;

    /** In {@link #result} with {@link #NOTE}: the kernel copied the bytes after all. */
    public static final int NOTE_COPIED = 1 << 31;

    /** More than a flow, or a connection, ever has under way. */
    private static final int ENTRIES = 64;

    private static final int SETUP_CLAMP = 1 << 4;
    private static final int SETUP_COOP_TASKRUN = 1 << 8;
    private static final int SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int SETUP_DEFER_TASKRUN = 1 << 13;
    private static final int FEATURE_SINGLE_MMAP = 1;
    private static final int FEATURE_EXT_ARG = 1 << 8;
    private static final int ENTER_GETEVENTS = 1;
    private static final int ENTER_EXT_ARG = 1 << 3;
    private static final int REGISTER_BUFFERS = 0;
    private static final int UNREGISTER_BUFFERS = 1;
    private static final int REGISTER_FILES = 2;
    private static final int UNREGISTER_FILES = 3;
    private static final int REGISTER_FILES_UPDATE = 6;

    /** struct io_uring_files_update. */
    private static final int FILES_UPDATE_BYTES = 16;

    private static final int NO_SOCKET = -1;
    private static final int REGISTER_PROBE = 8;

    // struct io_uring_probe, and an entry for each operation.
    private static final int PROBE_HEADER_BYTES = 16;
    private static final int PROBE_BYTES = 8;
    private static final int PROBE_FLAGS = 2;
    private static final int PROBE_MOST = 256;
    private static final int OP_SUPPORTED = 1;
    private static final long OFFSET_SQES = 0x10000000L;
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
    private final int setupFlags;
    private final MemorySegment rings;
    private final long sqTail;
    private final long cqHead;
    private final long cqTail;
    private final int cqMask;
    private final long cqes;

    private boolean registered;
    private boolean buffersRegistered;
    private long token;
    private int result;
    private int flags;

    private IoUring(int fd, MemorySegment params) {
        super(map(fd, (long) params.get(JAVA_INT, PARAMS_SQ_ENTRIES) * SQE_BYTES, OFFSET_SQES));
        this.fd = fd;
        setupFlags = params.get(JAVA_INT, PARAMS_FLAGS);
        int sqEntries = params.get(JAVA_INT, PARAMS_SQ_ENTRIES);
        int cqEntries = params.get(JAVA_INT, PARAMS_CQ_ENTRIES);
        long sqArray = params.get(JAVA_INT, PARAMS_SQ + 24);
        cqes = params.get(JAVA_INT, PARAMS_CQ + 20);
        long ringBytes = Math.max(sqArray + (long) sqEntries * Integer.BYTES, cqes + (long) cqEntries * CQE_BYTES);
        rings = map(fd, ringBytes, 0);
        sqTail = params.get(JAVA_INT, PARAMS_SQ + 4);
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
        return create(ENTRIES);
    }

    /**
     * As {@link #create()}.
     *
     * @param entries operations that can be queued at a time; the kernel makes a power of two of it
     */
    public static IoUring create(int entries) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = arena.allocate(PARAMS_BYTES, 8);
            // Completions are worked off in enter, and nowhere else: since Linux 6.1. Before, since 5.19: at least not
            // by interrupting whatever this thread does.
            int fd = setup(entries, params, SETUP_CLAMP | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN);
            if (fd == -Errno.EINVAL) {
                fd = setup(entries, params, SETUP_CLAMP | SETUP_COOP_TASKRUN);
            }
            if (fd == -Errno.EINVAL) {
                fd = setup(entries, params, SETUP_CLAMP);
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
            try {
                return new IoUring(fd, params);
            } catch (PosixException e) {
                FileCalls.close(fd);
                throw e;
            }
        }
    }

    private static int setup(int entries, MemorySegment params, int flags) {
        params.fill((byte) 0);
        params.set(JAVA_INT, PARAMS_FLAGS, flags);
        return RingCalls.setup(entries, params.address());
    }

    /** How this ring works, as the kernel's header spells it: which of the flags it knows are set. */
    public String setupNames() {
        if ((setupFlags & SETUP_DEFER_TASKRUN) != 0) {
            return "SINGLE_ISSUER DEFER_TASKRUN";
        }
        return (setupFlags & SETUP_COOP_TASKRUN) != 0 ? "COOP_TASKRUN" : "plain";
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

    /** Makes places for several sockets, all of them free. */
    public void registerPlaces(int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sockets = arena.allocate((long) count * Integer.BYTES, Integer.BYTES);
            for (int i = 0; i < count; i++) {
                sockets.setAtIndex(JAVA_INT, i, NO_SOCKET);
            }
            PosixException.check(
                    "io_uring_register", RingCalls.register(fd, REGISTER_FILES, sockets.address(), count));
        }
        registered = true;
    }

    /** What names this place is about this socket from now on. */
    public void place(int place, int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = arena.allocate(FILES_UPDATE_BYTES + (long) Integer.BYTES, Long.BYTES);
            update.set(JAVA_INT, 0, place);
            update.set(ValueLayout.JAVA_LONG, 8, update.address() + FILES_UPDATE_BYTES);
            update.set(JAVA_INT, FILES_UPDATE_BYTES, socket);
            PosixException.check(
                    "io_uring_register", RingCalls.register(fd, REGISTER_FILES_UPDATE, update.address(), 1));
        }
    }

    /** Lets the socket of a place go; nothing may be under way. */
    public void free(int place) {
        place(place, NO_SOCKET);
    }

    /** Lets the socket go; nothing may be under way. */
    public void unregister() {
        if (registered) {
            PosixException.check("io_uring_register", RingCalls.register(fd, UNREGISTER_FILES, 0, 0));
            registered = false;
        }
    }

    /**
     * Pins the memory that {@link #sendFixed}, {@link #receiveFixed} and {@link #sendZerocopy} use, so that no call has
     * to look its pages up; they name it by its index.
     *
     * @throws PosixException when it is more than the process may lock (ENOMEM: RLIMIT_MEMLOCK)
     */
    public void registerBuffers(MemorySegment first, MemorySegment second) {
        try (Arena arena = Arena.ofConfined()) {
            // Two struct iovec.
            MemorySegment vectors = arena.allocate(4L * Long.BYTES, Long.BYTES);
            vectors.set(ValueLayout.JAVA_LONG, 0, first.address());
            vectors.set(ValueLayout.JAVA_LONG, 8, first.byteSize());
            vectors.set(ValueLayout.JAVA_LONG, 16, second.address());
            vectors.set(ValueLayout.JAVA_LONG, 24, second.byteSize());
            int outcome = RingCalls.register(fd, REGISTER_BUFFERS, vectors.address(), 2);
            if (outcome < 0) {
                throw new PosixException(
                        "io_uring_register",
                        -outcome,
                        "of " + (first.byteSize() + second.byteSize()) + " bytes of buffers; ulimit -l says how many a"
                                + " process may lock");
            }
        }
        buffersRegistered = true;
    }

    /** Lets the memory go; nothing may be under way in it. */
    public void unregisterBuffers() {
        if (buffersRegistered) {
            PosixException.check("io_uring_register", RingCalls.register(fd, UNREGISTER_BUFFERS, 0, 0));
            buffersRegistered = false;
        }
    }

    int descriptor() {
        return fd;
    }

    /**
     * Hands over what is queued and waits until so many completions lie there, the time is up, or a signal comes.
     *
     * @return 0, also when the wait was cut short; or a negative errno
     */
    public int enter(int completions, long timeoutNs) {
        argument.set(ValueLayout.JAVA_LONG, ARGUMENT_BYTES, timeoutNs / 1_000_000_000L);
        argument.set(ValueLayout.JAVA_LONG, ARGUMENT_BYTES + 8, timeoutNs % 1_000_000_000L);
        INT.setRelease(rings, sqTail, tail());
        int how = ENTER_GETEVENTS | ENTER_EXT_ARG;
        long submitted = RingCalls.enter(
                state, fd, unsubmitted(), completions, how, argument.address(), ARGUMENT_BYTES);
        if (submitted >= 0) {
            submitted((int) submitted);
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
        flags = rings.get(JAVA_INT, cqe + 12);
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

    /** Of {@link #MORE}, {@link #NOTE} and {@link #BUFFER}: what there is to say of the completion taken. */
    public int flags() {
        return flags;
    }

    /** Number of the provided buffer that the operation taken filled. */
    public int buffer() {
        return flags >>> 16;
    }

    @Override
    public void close() {
        unmapEntries();
        RingCalls.unmap(rings.address(), rings.byteSize());
        FileCalls.close(fd);
    }
}
