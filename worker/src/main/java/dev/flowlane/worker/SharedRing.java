package dev.flowlane.worker;

import dev.flowlane.posix.BufferRing;
import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.IoUring;
import dev.flowlane.posix.PosixException;
import dev.flowlane.worker.protocol.FlowSettings;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/**
 * One io_uring for several flow ends on one thread: all that they have to send goes to the kernel in one call, which
 * brings whatever has come for any of them. What is received lies in buffers that the kernel picks from a group for
 * all. Nothing here allocates but {@link #open}.
 */
final class SharedRing implements AutoCloseable {
    /** No buffer, no flow end. */
    static final int NONE = -1;

    private static final int PLACES = FlowSettings.MAX_FLOWS_PER_WORKER;

    /** Of every flow end a send, a receive and the cancellation of each. */
    private static final int ENTRIES = 4 * PLACES;

    private static final short GROUP = 1;
    private static final int ALL_BYTES = 8 << 20;
    private static final int LEAST = 16;
    private static final int MOST = 1024;

    /** The only name that is no flow end's. */
    private static final long EPOLL = Long.MIN_VALUE;

    private final Epoll epoll;
    private final GroupSocket[] sockets = new GroupSocket[PLACES];

    /** Flow ends that something has completed for, each once: a ring. */
    private final int[] woken = new int[PLACES];

    private int firstWoken;
    private int wokenCount;

    private @Nullable IoUring ring;
    private @Nullable BufferRing buffers;
    private int chunkBytes;
    private MemorySegment[] segments = {};

    /** Of every buffer, what the kernel put there, and which one came after it for the same flow end. */
    private int[] lengths = {};

    private int[] following = {};
    private int users;
    private boolean polling;
    private boolean epollReady;

    /** @param epoll watched, too */
    SharedRing(Epoll epoll) {
        this.epoll = epoll;
    }

    /** The socket of a flow end; its number is below {@link FlowSettings#MAX_FLOWS_PER_WORKER}. */
    GroupSocket socket(int number, SharedWait wait) {
        GroupSocket socket = new GroupSocket(this, number, wait);
        sockets[number] = socket;
        return socket;
    }

    /**
     * Prepares for one flow end more, whose {@link #join} is to follow.
     *
     * @throws PosixException when the kernel lacks what it takes
     */
    IoUring open(FlowSettings settings) {
        IoUring opened = ring;
        if (opened == null) {
            opened = IoUring.create(ENTRIES);
            try {
                opened.registerPlaces(PLACES);
            } catch (PosixException e) {
                opened.close();
                throw e;
            }
            ring = opened;
        }
        int wanted = chunkBytes(settings);
        if (buffers == null || (wanted != chunkBytes && users == 0)) {
            if (buffers != null) {
                buffers.close();
                buffers = null;
            }
            provide(opened, wanted);
        }
        return opened;
    }

    /** A flow end more; {@link #leave} must follow. */
    void join() {
        users++;
    }

    /** Most that one receive of such flows can bring, as far as is known. */
    private static int chunkBytes(FlowSettings settings) {
        int most = settings.readBytes();
        return LoopKind.of(settings) == LoopKind.REQUEST
                ? Math.min(most, Math.max(settings.requestBytes(), settings.responseBytes()))
                : most;
    }

    private void provide(IoUring opened, int bytes) {
        int count = Math.clamp(Integer.highestOneBit(ALL_BYTES / bytes), LEAST, MOST);
        BufferRing provided = BufferRing.register(opened, GROUP, count, bytes);
        segments = new MemorySegment[count];
        for (int i = 0; i < count; i++) {
            segments[i] = provided.buffer(i);
        }
        lengths = new int[count];
        following = new int[count];
        chunkBytes = bytes;
        buffers = provided;
    }

    /** A flow end less. */
    void leave() {
        users--;
    }

    /** Whether there is a flow end that needs it. */
    boolean inUse() {
        return users > 0;
    }

    /**
     * Hands over what is queued, and waits until something completes for a flow end, or epoll has something to say.
     *
     * @return whether it has
     */
    boolean await(long waitNs) {
        if (!polling) {
            entries().poll(epoll.fd(), EPOLL, FlowSocket.POLLIN);
            polling = true;
        }
        enter(waitNs > 0 && wokenCount == 0 ? 1 : 0, waitNs);
        boolean ready = epollReady;
        epollReady = false;
        return ready;
    }

    /** Hands over what is queued, waits for so many completions or until the time is up, and says whose they are. */
    void enter(int completions, long waitNs) {
        IoUring entered = opened();
        int outcome = entered.enter(completions, waitNs);
        if (outcome < 0) {
            throw new PosixException("io_uring_enter", -outcome);
        }
        while (entered.take()) {
            long name = entered.name();
            if (name == EPOLL) {
                polling = false;
                epollReady = true;
                continue;
            }
            GroupSocket socket = sockets[GroupSocket.number(name)];
            boolean filled = (entered.flags() & IoUring.BUFFER) != 0;
            if (socket.is(name)) {
                int buffer = filled ? entered.buffer() : NONE;
                socket.completed(name, entered.result(), buffer, (entered.flags() & IoUring.MORE) != 0);
                wake(socket);
            } else if (filled) {
                // It was for a flow that is over.
                giveBack(entered.buffer());
            }
        }
    }

    private void wake(GroupSocket socket) {
        if (!socket.woken) {
            socket.woken = true;
            woken[(firstWoken + wokenCount) & (PLACES - 1)] = socket.number();
            wokenCount++;
        }
    }

    /** A flow end that something has completed for since it was last named here; {@link #NONE}: no more of them. */
    int nextWoken() {
        if (wokenCount == 0) {
            return NONE;
        }
        int number = woken[firstWoken];
        firstWoken = (firstWoken + 1) & (PLACES - 1);
        wokenCount--;
        sockets[number].woken = false;
        return number;
    }

    /** Where to queue an operation: there is room. */
    IoUring entries() {
        IoUring queue = opened();
        if (queue.room() == 0) {
            enter(0, 0);
        }
        return queue;
    }

    private IoUring opened() {
        IoUring opened = ring;
        if (opened == null) {
            throw new IllegalStateException("the ring is not open");
        }
        return opened;
    }

    /** As {@link IoUring#receiveManyOf} names the buffers. */
    short group() {
        return GROUP;
    }

    /** Notes what a buffer has, and that it comes after another one; {@link #NONE}: that it is a flow end's first. */
    void append(int buffer, int after, int length) {
        lengths[buffer] = length;
        following[buffer] = NONE;
        if (after != NONE) {
            following[after] = buffer;
        }
    }

    int length(int buffer) {
        return lengths[buffer];
    }

    int following(int buffer) {
        return following[buffer];
    }

    MemorySegment segment(int buffer) {
        return segments[buffer];
    }

    /** Nobody looks at a buffer any more. */
    void giveBack(int buffer) {
        BufferRing provided = buffers;
        if (provided != null) {
            provided.giveBack(buffer);
        }
    }

    @Override
    public void close() {
        if (buffers != null) {
            buffers.close();
        }
        if (ring != null) {
            ring.close();
        }
    }
}
