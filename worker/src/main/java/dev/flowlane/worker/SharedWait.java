package dev.flowlane.worker;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.Sockets;

/**
 * What one of several flow ends on one thread waits for. Its loop never waits itself: it says what it lacks and comes
 * back, and {@link Multiplexer} waits for all of them at once.
 *
 * <p>Epoll tells of changes only: told of what is, it would look at every socket of the last wait once more in the next
 * one, which is as much as 4 % of a transaction. So what it has said is remembered here until a call has used it up.
 */
final class SharedWait {
    private static final int EVENTS = Epoll.IN | Epoll.OUT | Epoll.RDHUP | Epoll.EDGE_TRIGGERED;

    /** After these every receive says something, and no event need follow. */
    private static final int ENDS = Epoll.RDHUP | Epoll.HUP;

    private final Epoll epoll;
    private final long token;
    private int fd = -1;
    private boolean watched;
    private boolean ringed;
    private int blockedOn;
    private boolean readable;
    private boolean writable;
    private boolean ending;
    private boolean lookDue;

    /** @param token by which the events of this one come back */
    SharedWait(Epoll epoll, long token) {
        this.epoll = epoll;
        this.token = token;
    }

    /**
     * Watches a socket; {@link #detach} before it is closed.
     *
     * @param inRing whether its traffic goes through a ring, which then says what happens
     */
    void attach(int socket, boolean inRing) {
        fd = socket;
        ringed = inRing;
        // An io_uring does not wait for a socket that does not.
        Sockets.setBlocking(fd, inRing);
        blockedOn = Epoll.IN;
        readable = false;
        writable = true;
        ending = false;
        lookDue = false;
        watch();
    }

    void detach() {
        if (fd >= 0) {
            unwatch();
            fd = -1;
        }
    }

    private void watch() {
        if (!watched) {
            epoll.add(fd, EVENTS, token);
            watched = true;
        }
    }

    private void unwatch() {
        if (watched) {
            epoll.remove(fd);
            watched = false;
        }
    }

    /** The traffic begins. */
    void begin() {
        if (ringed) {
            unwatch();
            // So that the first receive is asked of the ring.
            readable = true;
        }
        unblock();
    }

    /** The traffic is over; the socket is not. */
    void over() {
        watch();
        block(Epoll.IN);
    }

    /**
     * Nothing goes on until one of these happens (Epoll.IN, Epoll.OUT, or both), or {@link #unblock}. What was told and
     * not used up is not waited for: it would not be told again.
     */
    void block(int events) {
        boolean there = (readable && (events & Epoll.IN) != 0) || (writable && (events & Epoll.OUT) != 0);
        blockedOn = there ? 0 : events;
    }

    boolean blocked() {
        return blockedOn != 0;
    }

    /** The loop may try again, whatever has happened, and has to look at the clock. */
    void unblock() {
        blockedOn = 0;
        lookDue = true;
    }

    /** What epoll says of the socket; an error shows in the next call of either kind. */
    void happened(int events) {
        ending |= (events & ENDS) != 0;
        readable |= ending || (events & (Epoll.IN | Epoll.ERR)) != 0;
        writable |= (events & (Epoll.OUT | Epoll.ERR)) != 0;
        if (readable || (events & blockedOn) != 0) {
            blockedOn = 0;
        }
    }

    /**
     * Whether a receive is worth a call. Once for each time that epoll says so: a second receive would find nothing,
     * more often than not. If it may find something after all, {@link #maybeMore} has to be said.
     */
    boolean takeReadable() {
        boolean was = readable;
        readable = ending;
        return was;
    }

    /** A receive brought all that it was to bring, so that more may lie there. */
    void maybeMore() {
        readable = true;
    }

    /** Nothing more can lie there, but for the end of the stream: it is this end's turn to send. */
    void nothingMore() {
        readable = ending;
    }

    /** A send found no room at all: only then the kernel tells when there is some. */
    void noRoom() {
        writable = false;
    }

    /** Whether a turn without traffic has to look at the clock: when {@link Multiplexer} has found something due. */
    boolean takeLook() {
        boolean was = lookDue;
        lookDue = false;
        return was;
    }
}
