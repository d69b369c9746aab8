package dev.flowlane.worker;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.PosixException;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.TrafficKind;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes a flow end from its settled socket to its end, on the calling thread: settle, READY, wait for START, run the
 * loop, drain. Everything it needs is made once and used for flow after flow.
 */
final class FlowRunner implements AutoCloseable {
    /** Longest time in which a waiting flow end does not look at Stop and its intervals. */
    private static final long LONGEST_TICK_NS = 10_000_000;

    private static final long SHORTEST_TICK_NS = 1_000_000;
    private static final long IDLE_SLICE_NS = 20_000_000;
    private static final int TURNS = 1 << 16;

    private final EventFd wake;
    private final Meter meter;
    private final FlowConnection connection;
    private final StreamSource streamSource;
    private final PacedSource pacedSource;
    private final StreamDestination streamDestination;
    private final RequestSource requestSource;
    private final RequestDestination requestDestination;
    private final PipelinedSource pipelinedSource;
    private final PipelinedDestination pipelinedDestination;
    private final BidirectionalLoop bidirectional;
    private final ConnectSource connectSource;
    private final ConnectDestination connectDestination;
    private @Nullable DatagramLoops datagramLoops;

    private @Nullable FlowLoop attached;

    /** The loop that may be sleeping inside a blocking call. */
    private volatile @Nullable FlowLoop sleeper;

    /** @param wake signalled whenever the control thread has something to look at */
    FlowRunner(EventFd wake) {
        this(wake, IntervalRing.SLOTS);
    }

    /** @param slots intervals that the control thread may lie behind */
    FlowRunner(EventFd wake, int slots) {
        this(wake, slots, new Buffers());
    }

    /**
     * A runner without a flow.
     *
     * @param slots intervals that the control thread may lie behind
     * @param buffers its own, though their memory may be that of others on this thread
     */
    FlowRunner(EventFd wake, int slots, Buffers buffers) {
        this.wake = wake;
        meter = new Meter(wake, slots);
        connection = new FlowConnection(meter.counters(), meter.receiveDelays(), buffers);
        streamSource = new StreamSource(connection, meter);
        streamDestination = new StreamDestination(connection, meter);
        pacedSource = new PacedSource(connection, meter);
        pipelinedSource = new PipelinedSource(connection, meter);
        pipelinedDestination = new PipelinedDestination(connection, meter);
        bidirectional = new BidirectionalLoop(connection, meter);
        connectSource = new ConnectSource(connection, meter);
        connectDestination = new ConnectDestination(connection, meter);
        requestSource = new RequestSource(connection, meter);
        requestDestination = new RequestDestination(connection, meter);
    }

    Meter meter() {
        return meter;
    }

    @Override
    public void close() {
        connection.close();
        connectSource.close();
        connectDestination.close();
        if (datagramLoops != null) {
            datagramLoops.close();
        }
    }

    /**
     * Prepares everything for a flow end; {@link #detach} must follow.
     *
     * @return the loop that is to carry it
     */
    FlowLoop attach(Flow flow) {
        return attach(flow, tickNs(flow.settings()));
    }

    /**
     * As {@link #attach(Flow)}.
     *
     * @param tickNs longest time that the loop may wait without looking at the clock
     * @throws PosixException when the kernel lacks what the flow needs; nothing is attached then
     */
    FlowLoop attach(Flow flow, long tickNs) {
        try {
            return attachAll(flow, tickNs);
        } catch (RuntimeException e) {
            // The connection may be attached when what only some loops need is not to be had: a ring of their own.
            detach();
            throw e;
        }
    }

    private FlowLoop attachAll(Flow flow, long tickNs) {
        FlowSettings settings = flow.settings();
        FlowLoop loop;
        if (settings.kind().datagrams()) {
            loop = datagramLoops().attach(flow, tickNs);
        } else {
            connection.attach(flow.fd(), flow.role(), settings, tickNs);
            loop = loop(flow.traffic(), LoopKind.of(settings));
        }
        meter.attach(flow.trafficFd(), settings);
        loop.attach(flow);
        attached = loop;
        return loop;
    }

    void detach() {
        sleeper = null;
        if (attached != null) {
            attached.release();
            attached = null;
        }
        connection.detach();
        if (datagramLoops != null) {
            datagramLoops.detach();
        }
    }

