package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A counter that wakes an {@link Epoll}: any thread signals, one thread drains. Non-blocking at both ends; neither
 * allocates.
 */
public final class EventFd implements AutoCloseable {
    private static final MemorySegment ONE = Arena.global().allocateFrom(JAVA_LONG, 1L);

    private final int fd;

    private EventFd(int fd) {
        this.fd = fd;
    }

    /** A counter at 0. */
    public static EventFd create() {
        int flags = FileCalls.EFD_CLOEXEC | FileCalls.EFD_NONBLOCK;
        return new EventFd(PosixException.check("eventfd", FileCalls.eventfd(0, flags)));
    }

    /** The descriptor, readable while the counter is not 0. */
    public int fd() {
        return fd;
    }

    /** Adds one. A counter that is full has not been drained for 2^64 signals and stays readable: nothing is lost. */
    public void signal() {
        long written = FileCalls.writeSurely(fd, ONE.address(), Long.BYTES);
        if (written < 0 && written != -Errno.EAGAIN) {
            throw new PosixException("write(eventfd)", (int) -written);
        }
    }

    /** Sets the counter to 0 and returns what it was. */
    public long drain() {
        CallState state = CallState.current();
        long read = FileCalls.read(fd, state.address(CallState.VALUE), Long.BYTES);
        if (read == -Errno.EAGAIN) {
            return 0;
        }
        if (read < 0) {
            throw new PosixException("read(eventfd)", (int) -read);
        }
        return state.getLong(CallState.VALUE);
    }

    @Override
    public void close() {
        Sockets.close(fd);
    }
}
