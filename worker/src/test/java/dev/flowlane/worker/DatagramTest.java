package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.ConnectOptions;
import dev.flowlane.posix.Datagrams;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.LossyRelay.Harm;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.Traffic;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Flows over UDP between two workers: over loopback, and through a relay that loses, repeats and swaps messages. */
final class DatagramTest {
    /**
     * So slow that all of a test's messages fit into one default receive buffer: whoever is kept from its CPU by a busy
     * machine loses none.
     */
    private static final Pace SLOW = new Pace(Pace.Arrival.CONSTANT, 400, 1);

    private static final int SMALL = 500;

    private static InProcessWorker source;
    private static InProcessWorker destination;

    @BeforeAll
    static void start() throws Exception {
        source = InProcessWorker.start();
        destination = InProcessWorker.start();
    }

    @AfterAll
    static void stop() {
        source.close();
        destination.close();
    }

    private record Both(DaemonEnd.Flown source, DaemonEnd.Flown destination) {
        Traffic sent() {
            return source.end().measured();
        }

        Traffic received() {
            return destination.end().measured();
        }

        Both assertDone() {
            assertThat(source.end().message()).isNull();
            assertThat(source.end().outcome()).isEqualTo(Outcome.DONE);
            assertThat(destination.end().message()).isNull();
            assertThat(destination.end().outcome()).isEqualTo(Outcome.DONE);
            return this;
        }
    }

    private static void begin(FlowSettings settings, String address, SocketPair datagrams) throws Exception {
        SocketPair connection = Loopback.tcp(address, ConnectOptions.NONE);
        source.daemon()
                .assign(
                        new ToWorker.Assign("flow", Role.SOURCE, settings, -1, null),
                        connection.first(),
                        datagrams.first());
        destination
                .daemon()
                .assign(
                        new ToWorker.Assign("flow", Role.DESTINATION, settings, -1, null),
                        connection.second(),
                        datagrams.second());
        source.daemon().receive(FromWorker.Ready.class);
        destination.daemon().receive(FromWorker.Ready.class);
        destination.daemon().send(new ToWorker.Start());
        source.daemon().send(new ToWorker.Start());
    }

    private static Both run(FlowSettings settings, String address, SocketPair datagrams) throws Exception {
        begin(settings, address, datagrams);
        Both both = new Both(source.daemon().flown(), destination.daemon().flown());
        assertSums(both.source());
        assertSums(both.destination());
        return both;
    }

    private static Both run(FlowSettings settings) throws Exception {
        return run(settings, "127.0.0.1", Loopback.udp("127.0.0.1"));
    }

    /** Intervals add up to the report, datagrams included. */
    private static void assertSums(DaemonEnd.Flown flown) {
        Traffic measured = Traffic.NONE;
        for (IntervalReport interval : flown.intervals()) {
            if (!interval.warmup()) {
                measured = measured.plus(interval.traffic());
            }
        }
        assertThat(flown.end().intervalsDropped()).isZero();
        assertThat(measured).isEqualTo(flown.end().measured());
    }