    private DatagramLoops datagramLoops() {
        if (datagramLoops == null) {
            datagramLoops = new DatagramLoops(connection, meter);
        }
        return datagramLoops;
    }

    /** From now on its flow ends wait together with others on this thread. */
    void share(SharedWait wait, GroupSocket socket, RoundTripBatch batch) {
        connection.share(wait, socket);
        meter.share(batch);
    }

    /** Room for a byte or more between two uses of the socket by the loop. */
    MemorySegment scratch() {
        return connection.received();
    }

    /** How often a flow end looks up from its traffic, at least. */
    static long tickNs(FlowSettings settings) {
        return Math.clamp(settings.intervalNs() / 4, SHORTEST_TICK_NS, LONGEST_TICK_NS);
    }

    /** As {@link FlowConnection#hugePageBytes}. */
    long hugePageBytes() {
        return connection.hugePageBytes();
    }

    /** For {@link Prompter}. */
    @Nullable FlowLoop sleeper() {
        return sleeper;
    }

    /** Takes turns until the loop ends, at most so many. Compiled as one piece in the warm-up, for all loops. */
    static FlowLoop.Turn turns(FlowLoop loop, int most) {
        for (int i = 0; i < most; i++) {
            FlowLoop.Turn turn = loop.turn();
            if (turn != FlowLoop.Turn.GO_ON) {
                return turn;
            }
        }
        return FlowLoop.Turn.GO_ON;
    }

    /** Drives a flow end whose thread is pinned and whose socket's options are set; does not close the socket. */
    Flow.End drive(Flow flow) {
        FlowLoop loop = attach(flow);
        try {
            Flow.End failure = flow.datagramFd() >= 0
                    ? DatagramSettling.settle(flow, connection.received())
                    : Settling.settle(flow, connection.received());
            if (failure != null) {
                return failure;
            }
            failure = loop.prepare();
            if (failure != null) {
                return failure;
            }
            flow.ready(lane(flow.trafficFd()));
            wake.signal();
            boolean toBegin =
                    switch (flow.traffic()) {
                        case SOURCE -> awaitStart(flow);
                        case DESTINATION -> awaitTraffic(flow, loop.trafficFd());
                    };
            if (!toBegin) {
                return new Flow.End(Outcome.NEVER_STARTED, flow.stopReason(), null);
            }
            return carry(flow, loop);
        } finally {
            detach();
        }
    }

    /** Where the calling thread is and where its flow is received. */
    static FromWorker.Ready lane(int fd) {
        return new FromWorker.Ready(
                Affinity.currentCpu(),
                Math.max(-1, FlowSocket.incomingCpu(fd)),
                Affinity.get(0).toString(),
                Affinity.threadId());
    }

    private FlowLoop loop(Role role, LoopKind kind) {
        return switch (role) {
            case SOURCE ->
                switch (kind) {
                    case STREAM -> streamSource;
                    case PACED_STREAM -> pacedSource;
                    case REQUEST -> requestSource;
                    case PIPELINED -> pipelinedSource;
                    case BIDIRECTIONAL -> bidirectional;
                    case CONNECT -> connectSource;
                    case DATAGRAM_STREAM, DATAGRAM_REQUEST -> throw new IllegalStateException(kind + " has loops");
                };
            case DESTINATION ->
                switch (kind) {
                    case STREAM, PACED_STREAM -> streamDestination;
                    case REQUEST -> requestDestination;
                    case PIPELINED -> pipelinedDestination;
                    case BIDIRECTIONAL -> bidirectional;
                    case CONNECT -> connectDestination;
                    case DATAGRAM_STREAM, DATAGRAM_REQUEST -> throw new IllegalStateException(kind + " has loops");
                };
        };
    }

    /** False when it was stopped first. The control thread unparks this one on Start and Stop. */
    private static boolean awaitStart(Flow flow) {
        while (!flow.startRequested()) {
            if (flow.stopRequested()) {
                // START may have come with it, and first.
                return flow.startRequested();
            }
            LockSupport.parkNanos(flow, IDLE_SLICE_NS);
        }
        return true;
    }

    /** The source may be started first: traffic is as good as START. From START on the loop keeps the time. */
    private static boolean awaitTraffic(Flow flow, int fd) {
        while (!flow.startRequested()) {
            if (flow.stopRequested()) {
                return flow.startRequested();
            }
            // Of datagrams the connection says something, too, should the peer end before it begins.
            int other = flow.datagramFd() >= 0 ? flow.fd() : -1;
            if (FlowSocket.pollEither(fd, other, IDLE_SLICE_NS) != 0) {
                return true;
            }
        }
        return true;
    }

