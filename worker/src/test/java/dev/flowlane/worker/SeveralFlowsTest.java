package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Messages;
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

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Several flow ends of one worker, with both of its real threads, over real connections. */
final class SeveralFlowsTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A worker and its connections, the first one at first. */
    private record Ends(InProcessWorker worker, List<DaemonEnd> seats) implements AutoCloseable {
        static Ends start(int flows) throws Exception {
            InProcessWorker worker = InProcessWorker.start();
            List<DaemonEnd> seats = new ArrayList<>(List.of(worker.daemon()));
            while (seats.size() < flows) {
                SocketPair pair = UnixSeqpacket.pair();
                UnixSeqpacket.send(worker.daemon().fd(), Messages.encode(new ToWorker.Seat()), pair.second());
                Sockets.close(pair.second());
                seats.add(new DaemonEnd(pair.first()));
            }
            return new Ends(worker, seats);
        }

        void ready(FlowSettings settings) throws Exception {
            FromWorker.Ready first = null;
            for (DaemonEnd seat : seats) {
                FromWorker.Ready ready = seat.receive(FromWorker.Ready.class);
                first = first == null ? ready : first;
                assertThat(ready.threadId()).isEqualTo(first.threadId());
            }
            assertThat(settings.flowsPerWorker()).isGreaterThan(1);
        }

        void start() {
            seats.forEach(seat -> seat.send(new ToWorker.Start()));
        }

        List<DaemonEnd.Flown> flown() throws Exception {
            List<DaemonEnd.Flown> all = new ArrayList<>();
            for (DaemonEnd seat : seats) {
                all.add(SeveralFlowsTest.flown(seat));
            }
            worker.daemon().receive(FromWorker.Warm.class);
            return all;
        }

        @Override
        public void close() {
            seats.subList(1, seats.size()).forEach(DaemonEnd::close);
            worker.close();
        }
    }

    private static final int FLOWS = 8;

    private Ends source;
    private Ends destination;

    @BeforeEach
    void start() throws Exception {
        source = Ends.start(FLOWS);
        destination = Ends.start(FLOWS);
    }

    @AfterEach
    void stop() {
        source.close();
        destination.close();
    }

    /** Everything that is said of one flow end after READY. */
    private static DaemonEnd.Flown flown(DaemonEnd seat) throws Exception {
        List<IntervalReport> intervals = new ArrayList<>();
        while (true) {
            switch (seat.receive()) {
                case FromWorker.Interval(IntervalReport report) -> intervals.add(report);
                case FromWorker.Ended(EndReport report) -> {
                    return new DaemonEnd.Flown(List.copyOf(intervals), report);
                }
                case FromWorker.Ready ready -> throw new IllegalStateException("unexpected " + ready);
                case FromWorker.Warm warm -> throw new IllegalStateException("unexpected " + warm);
            }
        }
    }

    private void assign(FlowSettings settings) {
        for (int i = 0; i < FLOWS; i++) {
            SocketPair connection = Loopback.tcp();
            source.seats().get(i).assign(assignment(i, Role.SOURCE, settings), connection.first());
            // The other end's order is its own.
            destination
                    .seats()
                    .get(FLOWS - 1 - i)
                    .assign(assignment(i, Role.DESTINATION, settings), connection.second());
        }
    }

    private static ToWorker.Assign assignment(int flow, Role role, FlowSettings settings) {
        return new ToWorker.Assign("flow-" + flow, role, settings, -1, null);
    }

    @ParameterizedTest
    @CsvSource({"STREAM, 1, 1, false", "REQUEST_RESPONSE, 1, 1, false", "REQUEST_RESPONSE, 700, 1, true",
        "REQUEST_RESPONSE, 1, 64, false", "REQUEST_RESPONSE, 100000, 3, false"})
    void everyFlowHasItsOwnFigures(TrafficKind kind, int messageBytes, int outstanding, boolean stamped)
            throws Exception {
        Settings asked = Settings.stream()
                .kind(kind)
                .messages(messageBytes, messageBytes)
                .outstanding(outstanding)
                .together(FLOWS)
                .times(400, 100, 100);
        FlowSettings settings = stamped ? asked.receiveTimestamps().build() : asked.build();
        assign(settings);
        source.ready(settings);
        destination.ready(settings);
        destination.start();
        source.start();
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

    @Test
    void aFlowThatIsStoppedOrLosesItsPeerDoesNotTouchTheOthers() throws Exception {
        FlowSettings settings = Settings.requests().together(FLOWS).times(600, 0, 100).build();
        assign(settings);
        source.ready(settings);
        destination.ready(settings);
        destination.start();
        source.start();
        source.seats().get(2).receive(FromWorker.Interval.class);
        source.seats().get(2).send(new ToWorker.Stop("seen enough"));

        List<DaemonEnd.Flown> sent = source.flown();
        destination.flown();

        for (int i = 0; i < FLOWS; i++) {
            EndReport end = sent.get(i).end();
            assertThat(end.outcome()).isEqualTo(i == 2 ? Outcome.STOPPED : Outcome.DONE);
            assertThat(end.windowNs() >= settings.durationNs()).isEqualTo(i != 2);
        }
    }

    @Test
    void stoppedBeforeTheStartEveryFlowSaysSoAndTheWorkerIsWarmAgain() throws Exception {
        FlowSettings settings = Settings.stream().together(FLOWS).build();
        assign(settings);
        source.ready(settings);
        destination.ready(settings);
        source.seats().forEach(seat -> seat.send(new ToWorker.Stop("changed my mind")));
        destination.seats().forEach(seat -> seat.send(new ToWorker.Stop("changed my mind")));

        assertThat(source.flown()).allSatisfy(flown -> {
            assertThat(flown.end().outcome()).isEqualTo(Outcome.NEVER_STARTED);
            assertThat(flown.end().message()).isEqualTo("changed my mind");
        });
        destination.flown();
    }

    @Test
    void afterwardsTheWorkerTakesOneFlowOrSeveralAgain() throws Exception {
        everyFlowHasItsOwnFigures(TrafficKind.REQUEST_RESPONSE, 1, 1, false);

        SocketPair connection = Loopback.tcp();
        FlowSettings alone = Settings.requests().build();
        source.worker().daemon().assign(assignment(0, Role.SOURCE, alone), connection.first());
        destination.worker().daemon().assign(assignment(0, Role.DESTINATION, alone), connection.second());
        source.worker().daemon().receive(FromWorker.Ready.class);
        destination.worker().daemon().receive(FromWorker.Ready.class);
        source.worker().daemon().send(new ToWorker.Start());
        destination.worker().daemon().send(new ToWorker.Start());
        assertThat(source.worker().daemon().flown().end().outcome()).isEqualTo(Outcome.DONE);
        assertThat(destination.worker().daemon().flown().end().outcome()).isEqualTo(Outcome.DONE);

        everyFlowHasItsOwnFigures(TrafficKind.STREAM, 1, 1, false);
    }

    @Test
    void theIoThreadAllocatesNothing() throws Exception {
        FlowSettings settings = Settings.requests().together(FLOWS).times(60_000, 20, 20).build();
        assign(settings);
        source.ready(settings);
        destination.ready(settings);
        destination.start();
        source.start();
        long bytes = Long.MAX_VALUE;
        // The compiler may take code back and make it anew, which costs some bytes; ours would show in every window.
        for (int window = 0; window < 6 && bytes > 0; window++) {
            long before = THREADS.getThreadAllocatedBytes(source.worker().ioThreadId());
            for (int interval = 0; interval < 20; interval++) {
                for (DaemonEnd seat : source.seats()) {
                    seat.receive(FromWorker.Interval.class);
                }
            }
            bytes = THREADS.getThreadAllocatedBytes(source.worker().ioThreadId()) - before;
        }
        assertThat(bytes).isZero();
        source.seats().forEach(seat -> seat.send(new ToWorker.Stop("seen enough")));
        source.flown();
    }

    @Test
    void whatDoesNotGoTogetherIsRefusedByName() {
        assertThatThrownBy(() -> Settings.stream().together(2).engine(Engine.BLOCKING).build())
                .hasMessage("STREAM does not go with flowsPerWorker above 1 without engine EPOLL");
        assertThatThrownBy(() -> Settings.requests()
                        .together(2)
                        .pace(new Pace(Pace.Arrival.CONSTANT, 10, 1))
                        .build())
                .hasMessage("REQUEST_RESPONSE does not go with flowsPerWorker above 1 and a pace");
        assertThatThrownBy(() -> Settings.stream().kind(TrafficKind.BIDIRECTIONAL).together(2).build())
                .hasMessage("BIDIRECTIONAL does not go with flowsPerWorker above 1");
        assertThatThrownBy(() -> Settings.stream().together(257).build())
                .hasMessage("flowsPerWorker is 257, allowed is 1 to 256");
    }
}
