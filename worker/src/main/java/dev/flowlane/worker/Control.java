package dev.flowlane.worker;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.Processes;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.MalformedMessageException;
import dev.flowlane.worker.protocol.Messages;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.ToWorker;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The worker's conversation with its daemon, on the control thread. A daemon that does not read makes this thread wait
 * in send, and then intervals are dropped and counted; the flow itself never waits.
 */
final class Control {
    private static final int EVENTS = 64;

    private final int daemonFd;
    private final EventFd wake;
    private final IoThread io;
    private final HistogramEncoder encoder = new HistogramEncoder();
    private final ProcReadings proc = new ProcReadings();
    private final MemorySegment incoming = Arena.global().allocate(Messages.MAX_BYTES);

    /** The connection that this worker began with; it is there as long as the daemon is. */
    private final Seat first;

    /** By descriptor; all of them. */
    private final Map<Integer, Seat> seats = new LinkedHashMap<>();

    /** Of seats that were given up: their histograms are 58 MB with 256 flows, too much to make anew for every run. */
    private final ArrayDeque<RoundTripCodec> spareCodecs = new ArrayDeque<>();

    private boolean owesWarm;

    /** @param wake what {@code io} signals */
    Control(int daemonFd, EventFd wake, IoThread io) {
        this.daemonFd = daemonFd;
        this.wake = wake;
        this.io = io;
        first = new Seat(daemonFd, true, new RoundTripCodec(encoder), proc);
        seats.put(daemonFd, first);
    }

    /**
     * Serves until the daemon closes the connection.
     *
     * @throws MalformedMessageException when the daemon is not one that this worker can understand
     */
    void run() throws MalformedMessageException {
        try (Epoll epoll = Epoll.create(EVENTS)) {
            epoll.add(daemonFd, Epoll.IN, daemonFd);
            epoll.add(wake.fd(), Epoll.IN, wake.fd());
            sayWarm();
            while (true) {
                Flow flow = first.flow();
                int events = epoll.await(flow == null ? Prompter.FOREVER_NS : io.prompt(flow));
                proc.renew();
                for (int i = 0; i < events; i++) {
                    int fd = (int) epoll.token(i);
                    Seat seat = seats.get(fd);
                    if (fd == wake.fd()) {
                        wake.drain();
                        look();
                    } else if (seat != null && !hear(seat, epoll)) {
                        if (seat == first) {
                            return;
                        }
                        leave(seat, epoll);
                    }
                }
            }
        }
    }

    /** One message of the daemon; false at end of file. */
    private boolean hear(Seat seat, Epoll epoll) throws MalformedMessageException {
        UnixSeqpacket.Received received = UnixSeqpacket.receive(seat.fd(), incoming);
        if (received.length() <= 0) {
            return received.length() < 0;
        }
        ToWorker message = Messages.toWorker(
                incoming.asSlice(0, received.length()).asByteBuffer());
        switch (message) {
            case ToWorker.Assign assign -> assign(seat, assign, received.passedFd(), received.secondFd());
            case ToWorker.Seat() -> join(received.passedFd(), epoll);
            case ToWorker.Start() -> nudge(seat.start());
            case ToWorker.Stop(String reason) -> nudge(seat.stop(reason));
        }
        return true;
    }

    private void join(int fd, Epoll epoll) {
        if (fd >= 0) {
            RoundTripCodec spare = spareCodecs.poll();
            seats.put(fd, new Seat(fd, false, spare == null ? new RoundTripCodec(encoder) : spare, proc));
            epoll.add(fd, Epoll.IN, fd);
        }
    }

    /** The daemon has closed a connection; a flow end that is still there has nobody to report to. */
    private void leave(Seat seat, Epoll epoll) {
        epoll.remove(seat.fd());
        seat.closed();
        if (seat.flow() == null) {
            giveUp(seat);
        } else {
            nudge(seat.stop("the daemon has closed its connection"));
        }
    }

    private void giveUp(Seat seat) {
        seats.remove(seat.fd());
        Sockets.close(seat.fd());
        spareCodecs.push(seat.codec());
    }

    private void assign(Seat seat, ToWorker.Assign assign, int fd, int datagramFd) {
        Flow next = new Flow(assign, fd, datagramFd);
        boolean missing = fd < 0 || (assign.settings().kind().datagrams() && datagramFd < 0);
        boolean shares = assign.settings().flowsPerWorker() > 1;
        if (missing || (shares ? seat.flow() != null : anyFlow())) {
            if (fd >= 0) {
                Sockets.close(fd);
            }
            if (datagramFd >= 0) {
                Sockets.close(datagramFd);
            }
            String why = missing ? "no socket came with the assignment" : "this worker has a flow already";
            seat.say(new FromWorker.Ended(EndReport.withoutTraffic(
                    assign.flowId(), assign.role(), Outcome.ERROR, why, next.intervalsExpected())));
            return;
        }
        seat.take(next);
        io.take(next);
    }

    private boolean anyFlow() {
        return seats.values().stream().anyMatch(seat -> seat.flow() != null);
    }

    /** Without a flow what was said is late: the end has crossed it on the way. */
    private void nudge(boolean hasFlow) {
        if (hasFlow) {
            io.nudge();
        }
    }

    /** The I/O thread has something. */
    private void look() {
        for (Seat seat : List.copyOf(seats.values())) {
            if (!seat.look()) {
                continue;
            }
            owesWarm = true;
            boolean over = !anyFlow();
            if (over) {
                io.unpin();
                io.reported();
            }
            seat.sayEnded();
            if (seat.isClosed()) {
                giveUp(seat);
            }
            if (over && owesWarm) {
                owesWarm = false;
                sayWarm();
            }
        }
    }

    private void sayWarm() {
        first.say(new FromWorker.Warm(Processes.processId(), io.threadId()));
    }
}
