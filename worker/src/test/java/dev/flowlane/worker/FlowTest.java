package dev.flowlane.worker;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.ConnectOptions;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.Traffic;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Both ends of a flow are workers, over loopback: what a clean run looks like, with every engine. */
final class FlowTest {
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

    private record Both(DaemonEnd.Flown source, DaemonEnd.Flown destination) {}

    private static void assign(FlowSettings settings) throws Exception {
        assign(settings, Loopback.tcp());
    }

    private static void assign(FlowSettings settings, SocketPair connection) throws Exception {
        source.daemon()
                .assign(new ToWorker.Assign("flow", Role.SOURCE, settings, -1, null), connection.first());
        destination
                .daemon()
                .assign(new ToWorker.Assign("flow", Role.DESTINATION, settings, -1, null), connection.second());
        source.daemon().receive(FromWorker.Ready.class);
        destination.daemon().receive(FromWorker.Ready.class);
    }

    private static Both run(FlowSettings settings) throws Exception {
        assign(settings);
        return go();
    }

    private static Both go() throws Exception {
        destination.daemon().send(new ToWorker.Start());
        source.daemon().send(new ToWorker.Start());
        return new Both(source.daemon().flown(), destination.daemon().flown());
    }

    static void assertClean(FlowSettings settings, DaemonEnd.Flown flown) {
        EndReport end = flown.end();
        assertThat(end.message()).isNull();
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.payloadErrors()).isZero();
        assertThat(end.firstPayloadErrorOffset()).isNull();
        assertThat(end.intervalsDropped()).isZero();
        int expected = settings.warmupIntervals() + settings.measuredIntervals();
        assertThat(end.intervalsExpected()).isEqualTo(expected);
        assertAllIntervals(settings, end);
        assertThat(flown.intervals()).hasSize(end.intervalsCut());
        assertIntervalsAddUp(settings, flown);
    }

    /**
     * Who sends goes by its own clock. A receiver that was kept from its CPU at the beginning of so short a flow has
     * seen a shorter window, and must have the intervals of what it saw.
     */
    static void assertAllIntervals(FlowSettings settings, EndReport end) {
        long seen = settings.course().traffic(end.role()) == Role.SOURCE
                ? settings.measuredIntervals()
                : Math.min(settings.measuredIntervals(), Math.ceilDiv(end.windowNs(), settings.intervalNs()));
        assertThat(end.measuredIntervalsCut()).isBetween((int) seen, settings.measuredIntervals());
        assertThat(end.intervalsCut()).isEqualTo(settings.warmupIntervals() + end.measuredIntervalsCut());
    }

    private static void assertIntervalsAddUp(FlowSettings settings, DaemonEnd.Flown flown) {
        Traffic warmup = Traffic.NONE;
        Traffic measured = Traffic.NONE;
        long wallNs = 0;
        for (int seq = 0; seq < flown.intervals().size(); seq++) {
            IntervalReport interval = flown.intervals().get(seq);
            assertThat(interval.seq()).isEqualTo(seq);
            assertThat(interval.warmup()).isEqualTo(seq < settings.warmupIntervals());
            if (interval.warmup()) {
                warmup = warmup.plus(interval.traffic());
            } else {
                measured = measured.plus(interval.traffic());
            }
            assertThat(interval.totalTraffic()).isEqualTo(warmup.plus(measured));
            assertThat(interval.startedWallNs()).isGreaterThanOrEqualTo(wallNs);
            wallNs = interval.endedWallNs();
            assertThat(wallNs).isGreaterThanOrEqualTo(interval.startedWallNs());
            assertThat(interval.intervalNs()).isPositive();
            assertThat(interval.tcpInfo().size()).isGreaterThan(100);
            assertThat(interval.lane().applicationCpus()).isNotEmpty();
            assertThat(interval.lane().affinityCpus()).isNotEmpty();
            assertThat(interval.cpus()).isNotEmpty();
        }
        assertThat(flown.end().warmup()).isEqualTo(warmup);
        assertThat(flown.end().measured()).isEqualTo(measured);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void whatAStreamSendsIsWhatItReceives(Engine engine) throws Exception {
        FlowSettings settings = Settings.stream().engine(engine).build();
        Both both = run(settings);
        assertClean(settings, both.source());
        assertClean(settings, both.destination());
        EndReport sent = both.source().end();
        EndReport received = both.destination().end();
        assertThat(received.measured().receivedBytes())
                .isPositive()
                .isEqualTo(sent.measured().sentBytes());
        assertThat(received.warmup().receivedBytes())
                .isPositive()
                .isEqualTo(sent.warmup().sentBytes());
        assertThat(sent.measured().receivedBytes()).isZero();
        assertThat(received.measured().sentBytes()).isZero();
        assertThat(sent.windowNs()).isBetween(settings.durationNs(), settings.durationNs() * 100);
        assertThat(sent.roundTripHistogram()).isNull();
        assertThat(sent.tcp().retransmittedSegments()).isNotNull();
        assertThat(sent.tcp().smoothedRttNs()).isPositive();
        assertThat(sent.windowStartedWallNs()).isGreaterThan(sent.trafficStartedWallNs());
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void everyRequestIsAnsweredAndTimed(Engine engine) throws Exception {
        FlowSettings settings = Settings.requests().engine(engine).build();
        Both both = run(settings);
        assertClean(settings, both.source());
        assertClean(settings, both.destination());
        assertTransactions(settings, both.source(), both.destination());
    }

    @ParameterizedTest
    @CsvSource({"1000, 70000, 4096, 700", "70000, 1, 65536, 65536", "3, 200000, 100000, 100000"})
    void requestsAndResponsesMayTakeManyCalls(int request, int response, int read, int write) throws Exception {
        FlowSettings settings = Settings.requests()
                .messages(request, response)
                .calls(read, write)
                .build();
        Both both = run(settings);
        assertClean(settings, both.source());
        assertClean(settings, both.destination());
        assertTransactions(settings, both.source(), both.destination());
    }

    static void assertTransactions(FlowSettings settings, DaemonEnd.Flown source, DaemonEnd.Flown destination)
            throws Exception {
        Traffic asked = source.end().measured();
        Traffic answered = destination.end().measured();
        assertThat(asked.transactions()).isPositive().isEqualTo(answered.transactions());
        assertThat(source.end().warmup().transactions())
                .isEqualTo(destination.end().warmup().transactions());
        assertThat(asked.sentBytes())
                .isEqualTo(answered.receivedBytes())
                .isEqualTo(asked.transactions() * settings.requestBytes());
        assertThat(answered.sentBytes())
                .isEqualTo(asked.receivedBytes())
                .isEqualTo(asked.transactions() * settings.responseBytes());

        Histogram sum = IntervalSlot.newHistogram();
        for (IntervalReport interval : source.intervals()) {
            Histogram roundTrips = decode(interval.roundTripHistogram());
            assertThat(roundTrips.getTotalCount())
                    .isEqualTo(interval.roundTrips())
                    .isEqualTo(interval.traffic().transactions());
            if (!interval.warmup()) {
                sum.add(roundTrips);
            }
        }
        Bytes total = source.end().roundTripHistogram();
        assertThat(total).isNotNull();
        assertThat(decode(total)).isEqualTo(sum);
        assertThat(sum.getTotalCount()).isEqualTo(asked.transactions());
        assertThat(destination.end().roundTripHistogram()).isNull();
    }

    static Histogram decode(@Nullable Bytes bytes) throws Exception {
        assertThat(bytes).isNotNull();
        return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes.toArray()), 1);
    }

    @ParameterizedTest
    @CsvSource({"200, 0, 100", "250, 150, 100", "50, 30, 200", "120, 40, 25"})
    void bothEndsHaveAllIntervalsHoweverTheTimesDivide(long duration, long warmup, long interval) throws Exception {
        for (Settings kind : List.of(Settings.stream(), Settings.requests())) {
            FlowSettings settings = kind.times(duration, warmup, interval).build();
            Both both = run(settings);
            assertClean(settings, both.source());
            assertClean(settings, both.destination());
            assertThat(both.destination().end().warmup().receivedBytes())
                    .isEqualTo(both.source().end().warmup().sentBytes());
        }
    }

    @Test
    void largeCallsAreGivenBackAfterTheFlow() throws Exception {
        FlowSettings large = Settings.stream().calls(1 << 20, 1 << 20).build();
        assertClean(large, run(large).destination());
        FlowSettings usual = Settings.stream().build();
        assertClean(usual, run(usual).destination());
    }

    @Test
    void aStreamIsTheSameWithoutValidation() throws Exception {
        FlowSettings settings = Settings.stream().validate(false).build();
        Both both = run(settings);
        assertClean(settings, both.destination());
        assertThat(both.destination().end().measured().receivedBytes())
                .isEqualTo(both.source().end().measured().sentBytes());
    }

    @Test
    void aSourceMayStartBeforeItsDestination() throws Exception {
        FlowSettings settings = Settings.requests().build();
        assign(settings);
        source.daemon().send(new ToWorker.Start());
        DaemonEnd.Flown sent = source.daemon().flown();
        DaemonEnd.Flown received = destination.daemon().flown();
        assertClean(settings, sent);
        assertClean(settings, received);
        // Late, but it must do no harm to a worker without a flow.
        destination.daemon().send(new ToWorker.Start());
        destination.daemon().send(new ToWorker.Stop("late"));
        assertClean(settings, run(settings).destination());
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void stopEndsAFlowAtOnceAndNothingIsLost(Engine engine) throws Exception {
        FlowSettings settings =
                Settings.requests().engine(engine).times(60_000, 0, 100).build();
        assign(settings);
        destination.daemon().send(new ToWorker.Start());
        source.daemon().send(new ToWorker.Start());
        source.daemon().receive(FromWorker.Interval.class);
        long stoppedNs = System.nanoTime();
        source.daemon().send(new ToWorker.Stop("enough"));
        EndReport sent = source.daemon().flown().end();
        EndReport received = destination.daemon().flown().end();
        // Long before the flow's time is up, or a time-out.
        assertThat(System.nanoTime() - stoppedNs).isLessThan(25_000_000_000L);
        assertThat(sent.outcome()).isEqualTo(Outcome.STOPPED);
        assertThat(sent.message()).isEqualTo("enough");
        assertThat(received.outcome()).isEqualTo(Outcome.DONE);
        assertThat(received.measured().receivedBytes())
                .isEqualTo(sent.measured().sentBytes());
        assertThat(received.measured().transactions())
                .isEqualTo(sent.measured().transactions());
        assertThat(sent.intervalsCut()).isLessThan(sent.intervalsExpected());
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void stopBeforeStartIsSaidAtOnce(Role role) throws Exception {
        InProcessWorker stopped = role == Role.SOURCE ? source : destination;
        InProcessWorker other = role == Role.SOURCE ? destination : source;
        assign(Settings.stream().build());
        stopped.daemon().send(new ToWorker.Stop("changed my mind"));
        EndReport end = stopped.daemon().flown().end();
        assertThat(end.outcome()).isEqualTo(Outcome.NEVER_STARTED);
        assertThat(end.message()).isEqualTo("changed my mind");
        assertThat(end.intervalsCut()).isZero();
        other.daemon().send(new ToWorker.Stop("changed my mind"));
        assertThat(other.daemon().flown().end().outcome()).isIn(Outcome.NEVER_STARTED, Outcome.PEER_GONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void whatBecameOfEveryOptionIsReportedAtBothEnds(String address) throws Exception {
        boolean v6 = address.contains(":");
        SocketOptions asked = new SocketOptions(
                false, "reno", 1_000_000_000L, 100_000, 200_000, 1400, 10, v6 ? 0x12345 : null, true, 4000, 65_536,
                "lo", "lo");
        ConnectOptions before = new ConnectOptions(
                asked.maxSegmentBytes(),
                asked.sendBufferBytes(),
                asked.receiveBufferBytes(),
                asked.congestionControl(),
                asked.dscp(),
                asked.flowLabel(),
                asked.sourceDevice());
        FlowSettings settings = Settings.requests().socket(asked).build();
        assign(settings, Loopback.tcp(address, before));
        Both both = go();

        assertClean(settings, both.source());
        assertClean(settings, both.destination());
        for (EndReport end : List.of(both.source().end(), both.destination().end())) {
            Map<String, AppliedOption> options =
                    end.socketOptions().stream().collect(toMap(AppliedOption::name, option -> option));
            assertThat(options).containsEntry("TCP_NODELAY", new AppliedOption("TCP_NODELAY", "false", "false"));
            assertThat(options).containsEntry("TCP_CONGESTION", new AppliedOption("TCP_CONGESTION", "reno", "reno"));
            assertThat(options).containsEntry("DSCP", new AppliedOption("DSCP", "10", "10"));
            assertThat(options).containsEntry("SO_BINDTODEVICE", new AppliedOption("SO_BINDTODEVICE", "lo", "lo"));
            assertThat(options)
                    .containsEntry("TCP_USER_TIMEOUT", new AppliedOption("TCP_USER_TIMEOUT", "4000", "4000"));
            assertThat(options)
                    .containsEntry("TCP_NOTSENT_LOWAT", new AppliedOption("TCP_NOTSENT_LOWAT", "65536", "65536"));
            assertThat(options)
                    .containsEntry(
                            "SO_MAX_PACING_RATE", new AppliedOption("SO_MAX_PACING_RATE", "1000000000", "1000000000"));
            // Doubled by the kernel for its overhead.
            assertThat(options).containsEntry("SO_SNDBUF", new AppliedOption("SO_SNDBUF", "100000", "200000"));
            assertThat(options).containsEntry("SO_RCVBUF", new AppliedOption("SO_RCVBUF", "200000", "400000"));
            String label = v6 ? Integer.toString(0x12345) : null;
            assertThat(options).containsEntry("IPV6_FLOWLABEL", new AppliedOption("IPV6_FLOWLABEL", label, label));
            assertThat(options.get("TCP_MAXSEG")).isNotNull().satisfies(option -> {
                assertThat(option.asked()).isEqualTo("1400");
                // Less what the timestamps take.
                assertThat(option.effective()).isBetween("1300", "1400");
            });
            assertThat(options.get("TCP_QUICKACK")).isNotNull().satisfies(option -> {
                assertThat(option.asked()).isEqualTo("true");
                assertThat(option.effective()).isIn("true", "false");
            });
        }
    }

    @Test
    void anOptionThatTheKernelRefusesEndsTheFlowByName() throws Exception {
        SocketOptions asked = new SocketOptions(
                true, null, null, null, null, null, null, null, null, null, null, null, "no-such-dev");
        SocketPair connection = Loopback.tcp();
        destination.daemon().assign(
                new ToWorker.Assign("flow", Role.DESTINATION, Settings.stream().socket(asked).build(), -1, null),
                connection.second());

        EndReport end = destination.daemon().flown().end();

        Sockets.close(connection.first());
        assertThat(end.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(end.message()).isEqualTo("setsockopt(SO_BINDTODEVICE): ENODEV no-such-dev");
    }
}