    private Flow.End carry(Flow flow, FlowLoop loop) {
        loop.begin(System.nanoTime());
        if (flow.settings().engine() == Engine.BLOCKING) {
            sleeper = loop;
            wake.signal();
        }
        FlowLoop.Turn turn;
        do {
            turn = turns(loop, TURNS);
        } while (turn == FlowLoop.Turn.GO_ON);
        sleeper = null;
        Flow.End end = over(flow, loop, turn);
        if (end == null) {
            end = drain(flow, loop);
        }
        meter.readFinalTcpInfo();
        return end;
    }

    /**
     * The loop has ended: closes its books.
     *
     * @return how the flow end has ended; null when a source has yet to drain
     */
    Flow.@Nullable End over(Flow flow, FlowLoop loop, FlowLoop.Turn turn) {
        loop.endPhase();
        connection.endTraffic();
        Flow.End disagreed = turn == FlowLoop.Turn.FINISHED ? loop.agree() : null;
        long windowEndNs = loop.windowEndNs();
        // Only what does nothing but send is over when it has sent its last.
        boolean sender = flow.traffic() == Role.SOURCE && flow.settings().kind() != TrafficKind.BIDIRECTIONAL;
        meter.end(sender ? windowEndNs : System.nanoTime(), windowEndNs);
        flow.ofKind(loop.ofKind());
        return disagreed != null ? disagreed : conclude(flow, loop, turn);
    }

    private static Flow.@Nullable End conclude(Flow flow, FlowLoop loop, FlowLoop.Turn turn) {
        long drainMs = flow.settings().drainTimeoutNs() / 1_000_000;
        return switch (turn) {
            case FINISHED ->
                switch (flow.settings().kind()) {
                    case STREAM, REQUEST_RESPONSE, CONNECT_REQUEST_RESPONSE ->
                        switch (flow.traffic()) {
                            case SOURCE -> null;
                            case DESTINATION -> endOfFile(flow, loop);
                        };
                    case BIDIRECTIONAL -> done(flow, loop);
                    case DATAGRAM_STREAM, DATAGRAM_REQUEST_RESPONSE ->
                        switch (flow.traffic()) {
                            case SOURCE -> done(flow, loop);
                            case DESTINATION -> endOfFile(flow, loop);
                        };
                };
            case PEER_GONE -> {
                String failure = loop.failure();
                yield end(
                        loop,
                        Outcome.PEER_GONE,
                        failure.isEmpty() ? "peer closed the connection before the flow's time was up" : failure);
            }
            case TIMED_OUT ->
                end(
                        loop,
                        Outcome.TIMED_OUT,
                        loop.stopped()
                                ? "stopped (" + flow.stopReason() + "), but no end of file within " + drainMs + " ms"
                                : "no progress for " + drainMs + " ms when the flow should have been over");
            case FAILED -> end(loop, Outcome.ERROR, loop.failure());
            case GO_ON -> throw new IllegalStateException("a loop that goes on has not ended");
        };
    }

    private static Flow.End endOfFile(Flow flow, FlowLoop loop) {
        if (loop.stopped()) {
            return end(loop, Outcome.STOPPED, flow.stopReason());
        }
        if (!loop.windowSeen()) {
            return end(loop, Outcome.PEER_GONE, "peer closed the connection before its measured window began");
        }
        return end(loop, Outcome.DONE, null);
    }

    /** Both ways, or of datagrams when both ends have said what they sent: nothing is under way any more. */
    static Flow.End done(Flow flow, FlowLoop loop) {
        return loop.stopped() ? end(loop, Outcome.STOPPED, flow.stopReason()) : end(loop, Outcome.DONE, null);
    }

    private Flow.End drain(Flow flow, FlowLoop loop) {
        Draining draining = new Draining(flow, loop, connection.received());
        Flow.End end = draining.look();
        while (end == null) {
            FlowSocket.poll(flow.fd(), FlowSocket.POLLIN, LONGEST_TICK_NS);
            end = draining.look();
        }
        return end;
    }

    static Flow.End end(FlowLoop loop, Outcome outcome, @Nullable String message) {
        long offset = loop.firstErrorOffset();
        return new Flow.End(outcome, message, offset < 0 ? null : (Long) offset);
    }
}
