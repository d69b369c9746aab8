package dev.flowlane.worker;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.Sockets;

/**
 * What one of several flow ends on one thread waits for. Its loop never waits itself: it says what it lacks and comes
 * back, and {@link Multiplexer} waits for all of them at once.
 */
final class SharedWait {
    private final Epoll epoll;
    private final long token;
    private int fd = -1;
    private int registered;
    private int blockedOn;
    private boolean readable;

    /** @param token by which the events of this one come back */
    SharedWait(Epoll epoll, long token) {
        this.epoll = epoll;
        this.token = token;
    }

    /** Watches a socket; {@link #detach} before it is closed. */
    void attach(int socket) {
        fd = socket;
        Sockets.setBlocking(fd, false);
        registered = Epoll.IN;
        blockedOn = Epoll.IN;
        readable = false;
        epoll.add(fd, registered, token);
    }

    void detach() {
        if (fd >= 0) {
            epoll.remove(fd);
            fd = -1;
        }
    }

    /** Nothing goes on until one of these happens (Epoll.IN, Epoll.OUT, or both). */
    void block(int events) {
        blockedOn = events;
        if (registered != events) {
            registered = events;
            epoll.modify(fd, events, token);
        }
    }

    boolean blocked() {
        return blockedOn != 0;
    }

    /** The loop may try again, whatever has happened. */
    void unblock() {
        blockedOn = 0;
    }

    /** What epoll says of the socket; an error shows in the next call of either kind. */
    void happened(int events) {
        readable |= (events & ~Epoll.OUT) != 0;
        blockedOn = 0;
    }

    /**
     * Whether a receive is worth a call. Once for each time that epoll says so: a second receive would find nothing,
     * more often than not.
     */
    boolean takeReadable() {
        boolean was = readable;
        readable = false;
        return was;
    }
}
