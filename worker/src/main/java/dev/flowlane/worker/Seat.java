package dev.flowlane.worker;

import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Messages;
import org.jspecify.annotations.Nullable;

/** One connection to the daemon and the flow end that is talked of there; on the control thread. */
final class Seat {
    private final int fd;
    private final RoundTripCodec codec;
    private final ProcReadings proc;
    private @Nullable Flow flow;
    private @Nullable Reporter reporter;
    private @Nullable EndReport ended;
    private final boolean isFirst;
    private boolean deaf;
    private boolean closed;

    /**
     * Without a flow.
     *
     * @param isFirst whether its end is the end of the worker
     * @param codec of this thread, for this seat alone as long as it is there
     * @param proc of this thread
     */
    Seat(int fd, boolean isFirst, RoundTripCodec codec, ProcReadings proc) {
        this.fd = fd;
        this.proc = proc;
        this.codec = codec;
        this.isFirst = isFirst;
    }

    int fd() {
        return fd;
    }

    /** For another seat when this one is given up. */
    RoundTripCodec codec() {
        return codec;
    }

    @Nullable Flow flow() {
        return flow;
    }

    void take(Flow next) {
        flow = next;
        reporter = null;
    }

    /** False when there is no flow, which may have ended meanwhile. */
    boolean start() {
        if (flow == null) {
            return false;
        }
        if (reporter != null) {
            reporter.started();
        }
        flow.start();
        return true;
    }

    /** Likewise. */
    boolean stop(String reason) {
        if (flow == null) {
            return false;
        }
        flow.stop(reason);
        return true;
    }

    /** Whether the daemon has closed it. */
    boolean isClosed() {
        return closed;
    }

    /** The daemon does not listen here any more; what there is to say is lost. */
    void closed() {
        deaf = true;
        closed = true;
    }

    /** The I/O thread may have something: the lane, intervals, the end, in this order; true when the flow is over. */
    boolean look() {
        Flow current = flow;
        if (current == null) {
            return false;
        }
        // Read first: whatever was handed over before the end was said is then seen below.
        Flow.End end = current.end();
        FromWorker.Ready ready = current.ready();
        Reporter known = reporter;
        if (ready != null && known == null) {
            known = new Reporter(current, ready, codec, proc);
            reporter = known;
            say(ready);
        }
        Meter meter = current.meter();
        if (known != null && meter != null) {
            IntervalRing ring = meter.ring();
            for (IntervalSlot slot = ring.peek(); slot != null; slot = ring.peek()) {
                FromWorker.Interval interval = new FromWorker.Interval(known.interval(slot));
                ring.release();
                say(interval);
            }
        }
        if (end == null) {
            return false;
        }
        EndReport report = known != null && meter != null
                ? known.end(end, meter)
                : EndReport.withoutTraffic(
                        current.id(), current.role(), end.outcome(), end.message(), current.intervalsExpected());
        flow = null;
        reporter = null;
        current.reported();
        ended = report;
        return true;
    }

    /** Says what {@link #look} found to be over. */
    void sayEnded() {
        EndReport report = ended;
        if (report != null) {
            ended = null;
            say(new FromWorker.Ended(report));
        }
    }

    /** @throws PosixException when the daemon is gone, if this is the connection that tells */
    void say(FromWorker message) {
        if (deaf) {
            return;
        }
        try {
            UnixSeqpacket.send(fd, Messages.encode(message), -1);
        } catch (PosixException e) {
            if (isFirst) {
                throw e;
            }
            // Only this connection is closed; its end of file comes next.
            deaf = true;
        }
    }
}
