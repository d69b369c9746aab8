package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.management.ManagementFactory;

/** The flow loops leave nothing for a garbage collector, interval cuts included. */
final class NoAllocationTest {
    private static final int TURNS = 1_000_000;
    private static final int WARM_UP_TURNS = 20_000;
    private static final int WARM_UPS = 100;

    /** How long the compilers may take on a machine with other work; less than a flow lasts. */
    private static final long PATIENCE_NS = 50_000_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @CsvSource({
        "STREAM, 1, 4096, BUSY_POLL, 1, 0",
        "REQUEST_RESPONSE, 1, 65536, BUSY_POLL, 1, 0",
        "REQUEST_RESPONSE, 700, 300, BUSY_POLL, 1, 0",
        "STREAM, 1, 4096, EPOLL, 1, 0",
        "REQUEST_RESPONSE, 1, 65536, BUSY_POLL, 64, 0",
        "REQUEST_RESPONSE, 700, 300, BUSY_POLL, 17, 0",
        "REQUEST_RESPONSE, 1, 65536, BUSY_POLL, 1024, 500000",
        "STREAM, 1, 4096, BUSY_POLL, 1, 100000",
        "STREAM, 1, 4096, EPOLL, 1, 1000000",
        "BIDIRECTIONAL, 1, 4096, BUSY_POLL, 1, 0",
        "DATAGRAM_STREAM, 1400, 65536, BUSY_POLL, 1, 0",
        "DATAGRAM_STREAM, 40000, 65536, BUSY_POLL, 1, 0",
        "DATAGRAM_STREAM, 1400, 65536, BUSY_POLL, 1, 100000",
        "DATAGRAM_REQUEST_RESPONSE, 24, 65536, BUSY_POLL, 1, 0",
        "DATAGRAM_REQUEST_RESPONSE, 100, 65536, BUSY_POLL, 4, 0",
        "DATAGRAM_REQUEST_RESPONSE, 100, 65536, BUSY_POLL, 1024, 100000"
    })
    void aMillionTurnsAllocateNothing(
            TrafficKind kind, int messageBytes, int callBytes, Engine engine, int outstanding, double perSecond) {
        FlowSettings settings = Settings.stream()
                .kind(kind)
                .engine(engine)
                .outstanding(outstanding)
                .pace(perSecond == 0 ? null : new Pace(Pace.Arrival.POISSON, perSecond, 1))
                .messages(messageBytes, messageBytes)
                .calls(callBytes, callBytes)
                .times(3_600_000, 1, 1)
                .build();
        SocketPair pair = Loopback.tcp();
        SocketPair datagrams = kind.datagrams() ? Loopback.udp("127.0.0.1") : new SocketPair(-1, -1);
        try (EventFd unheard = EventFd.create();
                FlowRunner one = new FlowRunner(unheard);
                FlowRunner other = new FlowRunner(unheard)) {
            FlowLoop source = one.attach(flow(Role.SOURCE, settings, pair.first(), datagrams.first()));
            FlowLoop destination = other.attach(flow(Role.DESTINATION, settings, pair.second(), datagrams.second()));
            source.begin(System.nanoTime());
            destination.begin(System.nanoTime());
            // Until everything is compiled, which is when it allocates nothing any more.
            for (int i = 0; i < WARM_UPS && allocated(source, destination, WARM_UP_TURNS) > 0; i++) {
                // again
            }

            // The compiler may take a loop back and make it anew once more, which costs some bytes; what the loop
            // itself allocated would show in every window.
            long untilNs = System.nanoTime() + PATIENCE_NS;
            long bytes = allocated(source, destination, TURNS / 2);
            while (bytes > 0 && System.nanoTime() - untilNs < 0) {
                bytes = allocated(source, destination, TURNS / 2);
            }
            assertThat(bytes).isZero();

            assertThat(one.meter().intervalsCut()).isGreaterThan(20);
            one.detach();
            other.detach();
        }
        Sockets.close(pair.first());
        Sockets.close(pair.second());
        if (kind.datagrams()) {
            Sockets.close(datagrams.first());
            Sockets.close(datagrams.second());
        }
    }

    private static Flow flow(Role role, FlowSettings settings, int fd, int datagramFd) {
        Flow flow = new Flow(new ToWorker.Assign("none", role, settings, -1, null), fd, datagramFd);
        if (datagramFd >= 0) {
            DatagramSetup.apply(datagramFd, role, settings);
        }
        return flow;
    }

