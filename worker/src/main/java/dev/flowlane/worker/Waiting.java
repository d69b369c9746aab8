package dev.flowlane.worker;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Engine;
import org.jspecify.annotations.Nullable;

/**
 * How a flow end waits for its socket: all that the engines differ in, but for {@link RingSocket}. No wait may keep a
 * loop from looking at the clock and at Stop for long: epoll and rings wait for a tick at most, and a thread that
 * sleeps inside send or recv is interrupted by {@link Prompter} when it has something to do. (SO_RCVTIMEO would do as
 * well, but makes the kernel arm a timer in every call that waits: 0.35 of 14 microseconds per round trip, measured.)
 */
final class Waiting implements AutoCloseable {
    private final Epoll epoll = Epoll.create(1);

    private Engine engine = Engine.BLOCKING;
    private int fd = -1;
    private int awaited;
    private long tickNs;
    private @Nullable SharedWait shared;

    /** From now on nothing waits here: others on this thread have something to do meanwhile. */
    void share(SharedWait wait) {
        shared = wait;
    }

    /** Prepares a socket for an engine; {@link #detach} before it is closed. */
    void attach(int socket, Engine how, long longestWaitNs) {
        fd = socket;
        engine = how;
        tickNs = longestWaitNs;
        if (shared != null) {
            shared.attach(fd, engine == Engine.IO_URING);
            return;
        }
        // An io_uring does not wait for a socket that does not.
        Sockets.setBlocking(fd, engine == Engine.BLOCKING || engine == Engine.IO_URING);
        if (engine == Engine.EPOLL) {
            awaited = Epoll.IN;
            epoll.add(fd, awaited, 0);
        }
    }

    void detach() {
        if (shared != null) {
            shared.detach();
        } else if (engine == Engine.EPOLL && fd >= 0) {
            epoll.remove(fd);
        }
        fd = -1;
    }

    /** Flags of every send and receive call. */
    int callFlags() {
        return engine == Engine.BLOCKING || engine == Engine.IO_URING ? 0 : FlowSocket.MSG_DONTWAIT;
    }

    /**
     * To be called when a call said EAGAIN.
     *
     * @param event Epoll.IN or Epoll.OUT
     * @return true when it is worth trying again at once, false when the loop should look at the clock first
     */
    boolean await(int event) {
        if (shared != null) {
            shared.block(event);
            return false;
        }
        return switch (engine) {
            // The kernel waited for us, inside the call: until it was interrupted, or for a tick.
            case BLOCKING, IO_URING -> false;
            case EPOLL -> {
                if (awaited != event) {
                    awaited = event;
                    epoll.modify(fd, event, 0);
                }
                yield epoll.await(tickNs) > 0;
            }
            case BUSY_POLL -> {
                Thread.onSpinWait();
                yield false;
            }
        };
    }

    /** Whether a receive may find something, as far as is known without a call. */
    boolean worthReceiving() {
        return shared == null || shared.takeReadable();
    }

    /** A receive brought all that it was to bring, so that more may lie there. */
    void maybeMore() {
        if (shared != null) {
            shared.maybeMore();
        }
    }

    /** It is this end's turn to send: until then nothing more is to be received. */
    void nothingMore() {
        if (shared != null) {
            shared.nothingMore();
        }
    }

    /** A send found no room at all. */
    void noRoom() {
        if (shared != null) {
            shared.noRoom();
        }
    }

    /** Whether a turn without traffic has to look at the clock; {@link Multiplexer} does it for those that share it. */
    boolean worthLooking() {
        return shared == null || shared.takeLook();
    }

    /** As {@link #await}, for calls that never wait, whatever the engine: then nobody has waited for us. */
    boolean awaitBefore(int event) {
        return switch (engine) {
            case BLOCKING, IO_URING ->
                awaitFor(event == Epoll.IN ? FlowSocket.POLLIN : FlowSocket.POLLOUT, Long.MAX_VALUE);
            case EPOLL, BUSY_POLL -> await(event);
        };
    }

    /**
     * Waits for any of some events, but no longer than told and no longer than a tick. An engine that sleeps does so in
     * ppoll: a time-out to the nanosecond, and no socket to be told of another interest first.
     *
     * @param events of FlowSocket's POLL constants; 0: only lets time pass
     * @param longestNs above 0
     * @return true when it is worth trying, false when the loop should look at the clock first
     */
    boolean awaitFor(int events, long longestNs) {
        if (shared != null) {
            // The POLL and the EPOLL constants are the same.
            shared.block(events);
            return !shared.blocked();
        }
        return switch (engine) {
            case BLOCKING, EPOLL, IO_URING -> FlowSocket.poll(fd, events, Math.min(longestNs, tickNs)) != 0;
            case BUSY_POLL -> {
                Thread.onSpinWait();
                yield true;
            }
        };
    }

    /** As {@link #awaitFor}, for another socket than the flow's: it waits no longer than a tick. */
    boolean awaitOther(int other, int events) {
        return switch (engine) {
            case BLOCKING, EPOLL, IO_URING -> FlowSocket.poll(other, events, tickNs) != 0;
            case BUSY_POLL -> {
                Thread.onSpinWait();
                yield true;
            }
        };
    }

    /** Longest time that a call may wait; 0 for an engine that never sleeps. */
    long longestWaitNs() {
        return switch (engine) {
            case BLOCKING, EPOLL, IO_URING -> tickNs;
            case BUSY_POLL -> 0;
        };
    }

    @Override
    public void close() {
        epoll.close();
    }
}
