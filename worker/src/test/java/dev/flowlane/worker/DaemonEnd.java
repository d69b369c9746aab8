package dev.flowlane.worker;

import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.MalformedMessageException;
import dev.flowlane.worker.protocol.Messages;
import dev.flowlane.worker.protocol.ToWorker;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** The daemon's end of a worker's connection. */
final class DaemonEnd {
    /** Everything a worker says about one flow end after READY. */
    record Flown(List<IntervalReport> intervals, EndReport end) {}

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final MemorySegment incoming = Arena.ofAuto().allocate(Messages.MAX_BYTES);
    private final int fd;

    DaemonEnd(int fd) {
        this.fd = fd;
    }

    int fd() {
        return fd;
    }

    /** Passes a socket on; the caller's copy is closed. */
    void assign(ToWorker.Assign assign, int socket) {
        UnixSeqpacket.send(fd, Messages.encode(assign), socket);
        if (socket >= 0) {
            Sockets.close(socket);
        }
    }

    /** Passes the sockets of a flow over UDP on; the caller's copies are closed. */
    void assign(ToWorker.Assign assign, int socket, int datagrams) {
        UnixSeqpacket.send(fd, Messages.encode(assign), socket, datagrams);
        Sockets.close(socket);
        Sockets.close(datagrams);
    }

    void send(ToWorker message) {
        UnixSeqpacket.send(fd, Messages.encode(message), -1);
    }

    FromWorker receive() throws TimeoutException, MalformedMessageException {
        awaitReadable(fd, PATIENCE);
        int length = UnixSeqpacket.receive(fd, incoming).length();
        if (length <= 0) {
            throw new IllegalStateException("worker closed its connection");
        }
        return Messages.fromWorker(incoming.asSlice(0, length).asByteBuffer());
    }

    <T extends FromWorker> T receive(Class<T> type) throws TimeoutException, MalformedMessageException {
        FromWorker message = receive();
        if (!type.isInstance(message)) {
            throw new IllegalStateException("expected " + type.getSimpleName() + ", got " + message);
        }
        return type.cast(message);
    }

    /** Reads until the flow end has ended and the worker is warm again. */
    Flown flown() throws TimeoutException, MalformedMessageException {
        Flown flown = ended();
        receive(FromWorker.Warm.class);
        return flown;
    }

    /** Reads until the flow end has ended. */
    Flown ended() throws TimeoutException, MalformedMessageException {
        List<IntervalReport> intervals = new ArrayList<>();
        while (true) {
            switch (receive()) {
                case FromWorker.Interval(IntervalReport report) -> intervals.add(report);
                case FromWorker.Ended(EndReport report) -> {
                    return new Flown(List.copyOf(intervals), report);
                }
                case FromWorker.Ready ready -> throw new IllegalStateException("unexpected " + ready);
                case FromWorker.Warm warm -> throw new IllegalStateException("unexpected " + warm);
            }
        }
    }

    static void awaitReadable(int fd, Duration timeout) throws TimeoutException {
        if (FlowSocket.poll(fd, FlowSocket.POLLIN, timeout.toNanos()) == 0) {
            throw new TimeoutException("nothing from the worker within " + timeout);
        }
    }

    void close() {
        Sockets.close(fd);
    }
}