    /** What was sent arrived, or is lost; never both, and never more. */
    private static void assertAccounted(FlowSettings settings, Both both) {
        long size = settings.requestBytes();
        Traffic sent = both.sent();
        Traffic received = both.received();
        assertThat(sent.datagrams().sentMessages()).isPositive();
        assertThat(sent.sentBytes()).isEqualTo(sent.datagrams().sentMessages() * size);
        assertThat(received.receivedBytes()).isEqualTo(received.datagrams().receivedMessages() * size);
        assertThat(received.datagrams().receivedMessages() + received.datagrams().lostMessages())
                .isEqualTo(sent.datagrams().sentMessages());
        assertThat(received.datagrams().foreignMessages()).isZero();
        assertThat(received.payloadErrors()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "BLOCKING, OFF, 1000", "EPOLL, OFF, 1000", "BUSY_POLL, OFF, 1000", "IO_URING, OFF, 1000", "BLOCKING, ON, 1000",
        "EPOLL, ON, 24", "BUSY_POLL, ON, 1400", "IO_URING, ON, 1400", "BLOCKING, AUTO, 24", "BLOCKING, AUTO, 65507",
        "EPOLL, OFF, 40000"
    })
    void aStreamIsAccountedForToTheMessage(Engine engine, DatagramSettings.Offload offload, int bytes)
            throws Exception {
        Settings asked = Settings.datagrams(TrafficKind.DATAGRAM_STREAM)
                .engine(engine)
                .messages(bytes, bytes)
                .datagrams(1000, offload);
        FlowSettings settings = asked.build();
        Both both = run(settings).assertDone();
        // A destination that was kept from its CPU for all of a short window found its buffer full of the warm-up.
        for (long ms = 600; both.received().datagrams().receivedMessages() == 0 && ms < 10_000; ms *= 2) {
            settings = asked.times(ms, 100, 100).build();
            both = run(settings).assertDone();
        }

        assertAccounted(settings, both);
        assertThat(both.received().datagrams().receivedMessages()).isPositive();
        // A loopback swaps nothing and repeats nothing; it only loses what finds no room in the receive buffer.
        assertThat(both.received().datagrams().duplicateMessages()).isZero();
        assertThat(both.received().datagrams().reorderedMessages()).isZero();
        FlowTest.assertAllIntervals(settings, both.source().end());
        FlowTest.assertAllIntervals(settings, both.destination().end());
        AppliedOption segment = both.source().end().socketOptions().stream()
                .filter(option -> option.name().equals("UDP_SEGMENT"))
                .findFirst()
                .orElseThrow();
        boolean segmented = offload != DatagramSettings.Offload.OFF && 2 * bytes <= Datagrams.MAX_PAYLOAD_BYTES;
        assertThat(segment.effective()).isEqualTo(segmented ? Integer.toString(bytes) : "0");
    }

    @ParameterizedTest
    @CsvSource({
        "BLOCKING, 1, 24, 24", "EPOLL, 1, 24, 1000", "BUSY_POLL, 1, 24, 24", "IO_URING, 1, 24, 24",
        "BLOCKING, 64, 1000, 24", "EPOLL, 1024, 24, 24", "BUSY_POLL, 17, 100, 3000", "IO_URING, 64, 24, 24",
        "BLOCKING, 2, 65507, 65507"
    })
    void requestsAreAnsweredAndTimed(Engine engine, int outstanding, int request, int response) throws Exception {
        FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_REQUEST_RESPONSE)
                .engine(engine)
                .outstanding(outstanding)
                .messages(request, response)
                .build();
        Both both = run(settings).assertDone();

