package dev.flowlane.worker;

import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.ReceiveTimestamps;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.TcpOptions;
import dev.flowlane.worker.protocol.Course;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Messages;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.RingSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.jspecify.annotations.Nullable;

import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Runs every loop over socket pairs until nothing compiles any more: then no flow pays for compiling. Both ends of a
 * pair are driven by the one calling thread, a few turns each in turn, so that nothing is ever waited for and the cost
 * is that of the compiler.
 *
 * <p>The flows are short and odd on purpose. A branch that was never taken is not compiled at all, and taking it for
 * the first time in a measurement would throw the compiled loop away: so there are partial writes, calls that would
 * block, interval cuts, marks and half-closes in here, and all loops pass through the same {@link FlowRunner#turns}.
 */
final class WarmUp {
    private static final long BUDGET_NS = 2_000_000_000L;
    private static final long LATER_BUDGET_NS = 1_000_000_000L;
    private static final long FLOW_NS = 6_000_000;

    /** Rounds in a row in which the compilers had nothing to do, until we believe it. */
    private static final int QUIET_ROUNDS = 2;

    /** Small enough that a stream's source often finds no room, and writes are partial. */
    private static final int SEND_BUFFER_BYTES = 40_000;

    private static final int DATAGRAM_BYTES = 1_000;

    private static final long TIMEOUT_NS = 1_000_000;

    private static final long TICK_NS = 1_000_000;

    /** An end that was cut short in the middle of something waits for its peer no longer. */
    private static final long DRAIN_NS = 20_000_000;

    private static final int TURNS = 3;

    /** Paces at which a flow is idle between two messages, and at which it cannot keep up. */
    private static final Pace RARE = new Pace(Pace.Arrival.POISSON, 20_000, 1);

    private static final Pace OFTEN = new Pace(Pace.Arrival.CONSTANT, 5_000_000, 1);

    /** With an engine that sleeps, where every wait of this lone thread is in vain and takes a tick. */
    private static final int FEW_TURNS = 4;

    private static final int ALL_TURNS = Integer.MAX_VALUE;

    /**
     * How both ends are driven.
     *
     * @param tickNs longest wait; with 0 it looks at the socket in a call, but does not sleep
     * @param turns of each end, at most
     * @param ring what a ring makes use of
     */
    private record Drive(Engine engine, long tickNs, int turns, RingSettings ring) {
        Drive(Engine engine, long tickNs, int turns) {
            this(engine, tickNs, turns, RingSettings.AUTO);
        }

        static Drive ring(RingSettings settings) {
            return new Drive(Engine.IO_URING, 500, ALL_TURNS, settings);
        }

        static final Drive BLOCKING = new Drive(Engine.BLOCKING, TICK_NS, FEW_TURNS);
        static final Drive SLEEPING = new Drive(Engine.EPOLL, TICK_NS, FEW_TURNS);
        static final Drive SPINNING = new Drive(Engine.BUSY_POLL, TICK_NS, ALL_TURNS);
        /** Where a loop waits for a time, and spins not: the waiting is a call, and to be compiled. */
        static final Drive LOOKING = new Drive(Engine.EPOLL, 0, ALL_TURNS);
    }

    /** Which copies a flow spares the kernel. */
    private enum Copies {
        USUAL,
        /** MSG_ZEROCOPY. */
        NOT_OF_SENDS,
        /** TCP_ZEROCOPY_RECEIVE, too: over loopback only what was sent without a copy arrives in whole pages. */
        NOT_AT_ALL;

        static Copies of(FlowSettings settings) {
            if (settings.zerocopyReceive()) {
                return NOT_AT_ALL;
            }
            return settings.zerocopySend() ? NOT_OF_SENDS : USUAL;
        }
    }

    private final FlowRunner mine;
    private final FlowRunner other;
    /** That of all rounds but the first ones. */
    private final Drive hot;

    private final Copies copies;

    /** Whether the kernel is asked for receive timestamps. */
    private final boolean stamped;

    private WarmUp(FlowRunner mine, FlowRunner other, Drive hot, Copies copies, boolean stamped) {
        this.hot = hot;
        this.copies = copies;
        this.stamped = stamped;
        this.mine = mine;
        this.other = other;
    }

    /** Warms a runner up on the thread that will use it; takes at most a little longer than two seconds. */
    static void run(FlowRunner runner) {
        try (EventFd unheard = EventFd.create();
                FlowRunner other = new FlowRunner(unheard, 2)) {
            new WarmUp(runner, other, Drive.SPINNING, Copies.USUAL, false)
                    .rounds(LoopKind.first(), BUDGET_NS, () -> true);
        }
        // What start-up and warm-up left behind is collected now and not in some flow.
        System.gc();
    }

    /**
     * Compiles the loops of a flow that are not among the warm ones yet, on the thread that will use them; takes at
     * most a little longer than a second.
     *
     * @param warm is added to
     */
    static void ensure(FlowRunner runner, FlowSettings settings, Set<LoopKind> warm) {
        Drive hot = settings.engine() == Engine.IO_URING ? Drive.ring(settings.ring()) : Drive.SPINNING;
        boolean stamped = settings.receiveTimestamps();
        ensure(runner, LoopKind.of(settings), warm, hot, Copies.of(settings), stamped, () -> true);
    }

    /**
     * As {@link #ensure(FlowRunner, FlowSettings, Set)}, ahead of any flow.
     *
     * @param goOn false when there is something better to do: the loops are not warm then
     */
    static void ensure(FlowRunner runner, LoopKind kind, Set<LoopKind> warm, BooleanSupplier goOn) {
        ensure(runner, kind, warm, Drive.SPINNING, Copies.USUAL, false, goOn);
    }

    private static void ensure(
            FlowRunner runner,
            LoopKind kind,
            Set<LoopKind> warm,
            Drive hot,
            Copies copies,
            boolean stamped,
            BooleanSupplier goOn) {
        if (warm.contains(kind)) {
            return;
        }
        try (EventFd unheard = EventFd.create();
                FlowRunner other = new FlowRunner(unheard, 2)) {
            if (new WarmUp(runner, other, hot, copies, stamped).rounds(Set.of(kind), LATER_BUDGET_NS, goOn)) {
                warm.add(kind);
            }
        }
        System.gc();
    }

    /** True when nothing was left to compile or the time was up, false when it was not to go on. */
    private boolean rounds(Set<LoopKind> kinds, long budgetNs, BooleanSupplier goOn) {
        long giveUpNs = System.nanoTime() + budgetNs;
        if (hot.engine() != Engine.IO_URING) {
            round(kinds, Drive.BLOCKING);
            round(kinds, Drive.SLEEPING);
        }
        Compilers compilers = new Compilers();
        int quiet = 0;
        while (quiet < QUIET_ROUNDS && System.nanoTime() - giveUpNs < 0) {
            if (!goOn.getAsBoolean()) {
                return false;
            }
            PayloadWarmUp.compare();
            round(kinds, hot);
            if (stamped) {
                // Only TCP has timestamps among what is used here: what is done with one is the same for datagrams.
                round(Set.of(LoopKind.STREAM), hot);
            }
            if (hot.engine() == Engine.BUSY_POLL && kinds.stream().anyMatch(LoopKind::waitsForTimes)) {
                round(kinds, Drive.LOOKING);
            }
            quiet = compilers.quiet() ? quiet + 1 : 0;
        }
        return true;
    }

    private void round(Set<LoopKind> kinds, Drive drive) {
        for (LoopKind kind : kinds) {
            switch (kind) {
                case STREAM -> flow(TrafficKind.STREAM, 1, 1, null, drive, Buffers.DEFAULT_BYTES);
                case PACED_STREAM -> {
                    flow(TrafficKind.STREAM, 1, 1, RARE, drive, Buffers.DEFAULT_BYTES);
                    flow(TrafficKind.STREAM, 1, 1, OFTEN, drive, Buffers.DEFAULT_BYTES);
                }
                case REQUEST -> {
                    flow(TrafficKind.REQUEST_RESPONSE, 1, 1, null, drive, Buffers.DEFAULT_BYTES);
                    flow(TrafficKind.REQUEST_RESPONSE, 700, 1, null, drive, 300);
                }
                case BIDIRECTIONAL -> flow(TrafficKind.BIDIRECTIONAL, 1, 1, null, drive, Buffers.DEFAULT_BYTES);
                case CONNECT -> {
                    flow(TrafficKind.CONNECT_REQUEST_RESPONSE, 1, 1, null, drive, Buffers.DEFAULT_BYTES);
                    flow(TrafficKind.CONNECT_REQUEST_RESPONSE, 7000, 1, null, drive, 3000);
                }
                case PIPELINED -> {
                    flow(TrafficKind.REQUEST_RESPONSE, 1, 64, null, drive, Buffers.DEFAULT_BYTES);
                    flow(TrafficKind.REQUEST_RESPONSE, 700, 32, null, drive, 300);
                    flow(TrafficKind.REQUEST_RESPONSE, 1, 64, RARE, drive, Buffers.DEFAULT_BYTES);
                    flow(TrafficKind.REQUEST_RESPONSE, 700, 32, OFTEN, drive, Buffers.DEFAULT_BYTES);
                }
                case DATAGRAM_STREAM -> {
                    datagrams(TrafficKind.DATAGRAM_STREAM, 1, null, drive, DatagramSettings.Offload.AUTO);
                    datagrams(TrafficKind.DATAGRAM_STREAM, 1, null, drive, DatagramSettings.Offload.OFF);
                    datagrams(TrafficKind.DATAGRAM_STREAM, 1, RARE, drive, DatagramSettings.Offload.AUTO);
                    datagrams(TrafficKind.DATAGRAM_STREAM, 1, OFTEN, drive, DatagramSettings.Offload.OFF);
                }
                case DATAGRAM_REQUEST -> {
                    TrafficKind requests = TrafficKind.DATAGRAM_REQUEST_RESPONSE;
                    datagrams(requests, 1, null, drive, DatagramSettings.Offload.OFF);
                    datagrams(requests, 64, null, drive, DatagramSettings.Offload.OFF);
                    datagrams(requests, 64, RARE, drive, DatagramSettings.Offload.OFF);
                }
            }
        }
    }

    private void flow(
            TrafficKind kind, int messageBytes, int outstanding, @Nullable Pace pace, Drive drive, int callBytes) {
        FlowSettings settings = new FlowSettings(
                kind,
                messageBytes,
                messageBytes,
                outstanding,
                pace,
                FLOW_NS,
                FlowSettings.MIN_INTERVAL_NS,
                FlowSettings.MIN_INTERVAL_NS,
                drive.engine(),
                drive.ring(),
                callBytes,
                callBytes,
                true,
                false,
                copies != Copies.USUAL,
                copies == Copies.NOT_AT_ALL,
                false,
                null,
                SocketOptions.DEFAULT,
                DRAIN_NS,
                FlowSettings.DEFAULT_SETTLE_TIMEOUT_NS,
                Course.USUAL,
                null,
                stamped,
                1);
        carry(settings, drive, null);
    }

    private void datagrams(
            TrafficKind kind,
            int outstanding,
            @Nullable Pace pace,
            Drive drive,
            DatagramSettings.Offload offload) {
        FlowSettings settings = new FlowSettings(
                kind,
                DATAGRAM_BYTES,
                DATAGRAM_BYTES,
                outstanding,
                pace,
                FLOW_NS,
                FlowSettings.MIN_INTERVAL_NS,
                FlowSettings.MIN_INTERVAL_NS,
                drive.engine(),
                Buffers.DEFAULT_BYTES,
                Buffers.DEFAULT_BYTES,
                true,
                false,
                false,
                SocketOptions.DEFAULT,
                FlowSettings.DEFAULT_DRAIN_TIMEOUT_NS,
                FlowSettings.DEFAULT_SETTLE_TIMEOUT_NS,
                new DatagramSettings(DatagramSettings.MIN_TIMEOUT_NS, offload));
        try (DatagramWarmUp network = new DatagramWarmUp(SEND_BUFFER_BYTES)) {
            carry(settings.withReceiveTimestamps(stamped), drive, network);
        }
    }

    /** @param network of a flow over datagrams; null: it goes over a stream */
    private void carry(FlowSettings settings, Drive drive, @Nullable DatagramWarmUp network) {
        boolean connects = settings.kind() == TrafficKind.CONNECT_REQUEST_RESPONSE;
        boolean copying = settings.kind().datagrams() || copies == Copies.USUAL;
        boolean tcp = connects || !copying || settings.receiveTimestamps();
        SocketPair pair = tcp ? tcpPair(!copying) : Sockets.socketPair();
        if (settings.receiveTimestamps()) {
            SocketPair carrying = network == null ? pair : network.sockets();
            ReceiveTimestamps.ask(carrying.first());
            ReceiveTimestamps.ask(carrying.second());
        }
        Sockets.setSendBuffer(pair.first(), SEND_BUFFER_BYTES);
        if (drive.engine() == Engine.BLOCKING) {
            // Nobody interrupts this thread.
            setTimeouts(network == null ? pair : network.sockets());
        }
        Flow sourceFlow = new Flow(
                new ToWorker.Assign("warm-up", Role.SOURCE, settings, -1, null),
                pair.first(),
                network == null ? -1 : network.sockets().first());
        Flow destinationFlow = new Flow(
                new ToWorker.Assign("warm-up", Role.DESTINATION, settings, -1, null),
                pair.second(),
                network == null ? -1 : network.sockets().second());
        // Every wait of this lone thread is in vain.
        FlowLoop source = mine.attach(sourceFlow, drive.tickNs());
        FlowLoop destination = other.attach(destinationFlow, drive.tickNs());
        if (destination.prepare() != null || source.prepare() != null) {
            throw new IllegalStateException("the ends of a warm-up cannot agree");
        }
        carry(source, destination, drive.turns(), network);
        long endedNs = System.nanoTime();
        mine.meter().end(endedNs, source.windowEndNs());
        other.meter().end(endedNs, destination.windowEndNs());
        if (drive.engine() == Engine.BLOCKING) {
            report(sourceFlow, mine);
        }
        mine.detach();
        other.detach();
        Sockets.close(pair.first());
        Sockets.close(pair.second());
    }

    /**
     * Only TCP has zero copy, and addresses to connect to; and the loopback device is there wherever a worker runs, but
     * not always up.
     */
    private static SocketPair tcpPair(boolean zerocopy) {
        SocketPair pair = SocketPair.tcp();
        TcpOptions.setZerocopy(pair.first(), zerocopy);
        TcpOptions.setZerocopy(pair.second(), zerocopy);
        return pair;
    }

    private static void setTimeouts(SocketPair pair) {
        Sockets.setSendTimeout(pair.first(), TIMEOUT_NS);
        Sockets.setReceiveTimeout(pair.first(), TIMEOUT_NS);
        Sockets.setSendTimeout(pair.second(), TIMEOUT_NS);
        Sockets.setReceiveTimeout(pair.second(), TIMEOUT_NS);
    }

    private static void carry(
            FlowLoop source, FlowLoop destination, int most, @Nullable DatagramWarmUp network) {
        long nowNs = System.nanoTime();
        source.begin(nowNs);
        destination.begin(nowNs);
        FlowLoop.Turn turn = FlowLoop.Turn.GO_ON;
        for (int i = 0; i < most && turn == FlowLoop.Turn.GO_ON; i++) {
            turn = FlowRunner.turns(source, TURNS);
            if (network != null) {
                network.disturb();
            }
            FlowRunner.turns(destination, TURNS);
        }
        source.release();
        if (network != null) {
            network.settle();
        }
        source.sayFinished();
        while (FlowRunner.turns(destination, TURNS) == FlowLoop.Turn.GO_ON) {
            // until end of file
        }
    }

    /** What the control thread will do with it: loaded and linked here, not at the first interval. */
    private static void report(Flow flow, FlowRunner runner) {
        RoundTripCodec codec = new RoundTripCodec(new HistogramEncoder());
        Reporter reporter = new Reporter(flow, FlowRunner.lane(flow.trafficFd()), codec, new ProcReadings());
        IntervalRing ring = runner.meter().ring();
        for (IntervalSlot slot = ring.peek(); slot != null; slot = ring.peek()) {
            Messages.encode(new FromWorker.Interval(reporter.interval(slot)));
            ring.release();
        }
        Flow.End end = new Flow.End(Outcome.DONE, null, null);
        Messages.encode(new FromWorker.Ended(reporter.end(end, runner.meter())));
    }
}
