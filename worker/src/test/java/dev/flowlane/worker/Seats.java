package dev.flowlane.worker;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.MalformedMessageException;
import dev.flowlane.worker.protocol.Messages;
import dev.flowlane.worker.protocol.ToWorker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * A worker's connections for several flow ends, the daemon's ends of them.
 *
 * @param all the worker's own at first
 */
record Seats(List<DaemonEnd> all) implements AutoCloseable {
    /** @param worker a warm worker's own connection, which stays the caller's */
    static Seats of(DaemonEnd worker, int flows) {
        List<DaemonEnd> seats = new ArrayList<>(List.of(worker));
        while (seats.size() < flows) {
            SocketPair pair = UnixSeqpacket.pair();
            UnixSeqpacket.send(worker.fd(), Messages.encode(new ToWorker.Seat()), pair.second());
            Sockets.close(pair.second());
            seats.add(new DaemonEnd(pair.first()));
        }
        return new Seats(List.copyOf(seats));
    }

    DaemonEnd get(int flow) {
        return all.get(flow);
    }

    /** What every flow end says when it is ready. */
    List<FromWorker.Ready> ready() throws TimeoutException, MalformedMessageException {
        List<FromWorker.Ready> ready = new ArrayList<>();
        for (DaemonEnd seat : all) {
            ready.add(seat.receive(FromWorker.Ready.class));
        }
        return ready;
    }

    void send(ToWorker message) {
        all.forEach(seat -> seat.send(message));
    }

    /** Reads until every flow end has ended and the worker is warm again. */
    List<DaemonEnd.Flown> flown() throws TimeoutException, MalformedMessageException {
        List<DaemonEnd.Flown> flown = new ArrayList<>();
        for (DaemonEnd seat : all) {
            flown.add(seat.ended());
        }
        all.getFirst().receive(FromWorker.Warm.class);
        return flown;
    }

    /** Closes all but the worker's own. */
    @Override
    public void close() {
        all.subList(1, all.size()).forEach(DaemonEnd::close);
    }
}
