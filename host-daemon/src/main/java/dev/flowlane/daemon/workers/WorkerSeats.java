package dev.flowlane.daemon.workers;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Further connections to worker processes, one for each flow end beyond the first. Belongs to the thread that hears
 * workers.
 */
final class WorkerSeats {
    /** One of them, by the id that it goes by among workers. */
    record Seat(int seatId, WorkerProcess process, int fd) {}

    private final Epoll epoll;
    private final Map<Integer, Seat> byId = new HashMap<>();
    private final Map<Integer, Seat> byFd = new HashMap<>();

    WorkerSeats(Epoll epoll) {
        this.epoll = epoll;
    }

    /** Makes one; returns the worker's end of the connection, for the worker. */
    int open(int seatId, WorkerProcess process) {
        SocketPair pair = UnixSeqpacket.pair();
        // The worker waits at its end, here nobody does.
        Sockets.setBlocking(pair.first(), false);
        Seat seat = new Seat(seatId, process, pair.first());
        byId.put(seatId, seat);
        byFd.put(seat.fd(), seat);
        epoll.add(seat.fd(), Epoll.IN, seat.fd());
        return pair.second();
    }

    @Nullable Seat byId(int seatId) {
        return byId.get(seatId);
    }

    @Nullable Seat byFd(int fd) {
        return byFd.get(fd);
    }

    List<Seat> of(WorkerProcess process) {
        return byId.values().stream().filter(seat -> seat.process() == process).toList();
    }

    /** Nothing more will be heard there. */
    void hush(Seat seat) {
        if (byFd.remove(seat.fd()) != null) {
            epoll.remove(seat.fd());
        }
    }

    void close(Seat seat) {
        hush(seat);
        if (byId.remove(seat.seatId()) != null) {
            Sockets.close(seat.fd());
        }
    }
}