        assertAccounted(settings, both);
        assertThat(both.sent().transactions()).isPositive();
        assertThat(FlowTest.decode(both.source().end().roundTripHistogram()).getTotalCount())
                .isEqualTo(both.sent().transactions());
        assertThat(both.sent().transactions() + both.sent().datagrams().timedOutRequests())
                .isEqualTo(both.sent().datagrams().sentMessages());
        assertThat(both.sent().receivedBytes()).isEqualTo(both.sent().datagrams().receivedMessages() * response);
    }

    @ParameterizedTest
    @EnumSource(names = {"DATAGRAM_STREAM", "DATAGRAM_REQUEST_RESPONSE"})
    void aRelayThatDoesNoHarmLosesNothing(TrafficKind kind) throws Exception {
        try (LossyRelay relay = new LossyRelay("127.0.0.1", Harm.NONE, Harm.NONE)) {
            FlowSettings settings =
                    Settings.datagrams(kind).messages(SMALL, SMALL).pace(SLOW).outstanding(64).build();
            Both both = run(settings, "127.0.0.1", relay.ends()).assertDone();

            assertAccounted(settings, both);
            assertThat(both.received().datagrams().lostMessages()).isZero();
            assertThat(both.sent().datagrams().lostMessages()).isZero();
            assertThat(both.sent().datagrams().timedOutRequests()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"BLOCKING, 127.0.0.1", "EPOLL, ::1", "BUSY_POLL, 127.0.0.1", "IO_URING, ::1"})
    void whatIsLostRepeatedOrSwappedOnTheWayIsCounted(Engine engine, String address) throws Exception {
        try (LossyRelay relay = new LossyRelay(address, new Harm(10, 7, 31, 0), Harm.NONE)) {
            FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_STREAM)
                    .engine(engine)
                    .messages(SMALL, SMALL)
                    .pace(SLOW)
                    .times(400, 0, 100)
                    .build();
            Both both = run(settings, address, relay.ends()).assertDone();

            assertAccounted(settings, both);
            assertThat(relay.there.lost()).isPositive();
            assertThat(both.received().datagrams().lostMessages())
                    .isBetween(relay.there.lost(), relay.there.lost() + 1); // One may still be held back at the end.
            assertThat(both.received().datagrams().duplicateMessages()).isEqualTo(relay.there.repeated());
            assertThat(both.received().datagrams().reorderedMessages()).isEqualTo(relay.there.swapped());
            assertThat(both.received().datagrams().jitterNs()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aLostRequestOrResponseCostsATimeOutAndNoStall(Engine engine) throws Exception {
        Harm everyTenth = new Harm(10, 0, 0, 0);
        try (LossyRelay relay = new LossyRelay("127.0.0.1", everyTenth, everyTenth)) {
            FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_REQUEST_RESPONSE)
                    .engine(engine)
                    .outstanding(32)
                    // Long enough that on a busy machine none is late that was not lost, the last ones above all.
                    .datagrams(300, DatagramSettings.Offload.AUTO)
                    .times(1000, 0, 100)
                    .build();
            Both both = run(settings, "127.0.0.1", relay.ends()).assertDone();

            assertAccounted(settings, both);
            assertThat(relay.there.lost()).isPositive();
            assertThat(both.received().datagrams().lostMessages()).isEqualTo(relay.there.lost());
            assertThat(both.sent().datagrams().lostMessages()).isEqualTo(relay.back.lost());
            assertThat(both.sent().datagrams().timedOutRequests())
                    .isGreaterThanOrEqualTo(relay.there.lost() + relay.back.lost());
            assertThat(both.sent().transactions() + both.sent().datagrams().timedOutRequests())
                    .isEqualTo(both.sent().datagrams().sentMessages());
        }
    }

    @Test
    void aRepeatedRequestIsAnsweredOnceAndARepeatedResponseCountedOnce() throws Exception {
        Harm everyThirdTwice = new Harm(0, 3, 0, 0);
        try (LossyRelay relay = new LossyRelay("127.0.0.1", everyThirdTwice, everyThirdTwice)) {
            FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_REQUEST_RESPONSE)
                    .times(200, 0, 100)
                    .build();
            Both both = run(settings, "127.0.0.1", relay.ends()).assertDone();

            assertAccounted(settings, both);
            // The copy of the very last request, or response, may come when nobody listens any more.
            assertThat(both.received().datagrams().duplicateMessages())
                    .isBetween(relay.there.repeated() - 1, relay.there.repeated());
            assertThat(both.received().transactions()).isEqualTo(both.sent().transactions());
            assertThat(both.sent().datagrams().duplicateMessages())
                    .isBetween(relay.back.repeated() - 1, relay.back.repeated());
        }
    }

    @Test
    void aMeasuredWindowOfWhichNothingArrivesIsLostWhole() throws Exception {
        try (LossyRelay relay = new LossyRelay("127.0.0.1", new Harm(1, 0, 0, 0), Harm.NONE)) {
            FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_STREAM)
                    .pace(SLOW)
                    .times(200, 0, 100)
                    .build();
            Both both = run(settings, "127.0.0.1", relay.ends()).assertDone();

            assertThat(both.received().datagrams().receivedMessages()).isZero();
            assertThat(both.received().datagrams().lostMessages())
                    .isEqualTo(both.sent().datagrams().sentMessages())
                    .isPositive();
        }
    }

    @Test
    void wrongPayloadIsFoundAndLocated() throws Exception {
        try (LossyRelay relay = new LossyRelay("127.0.0.1", new Harm(0, 0, 0, 50), Harm.NONE)) {
            FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_STREAM)
                    .messages(SMALL, SMALL)
                    .pace(SLOW)
                    .times(300, 0, 100)
                    .build();
            EndReport end = run(settings, "127.0.0.1", relay.ends())
                    .assertDone()
                    .destination()
                    .end();

            assertThat(end.payloadErrors()).isBetween(1L, 2L);
            // The fiftieth message is number 49, and its last byte was changed.
            assertThat(end.firstPayloadErrorOffset()).isEqualTo(49L * SMALL + SMALL - 1);
        }
    }

    @Test
    void whatTheReceiveBufferDoesNotHoldIsLostAndTheKernelSaysSo() throws Exception {
        SocketOptions smallest = new SocketOptions(
                true, null, null, null, 1, null, null, null, null, null, null, null, null);
        FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_STREAM)
                .socket(smallest)
                .datagrams(1000, DatagramSettings.Offload.OFF)
                // No warm-up: what is dropped while the window begins is booked before it.
                .times(300, 0, 100)
                .build();
        Both both = run(settings).assertDone();

        assertAccounted(settings, both);
        assertThat(both.received().datagrams().lostMessages()).isPositive();
        assertThat(both.received().datagrams().bufferDrops())
                .isBetween(
                        both.received().datagrams().lostMessages() * 9 / 10,
                        both.received().datagrams().lostMessages() * 11 / 10 + 10);
    }

    @Test
    void strangersDatagramsAreCountedAndNothingElse() throws Exception {
        SocketPair datagrams = Loopback.udp("127.0.0.1");
        // The socket is connected, so a stranger has to be at the source's very port: a copy of its descriptor.
        FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_STREAM)
                .pace(SLOW)
                .times(60_000, 0, 100)
                .build();
        SocketPair copies = new SocketPair(copy(datagrams.first()), copy(datagrams.second()));
        begin(settings, "127.0.0.1", copies);
        destination.daemon().receive(FromWorker.Interval.class);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment garbage = arena.allocate(1000).fill((byte) 7);
            FlowSocket.send(datagrams.first(), garbage, 0, 1000, 0);
            FlowSocket.send(datagrams.first(), garbage, 0, 7, 0);
            FlowSocket.send(datagrams.first(), garbage, 0, 0, 0);
        }
        long foreign = 0;
        while (foreign < 3) {
            IntervalReport interval = destination.daemon().receive(FromWorker.Interval.class).report();
            foreign = interval.totalTraffic().datagrams().foreignMessages();
        }
        source.daemon().send(new ToWorker.Stop("seen enough"));
        destination.daemon().send(new ToWorker.Stop("seen enough"));
        EndReport sent = source.daemon().flown().end();
        EndReport received = destination.daemon().flown().end();
        Sockets.close(datagrams.first());
        Sockets.close(datagrams.second());

        // It may have heard of the end from its peer before.
        assertThat(received.outcome()).isIn(Outcome.STOPPED, Outcome.DONE);
        assertThat(received.measured().datagrams().foreignMessages()).isEqualTo(3);
        assertThat(received.measured().datagrams().receivedMessages())
                .isEqualTo(sent.measured().datagrams().sentMessages());
        assertThat(received.payloadErrors()).isZero();
    }

    /** The same socket under another number. */
    private static int copy(int fd) {
        SocketPair pair = UnixSeqpacket.pair();
        UnixSeqpacket.send(pair.first(), new byte[1], fd);
        try (Arena arena = Arena.ofConfined()) {
            return UnixSeqpacket.receive(pair.second(), arena.allocate(1))
                    .passedFd();
        } finally {
            Sockets.close(pair.first());
            Sockets.close(pair.second());
        }
    }

    @Test
    void aStopEndsBothAndKeepsTheAccount() throws Exception {
        FlowSettings settings = Settings.datagrams(TrafficKind.DATAGRAM_STREAM)
                .pace(SLOW)
                .times(60_000, 0, 100)
                .build();
        begin(settings, "127.0.0.1", Loopback.udp("127.0.0.1"));
        source.daemon().receive(FromWorker.Interval.class);
        source.daemon().send(new ToWorker.Stop("enough"));
        destination.daemon().send(new ToWorker.Stop("enough"));
        EndReport sent = source.daemon().flown().end();
        EndReport received = destination.daemon().flown().end();

        assertThat(sent.outcome()).isEqualTo(Outcome.STOPPED);
        // It may have heard of the end from its peer before.
        assertThat(received.outcome()).isIn(Outcome.STOPPED, Outcome.DONE);
        assertThat(received.measured().datagrams().receivedMessages())
                .isEqualTo(sent.measured().datagrams().sentMessages());
    }
}
