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
import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The worker's conversation with its daemon, on the control thread. A daemon that does not read makes this thread wait
 * in send, and then intervals are dropped and counted; the flow itself never waits.
 */
final class Control {
    private final int daemonFd;
    private final EventFd wake;
    private final IoThread io;
    private final RoundTripCodec codec = new RoundTripCodec();
    private final MemorySegment incoming = Arena.global().allocate(Messages.MAX_BYTES);

    private @Nullable Flow flow;
    private @Nullable Reporter reporter;

    /** @param wake what {@code io} signals */
    Control(int daemonFd, EventFd wake, IoThread io) {
        this.daemonFd = daemonFd;
        this.wake = wake;
        this.io = io;
    }

    /**
     * Serves until the daemon closes the connection.
     *
     * @throws MalformedMessageException when the daemon is not one that this worker can understand
     */
    void run() throws MalformedMessageException {
        try (Epoll epoll = Epoll.create(2)) {
            epoll.add(daemonFd, Epoll.IN, daemonFd);
            epoll.add(wake.fd(), Epoll.IN, wake.fd());
            sayWarm();
            while (true) {
                int events = epoll.await(flow == null ? Prompter.FOREVER_NS : io.prompt(flow));
                for (int i = 0; i < events; i++) {
                    if (epoll.token(i) == wake.fd()) {
                        wake.drain();
                        look();
                    } else if (!hear()) {
                        return;
                    }
                }
            }
        }
    }

    /** One message of the daemon; false at end of file. */
    private boolean hear() throws MalformedMessageException {
        UnixSeqpacket.Received received = UnixSeqpacket.receive(daemonFd, incoming);
        if (received.length() <= 0) {
            return received.length() < 0;
        }
        ToWorker message = Messages.toWorker(
                incoming.asSlice(0, received.length()).asByteBuffer());
        switch (message) {
            case ToWorker.Assign assign -> assign(assign, received.passedFd(), received.secondFd());
            case ToWorker.Start() -> start();
            case ToWorker.Stop(String reason) -> stop(reason);
        }
        return true;
    }

    private void assign(ToWorker.Assign assign, int fd, int datagramFd) {
        Flow next = new Flow(assign, fd, datagramFd);
        boolean missing = fd < 0 || (assign.settings().kind().datagrams() && datagramFd < 0);
        if (missing || flow != null) {
            if (fd >= 0) {
                Sockets.close(fd);
            }
            if (datagramFd >= 0) {
                Sockets.close(datagramFd);
            }
            String why = missing ? "no socket came with the assignment" : "this worker has a flow already";
            say(new FromWorker.Ended(EndReport.withoutTraffic(
                    assign.flowId(), assign.role(), Outcome.ERROR, why, next.intervalsExpected())));
            return;
        }
        flow = next;
        reporter = null;
        io.take(next);
    }

    private void start() {
        if (flow != null) {
            if (reporter != null) {
                reporter.started();
            }
            flow.start();
            io.nudge();
        }
    }

    /** Without a flow it is late: the end has crossed it on the way. */
    private void stop(String reason) {
        if (flow != null) {
            flow.stop(reason);
            io.nudge();
        }
    }

    /** The I/O thread has something: the lane, intervals, the end, in this order. */
    private void look() {
        if (flow == null) {
            return;
        }
        // Read first: whatever was handed over before the end was said is then seen below.
        Flow.End end = flow.end();
        FromWorker.Ready ready = flow.ready();
        if (ready != null && reporter == null) {
            reporter = new Reporter(flow, ready, codec);
            say(ready);
        }
        if (reporter != null) {
            IntervalRing ring = io.meter().ring();
            for (IntervalSlot slot = ring.peek(); slot != null; slot = ring.peek()) {
                FromWorker.Interval interval = new FromWorker.Interval(reporter.interval(slot));
                ring.release();
                say(interval);
            }
        }
        if (end != null) {
            EndReport report = reporter != null
                    ? reporter.end(end, io.meter())
                    : EndReport.withoutTraffic(
                            flow.id(), flow.role(), end.outcome(), end.message(), flow.intervalsExpected());
            flow = null;
            reporter = null;
            io.unpin();
            io.reported();
            say(new FromWorker.Ended(report));
            sayWarm();
        }
    }

    private void sayWarm() {
        say(new FromWorker.Warm(Processes.processId(), io.threadId()));
    }

    private void say(FromWorker message) {
        UnixSeqpacket.send(daemonFd, Messages.encode(message), -1);
    }
}
