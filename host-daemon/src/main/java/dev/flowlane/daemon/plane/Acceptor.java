package dev.flowlane.daemon.plane;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** The standing listeners. Belongs to the plane's thread. */
final class Acceptor {
    /** Tokens from here on are no listener's. */
    static final long FIRST_OTHER_TOKEN = 1024;

    /** Descriptors are short: the listeners rest this long. */
    private static final long PAUSE_NS = Duration.ofMillis(200).toNanos();

    private static final int ACCEPTS_PER_TURN = 128;

    private final Epoll epoll;
    private final List<Integer> listeners = new ArrayList<>();
    private boolean paused;
    private long againNs;

    Acceptor(Epoll epoll) {
        this.epoll = epoll;
    }

    void listenOn(int fd) {
        listeners.add(fd);
        epoll.add(fd, Epoll.IN, listeners.size());
    }

    /** Time until there is something to do without an event; -1: never. */
    long waitNs(long nowNs) {
        return paused ? Math.max(0, againNs - nowNs) : -1;
    }

    /**
     * Takes in what waits at a listener.
     *
     * @return false when the kernel had no descriptor left to give: the listeners rest a while, or they would be
     *     reported as ready for ever
     */
    boolean accept(long token, long nowNs, IntConsumer accepted) {
        int listenFd = listeners.get((int) token - 1);
        for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
            int fd;
            try {
                fd = Sockets.accept(listenFd);
            } catch (PosixException e) {
                paused = true;
                againNs = nowNs + PAUSE_NS;
                watch(0);
                return false;
            }
            if (fd == Sockets.WOULD_BLOCK) {
                return true;
            }
            accepted.accept(fd);
        }
        return true;
    }

    void resume(long nowNs) {
        if (paused && againNs - nowNs <= 0) {
            paused = false;
            watch(Epoll.IN);
        }
    }

    void close() {
        listeners.forEach(Sockets::close);
        listeners.clear();
    }

    private void watch(int events) {
        for (int i = 0; i < listeners.size(); i++) {
            epoll.modify(listeners.get(i), events, i + 1L);
        }
    }
}
