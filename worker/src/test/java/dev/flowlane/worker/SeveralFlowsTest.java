package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.management.ManagementFactory;
import java.util.List;

/** Several flow ends of one worker, with both of its real threads, over real connections. */
final class SeveralFlowsTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int FLOWS = 8;
    private static final long PATIENCE_NS = 50_000_000_000L;

    private InProcessWorker sourceWorker;
    private InProcessWorker destinationWorker;
    private Seats source;
    private Seats destination;

    @BeforeEach
    void start() throws Exception {
        sourceWorker = InProcessWorker.start();
        destinationWorker = InProcessWorker.start();
        source = Seats.of(sourceWorker.daemon(), FLOWS);
        destination = Seats.of(destinationWorker.daemon(), FLOWS);
    }

    @AfterEach
    void stop() {
        source.close();
        destination.close();
        sourceWorker.close();
        destinationWorker.close();
    }

    private void assign(FlowSettings settings) {
        for (int i = 0; i < FLOWS; i++) {
            SocketPair connection = Loopback.tcp();
            source.get(i).assign(assignment(i, Role.SOURCE, settings), connection.first());
            // The other end's order is its own.
            destination.get(FLOWS - 1 - i).assign(assignment(i, Role.DESTINATION, settings), connection.second());
        }
    }

    /** Starts the flows when every end is ready. */
    private void begin() throws Exception {
        assertThatOneThreadIsReady(source.ready());
        assertThatOneThreadIsReady(destination.ready());
        destination.send(new ToWorker.Start());
        source.send(new ToWorker.Start());
    }

    private static void assertThatOneThreadIsReady(List<FromWorker.Ready> ends) {
        assertThat(ends).hasSize(FLOWS).extracting(FromWorker.Ready::threadId).containsOnly(ends.getFirst().threadId());
    }

    private static ToWorker.Assign assignment(int flow, Role role, FlowSettings settings) {
        return new ToWorker.Assign("flow-" + flow, role, settings, -1, null);
    }

    @ParameterizedTest
    @CsvSource({"STREAM, 1, 1, EPOLL, false", "REQUEST_RESPONSE, 1, 1, EPOLL, false",
        "REQUEST_RESPONSE, 700, 1, EPOLL, true", "REQUEST_RESPONSE, 1, 64, EPOLL, false",
        "REQUEST_RESPONSE, 100000, 3, EPOLL, false", "STREAM, 1, 1, IO_URING, false",
        "REQUEST_RESPONSE, 1, 1, IO_URING, false", "REQUEST_RESPONSE, 700, 1, IO_URING, false",
        "REQUEST_RESPONSE, 100000, 1, IO_URING, false", "REQUEST_RESPONSE, 1, 64, IO_URING, false",
        "REQUEST_RESPONSE, 100000, 3, IO_URING, false"})
    void everyFlowHasItsOwnFigures(
            TrafficKind kind, int messageBytes, int outstanding, Engine engine, boolean stamped) throws Exception {
        Settings asked = Settings.stream()
                .kind(kind)
                .messages(messageBytes, messageBytes)
                .outstanding(outstanding)
                .together(FLOWS, engine)
                .times(400, 100, 100);
        FlowSettings settings = stamped ? asked.receiveTimestamps().build() : asked.build();
        assign(settings);
        begin();
        List<DaemonEnd.Flown> sent = source.flown();
        List<DaemonEnd.Flown> received = destination.flown();

        for (int i = 0; i < FLOWS; i++) {
            EndReport one = sent.get(i).end();
            EndReport other = received.get(FLOWS - 1 - i).end();
            assertThat(one.flowId()).isEqualTo("flow-" + i).isEqualTo(other.flowId());
            assertThat(one.outcome()).as(one.message()).isEqualTo(Outcome.DONE);
            assertThat(other.outcome()).as(other.message()).isEqualTo(Outcome.DONE);
            assertThat(one.measured().sentBytes())
                    .isPositive()
                    .isEqualTo(other.measured().receivedBytes());
            assertThat(other.measured().sentBytes()).isEqualTo(one.measured().receivedBytes());
            assertThat(other.payloadErrors() + one.payloadErrors()).isZero();
            assertThat(one.tcp().congestionWindowSegments()).isPositive();
            assertSums(sent.get(i));
            assertSums(received.get(FLOWS - 1 - i));
            if (kind == TrafficKind.REQUEST_RESPONSE) {
                assertThat(one.measured().transactions())
                        .isPositive()
                        .isEqualTo(other.measured().transactions());
                assertThat(FlowTest.decode(one.roundTripHistogram()).getTotalCount())
                        .isEqualTo(one.measured().transactions());
            }
            assertThat(one.ofKind().receiveDelay() != null).isEqualTo(stamped);
        }
    }

    private static void assertSums(DaemonEnd.Flown flown) {
        long sent = 0;
        long received = 0;
        for (IntervalReport interval : flown.intervals()) {
            sent += interval.traffic().sentBytes();
            received += interval.traffic().receivedBytes();
        }
        if (flown.end().intervalsDropped() == 0) {
            EndReport end = flown.end();
            assertThat(sent).isEqualTo(end.warmup().sentBytes() + end.measured().sentBytes());
            assertThat(received).isEqualTo(end.warmup().receivedBytes() + end.measured().receivedBytes());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void aFlowThatIsStoppedOrLosesItsPeerDoesNotTouchTheOthers(Engine engine) throws Exception {
        FlowSettings settings =
                Settings.requests().together(FLOWS, engine).times(3000, 0, 100).build();
        assign(settings);
        begin();
        source.get(2).receive(FromWorker.Interval.class);
        source.get(2).send(new ToWorker.Stop("seen enough"));

        List<DaemonEnd.Flown> sent = source.flown();
        destination.flown();

        for (int i = 0; i < FLOWS; i++) {
            EndReport end = sent.get(i).end();
            assertThat(end.outcome()).isEqualTo(i == 2 ? Outcome.STOPPED : Outcome.DONE);
            assertThat(end.windowNs() >= settings.durationNs()).isEqualTo(i != 2);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void stoppedBeforeTheStartEveryFlowSaysSoAndTheWorkerIsWarmAgain(Engine engine) throws Exception {
        FlowSettings settings = Settings.stream().together(FLOWS, engine).build();
        assign(settings);
        assertThatOneThreadIsReady(source.ready());
        assertThatOneThreadIsReady(destination.ready());
        source.send(new ToWorker.Stop("changed my mind"));
        destination.send(new ToWorker.Stop("changed my mind"));

        assertThat(source.flown()).allSatisfy(flown -> {
            assertThat(flown.end().outcome()).isEqualTo(Outcome.NEVER_STARTED);
            assertThat(flown.end().message()).isEqualTo("changed my mind");
        });
        destination.flown();
    }

    @Test
    void afterwardsTheWorkerTakesOneFlowOrSeveralAgain() throws Exception {
        everyFlowHasItsOwnFigures(TrafficKind.REQUEST_RESPONSE, 1, 1, Engine.EPOLL, false);

        oneFlowAlone();

        everyFlowHasItsOwnFigures(TrafficKind.STREAM, 1, 1, Engine.IO_URING, false);
        everyFlowHasItsOwnFigures(TrafficKind.REQUEST_RESPONSE, 700, 1, Engine.IO_URING, false);
    }

    private void oneFlowAlone() throws Exception {
        SocketPair connection = Loopback.tcp();
        FlowSettings alone = Settings.requests().build();
        sourceWorker.daemon().assign(assignment(0, Role.SOURCE, alone), connection.first());
        destinationWorker.daemon().assign(assignment(0, Role.DESTINATION, alone), connection.second());
        sourceWorker.daemon().receive(FromWorker.Ready.class);
        destinationWorker.daemon().receive(FromWorker.Ready.class);
        sourceWorker.daemon().send(new ToWorker.Start());
        destinationWorker.daemon().send(new ToWorker.Start());
        assertThat(sourceWorker.daemon().flown().end().outcome()).isEqualTo(Outcome.DONE);
        assertThat(destinationWorker.daemon().flown().end().outcome()).isEqualTo(Outcome.DONE);
    }

    @Test
    void seatsThatAreGivenUpLeaveTheirHistogramsToOthers() throws Exception {
        everyFlowHasItsOwnFigures(TrafficKind.REQUEST_RESPONSE, 1, 1, Engine.EPOLL, false);
        source.close();
        destination.close();
        // Heard after the ends of those connections.
        oneFlowAlone();

        long before = THREADS.getThreadAllocatedBytes(sourceWorker.controlThreadId());
        source = Seats.of(sourceWorker.daemon(), FLOWS);
        destination = Seats.of(destinationWorker.daemon(), FLOWS);
        assign(Settings.requests().together(FLOWS, Engine.EPOLL).build());
        source.ready();
        long bytes = THREADS.getThreadAllocatedBytes(sourceWorker.controlThreadId()) - before;

        long histogramBytes = IntervalSlot.newHistogram().getEstimatedFootprintInBytes();
        assertThat(bytes).isLessThan((FLOWS - 1) * histogramBytes / 2);
        destination.ready();
        source.send(new ToWorker.Stop("seen enough"));
        destination.send(new ToWorker.Stop("seen enough"));
        source.flown();
        destination.flown();
        everyFlowHasItsOwnFigures(TrafficKind.REQUEST_RESPONSE, 1, 1, Engine.EPOLL, false);
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void theIoThreadAllocatesNothing(Engine engine) throws Exception {
        FlowSettings settings =
                Settings.requests().together(FLOWS, engine).times(60_000, 20, 20).build();
        assign(settings);
        begin();
        long bytes = Long.MAX_VALUE;
        // The compiler may be late, and take code back to make it anew, which costs some bytes; ours would show in
        // every window.
        long untilNs = System.nanoTime() + PATIENCE_NS;
        while (bytes > 0 && System.nanoTime() - untilNs < 0) {
            long before = THREADS.getThreadAllocatedBytes(sourceWorker.ioThreadId());
            for (int interval = 0; interval < 20; interval++) {
                for (DaemonEnd seat : source.all()) {
                    seat.receive(FromWorker.Interval.class);
                }
            }
            bytes = THREADS.getThreadAllocatedBytes(sourceWorker.ioThreadId()) - before;
        }
        assertThat(bytes).isZero();
        source.send(new ToWorker.Stop("seen enough"));
        source.flown();
    }

    @Test
    void whatDoesNotGoTogetherIsRefusedByName() {
        assertThatThrownBy(() -> Settings.stream().together(2).engine(Engine.BLOCKING).build())
                .hasMessage("STREAM does not go with flowsPerWorker above 1 without engine EPOLL or IO_URING");
        assertThatThrownBy(() -> Settings.requests()
                        .together(2)
                        .pace(new Pace(Pace.Arrival.CONSTANT, 10, 1))
                        .build())
                .hasMessage("REQUEST_RESPONSE does not go with flowsPerWorker above 1 and a pace");
        assertThatThrownBy(() -> Settings.stream().kind(TrafficKind.BIDIRECTIONAL).together(2).build())
                .hasMessage("BIDIRECTIONAL does not go with flowsPerWorker above 1");
        assertThatThrownBy(() -> Settings.stream()
                        .together(2, Engine.IO_URING)
                        .truncate()
                        .build())
                .hasMessage("STREAM does not go with flowsPerWorker above 1, engine IO_URING and truncateReceive");
        assertThatThrownBy(() -> Settings.stream()
                        .together(2, Engine.IO_URING)
                        .ring(false, null)
                        .build())
                .hasMessage("STREAM does not go with flowsPerWorker above 1 and another way through the ring than"
                        + " multishotReceive");
        assertThatThrownBy(() -> Settings.stream().together(257).build())
                .hasMessage("flowsPerWorker is 257, allowed is 1 to 256");
    }
}