    private static long allocated(FlowLoop source, FlowLoop destination, int turns) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < turns; i++) {
            if (FlowRunner.turns(source, 1) != FlowLoop.Turn.GO_ON
                    || FlowRunner.turns(destination, 1) != FlowLoop.Turn.GO_ON) {
                throw new IllegalStateException("a loop ended");
            }
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** Straight after the worker's own warm-up, with all that a real flow does on the I/O thread. */
    @ParameterizedTest
    @CsvSource({
        "STREAM, SOURCE, 1, 0", "STREAM, DESTINATION, 1, 0", "REQUEST_RESPONSE, SOURCE, 1, 0",
        "REQUEST_RESPONSE, DESTINATION, 1, 0", "REQUEST_RESPONSE, SOURCE, 64, 0",
        "REQUEST_RESPONSE, DESTINATION, 64, 0", "REQUEST_RESPONSE, SOURCE, 1024, 5000", "STREAM, SOURCE, 1, 5000",
        "BIDIRECTIONAL, SOURCE, 1, 0", "BIDIRECTIONAL, DESTINATION, 1, 0", "CONNECT_REQUEST_RESPONSE, SOURCE, 1, 0",
        "CONNECT_REQUEST_RESPONSE, DESTINATION, 1, 0",
        "DATAGRAM_STREAM, SOURCE, 1, 0", "DATAGRAM_STREAM, DESTINATION, 1, 0",
        "DATAGRAM_REQUEST_RESPONSE, SOURCE, 64, 0", "DATAGRAM_REQUEST_RESPONSE, DESTINATION, 64, 0"
    })
    void theIoThreadOfAWarmWorkerAllocatesNothing(TrafficKind kind, Role role, int outstanding, double perSecond)
            throws Exception {
        assertNothingAllocated(
                role,
                Settings.stream()
                        .kind(kind)
                        .outstanding(outstanding)
                        .pace(perSecond == 0 ? null : new Pace(Pace.Arrival.CONSTANT, perSecond, 1))
                        .times(60_000, 20, 20)
                        .build());
    }

    @ParameterizedTest
    @EnumSource(names = {"STREAM", "REQUEST_RESPONSE", "BIDIRECTIONAL"})
    void zeroCopyAllocatesNothingEither(TrafficKind kind) throws Exception {
        assertNothingAllocated(
                Role.SOURCE,
                Settings.stream()
                        .kind(kind)
                        .zerocopy(true)
                        .truncate()
                        .times(60_000, 20, 20)
                        .build());
    }

    @ParameterizedTest
    @CsvSource({"STREAM, DESTINATION", "REQUEST_RESPONSE, SOURCE", "REQUEST_RESPONSE, DESTINATION",
        "DATAGRAM_STREAM, DESTINATION", "DATAGRAM_REQUEST_RESPONSE, SOURCE"})
    void timestampsAllocateNothingEither(TrafficKind kind, Role role) throws Exception {
        assertNothingAllocated(
                role,
                Settings.stream()
                        .kind(kind)
                        .receiveTimestamps()
                        .times(60_000, 20, 20)
                        .build());
    }

    @ParameterizedTest
    @CsvSource({"STREAM, SOURCE", "STREAM, DESTINATION", "REQUEST_RESPONSE, SOURCE", "REQUEST_RESPONSE, DESTINATION",
        "BIDIRECTIONAL, SOURCE", "BIDIRECTIONAL, DESTINATION",
        "CONNECT_REQUEST_RESPONSE, SOURCE", "CONNECT_REQUEST_RESPONSE, DESTINATION",
        "DATAGRAM_STREAM, SOURCE", "DATAGRAM_STREAM, DESTINATION", "DATAGRAM_REQUEST_RESPONSE, SOURCE",
        "DATAGRAM_REQUEST_RESPONSE, DESTINATION"})
    void ringsAllocateNothingEither(TrafficKind kind, Role role) throws Exception {
        assertNothingAllocated(
                role,
                Settings.stream()
                        .kind(kind)
                        .engine(Engine.IO_URING)
                        .times(60_000, 20, 20)
                        .build());
    }

    @ParameterizedTest
    @CsvSource({
        "STREAM, SOURCE, false, true, true", "STREAM, DESTINATION, true, false, false",
        "STREAM, SOURCE, false, true, false", "STREAM, DESTINATION, false, true, false",
        "REQUEST_RESPONSE, SOURCE, true, true, true", "REQUEST_RESPONSE, DESTINATION, true, false, false",
        "BIDIRECTIONAL, SOURCE, true, true, true"
    })
    void noModeOfARingAllocates(
            TrafficKind kind, Role role, boolean multishot, boolean registered, boolean zerocopy) throws Exception {
        assertNothingAllocated(
                role,
                Settings.stream()
                        .kind(kind)
                        .engine(Engine.IO_URING)
                        .ring(multishot, registered)
                        .zerocopy(zerocopy)
                        .times(60_000, 20, 20)
                        .build());
    }

    private static void assertNothingAllocated(Role role, FlowSettings settings) throws Exception {
        try (InProcessWorker worker = InProcessWorker.start();
                InProcessWorker peer = InProcessWorker.start()) {
            SocketPair connection = Loopback.tcp();
            Role otherRole = role == Role.SOURCE ? Role.DESTINATION : Role.SOURCE;
            ToWorker.Assign mine = new ToWorker.Assign("f", role, settings, -1, null);
            ToWorker.Assign theirs = new ToWorker.Assign("f", otherRole, settings, -1, null);
            if (settings.kind().datagrams()) {
                SocketPair datagrams = Loopback.udp("127.0.0.1");
                worker.daemon().assign(mine, connection.first(), datagrams.first());
                peer.daemon().assign(theirs, connection.second(), datagrams.second());
            } else {
                worker.daemon().assign(mine, connection.first());
                peer.daemon().assign(theirs, connection.second());
            }
            worker.daemon().receive(FromWorker.Ready.class);
            peer.daemon().receive(FromWorker.Ready.class);
            worker.daemon().send(new ToWorker.Start());
            peer.daemon().send(new ToWorker.Start());

            worker.daemon().receive(FromWorker.Interval.class);
            long untilNs = System.nanoTime() + PATIENCE_NS;
            long bytes = allocatedInIntervals(worker);
            while (bytes > 0 && System.nanoTime() - untilNs < 0) {
                // As above. On a machine with other work the compilers are late, too.
                bytes = allocatedInIntervals(worker);
            }
            assertThat(bytes).isZero();

            worker.daemon().send(new ToWorker.Stop("seen enough"));
            peer.daemon().send(new ToWorker.Stop("seen enough"));
            worker.daemon().flown();
            peer.daemon().flown();
        }
    }

    private static long allocatedInIntervals(InProcessWorker worker) throws Exception {
        long before = THREADS.getThreadAllocatedBytes(worker.ioThreadId());
        for (int i = 0; i < 20; i++) {
            worker.daemon().receive(FromWorker.Interval.class);
        }
        return THREADS.getThreadAllocatedBytes(worker.ioThreadId()) - before;
    }
}
