package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.KindFigures;
import org.jspecify.annotations.Nullable;

/**
 * One end of one kind of traffic, as a duty cycle: {@link #turn} does a bounded piece of work and looks at the clock
 * once. A loop is made once and used for many flows, so that its compiled code stays good.
 *
 * <p>Hot: nothing in here allocates while traffic runs.
 */
abstract sealed class FlowLoop permits SourceLoop, DestinationLoop, BidirectionalLoop {
    /** How a turn ended. */
    enum Turn {
        GO_ON,
        /** Source: nothing more is to be sent. Destination: end of file. */
        FINISHED,
        PEER_GONE,
        TIMED_OUT,
        FAILED
    }

    final FlowConnection connection;
    final Meter meter;
    final Counters counters;
    final PayloadCheck check = new PayloadCheck();

    Flow flow;
    int requestBytes;
    int responseBytes;
    int readBytes;
    int writeBytes;
    long durationNs;
    long warmupNs;
    long drainTimeoutNs;

    /** When something other than traffic has to be done next. Written seldom; {@link Prompter} reads it too. */
    volatile long attendAtNs;

    /** Whether Stop was seen. */
    volatile boolean stopping;

    private int errno;
    private String failedCall = "";

    FlowLoop(FlowConnection connection, Meter meter) {
        this.connection = connection;
        this.meter = meter;
        this.counters = meter.counters();
        this.flow = Flow.NONE;
    }

    /** Takes a flow's settings over; connection and meter are attached to its socket already. */
    void attach(Flow next) {
        flow = next;
        var settings = next.settings();
        requestBytes = settings.requestBytes();
        responseBytes = settings.responseBytes();
        readBytes = settings.readBytes();
        writeBytes = settings.writeBytes();
        durationNs = settings.durationNs();
        warmupNs = settings.warmupNs();
        drainTimeoutNs = settings.drainTimeoutNs();
        stopping = false;
        errno = 0;
        failedCall = "";
    }

    /**
     * What the two ends have to agree on before READY; may wait for the peer, but no longer than it may settle.
     *
     * @return null when all is well, otherwise how the flow end has ended
     */
    Flow.@Nullable End prepare() {
        return null;
    }

    /** Gives back what {@link #prepare} and the traffic took; may be called again. */
    void release() {}

    /** Gives back what is kept from flow to flow. */
    void close() {}

    /** Where the first traffic shows. */
    int trafficFd() {
        return flow.fd();
    }

    /** Destination: whether the measured window ever began. */
    boolean windowSeen() {
        return check.markFound();
    }

    /** START was given (source), or there is something to read (destination). */
    abstract void begin(long nowNs);

    abstract Turn turn();

    /** A phase of the flow is over: what is still under way ends, and is counted as far as it came. */
    void endPhase() {
        connection.endPhase();
    }

    /** Tells the peer that nothing more is to come; 0, or a negative errno. */
    long sayFinished() {
        return FlowSocket.shutdownWrite(flow.fd());
    }

    /**
     * When the loop has FINISHED, before its books are closed: what both ends have to tell each other.
     *
     * @return null when there was nothing, or all went well; otherwise how the flow end has ended
     */
    Flow.@Nullable End agree() {
        return null;
    }

    /** Offset of the first wrong byte of all, or -1. */
    long firstErrorOffset() {
        return check.firstErrorOffset();
    }

    /** When the measured window ended, once the loop has ended. */
    abstract long windowEndNs();

    /** What only some loops have to say, once the loop has ended. */
    KindFigures ofKind() {
        return KindFigures.NONE;
    }

    /** Whether the loop has to look up from its traffic. */
    final boolean due(long nowNs) {
        return nowNs - attendAtNs >= 0 || (flow.stopRequested() && !stopping);
    }

    /** A call said neither bytes nor NOT_NOW. */
    final Turn failed(String call, long result) {
        errno = (int) -result;
        failedCall = call;
        return switch (errno) {
            case Errno.ECONNRESET, Errno.EPIPE, Errno.ETIMEDOUT, Errno.ECONNABORTED, Errno.ENOTCONN -> Turn.PEER_GONE;
            default -> Turn.FAILED;
        };
    }

    /** What went wrong in a call, for a person; empty when nothing did. */
    final String failure() {
        return errno == 0 ? "" : failedCall + ": " + Errno.name(errno) + connection.explain(errno);
    }

    final boolean stopped() {
        return stopping;
    }

    final PayloadCheck check() {
        return check;
    }

    static long earlier(long aNs, long bNs) {
        return aNs - bNs < 0 ? aNs : bNs;
    }

    static long later(long aNs, long bNs) {
        return aNs - bNs < 0 ? bNs : aNs;
    }
}
