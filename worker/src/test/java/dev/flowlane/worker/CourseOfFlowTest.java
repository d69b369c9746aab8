package dev.flowlane.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flowlane.worker.WorkerPair.Both;
import dev.flowlane.worker.protocol.Course;
import dev.flowlane.worker.protocol.CpuConnections;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.PortRange;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.Traffic;
import dev.flowlane.worker.protocol.TrafficKind;
import dev.flowlane.worker.protocol.WindowEnd;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Scanner;
import java.util.stream.Stream;

/** Limits in bytes and messages, reverse and bidirectional traffic, connections by the thousand; over loopback. */
final class CourseOfFlowTest {
    private static final long TEN_SECONDS_MS = 10_000;

    private static WorkerPair workers;

    @BeforeAll
    static void start() throws Exception {
        workers = WorkerPair.start();
    }

    @AfterAll
    static void stop() {
        workers.close();
    }

    private static Both run(FlowSettings settings) throws Exception {
        Both both = workers.run(settings);
        assertDone(settings, both.source());
        assertDone(settings, both.destination());
        return both;
    }

    private static void assertDone(FlowSettings settings, DaemonEnd.Flown flown) {
        EndReport end = flown.end();
        assertThat(end.message()).isNull();
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.payloadErrors()).isZero();
        if (settings.course().limited()) {
            assertThat(end.intervalsCut()).isEqualTo(end.intervalsExpected());
        } else {
            FlowTest.assertAllIntervals(settings, end);
        }
        assertThat(flown.intervals()).hasSize(end.intervalsCut());
        Traffic all = Traffic.NONE;
        for (IntervalReport interval : flown.intervals()) {
            all = all.plus(interval.traffic());
        }
        assertThat(all).isEqualTo(end.warmup().plus(end.measured()));
    }

    /** Each direction to the byte, in the warm-up and in the measured window. */
    private static void assertBytes(Both both) {
        assertThat(both.destinationEnd().measured().receivedBytes())
                .isEqualTo(both.sourceEnd().measured().sentBytes());
        assertThat(both.sourceEnd().measured().receivedBytes())
                .isEqualTo(both.destinationEnd().measured().sentBytes());
        assertThat(both.destinationEnd().warmup().receivedBytes())
                .isEqualTo(both.sourceEnd().warmup().sentBytes());
        assertThat(both.sourceEnd().warmup().receivedBytes())
                .isEqualTo(both.destinationEnd().warmup().sentBytes());
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aStreamEndsAfterItsBytesLongBeforeItsTime(Engine engine) throws Exception {
        long most = 3_000_001;
        Both both = run(Settings.stream()
                .engine(engine)
                .times(TEN_SECONDS_MS, 50, 100)
                .course(new Course(false, most, 0, false, null))
                .build());
        assertThat(both.sourceEnd().measured().sentBytes()).isEqualTo(most);
        assertBytes(both);
        assertThat(both.sourceEnd().ofKind().windowEnd()).isEqualTo(WindowEnd.BYTES);
        assertThat(both.destinationEnd().ofKind().windowEnd()).isNull();
        assertThat(both.sourceEnd().windowNs()).isLessThan(TEN_SECONDS_MS * 1_000_000 / 2);
    }

    @Test
    void aPacedStreamEndsAfterItsWrites() throws Exception {
        Both both = run(Settings.stream()
                .pace(new Pace(Pace.Arrival.CONSTANT, 500, 1))
                .calls(1000, 1000)
                .times(TEN_SECONDS_MS, 0, 100)
                .course(new Course(false, 0, 40, false, null))
                .build());
        assertThat(both.sourceEnd().measured().sentBytes()).isEqualTo(40_000);
        assertBytes(both);
        assertThat(both.sourceEnd().ofKind().windowEnd()).isEqualTo(WindowEnd.MESSAGES);
        assertThat(both.sourceEnd().dueNotSent()).isZero();
        // The first write is due at once: 39 times 2 ms come after it.
        assertThat(both.sourceEnd().windowNs()).isGreaterThanOrEqualTo(77_000_000);
    }

    @ParameterizedTest
    @CsvSource({
        "BLOCKING, 1", "EPOLL, 1", "BUSY_POLL, 1", "IO_URING, 1", "BLOCKING, 64", "EPOLL, 17", "BUSY_POLL, 64",
        "IO_URING, 64"
    })
    void requestsEndAfterTheirNumber(Engine engine, int outstanding) throws Exception {
        Both both = run(Settings.requests()
                .engine(engine)
                .outstanding(outstanding)
                .times(TEN_SECONDS_MS, 20, 100)
                .course(new Course(false, 0, 1000, false, null))
                .build());
        assertThat(both.sourceEnd().measured().transactions())
                .isEqualTo(both.destinationEnd().measured().transactions())
                .isEqualTo(1000);
        assertBytes(both);
        assertThat(both.sourceEnd().ofKind().windowEnd()).isEqualTo(WindowEnd.MESSAGES);
    }

    @Test
    void whatIsNotReachedInTimeEndsByTime() throws Exception {
        Both both = run(Settings.stream()
                .times(200, 0, 100)
                .course(new Course(false, Course.MOST, 0, false, null))
                .build());
        assertThat(both.sourceEnd().ofKind().windowEnd()).isEqualTo(WindowEnd.DURATION);
        assertBytes(both);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aReverseStreamGoesFromTheEndThatWasConnectedTo(Engine engine) throws Exception {
        Both both = run(Settings.stream()
                .engine(engine)
                .course(new Course(true, 0, 0, false, null))
                .build());
        assertBytes(both);
        assertThat(both.sourceEnd().measured().sentBytes()).isZero();
        assertThat(both.sourceEnd().measured().receivedBytes()).isPositive();
        assertThat(both.sourceEnd().role()).isEqualTo(Role.SOURCE);
        assertThat(both.destinationEnd().ofKind().windowEnd()).isEqualTo(WindowEnd.DURATION);
    }

    @Test
    void ofReverseRequestsTheDestinationTimesTheRoundTrips() throws Exception {
        Both both = run(
                Settings.requests().course(new Course(true, 0, 0, false, null)).build());
        assertBytes(both);
        assertThat(both.sourceEnd().roundTripHistogram()).isNull();
        assertThat(FlowTest.decode(both.destinationEnd().roundTripHistogram()).getTotalCount())
                .isEqualTo(both.destinationEnd().measured().transactions())
                .isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "BLOCKING, 100, 65536", "EPOLL, 100, 65536", "BUSY_POLL, 100, 65536", "IO_URING, 100, 65536", "BLOCKING, 0, 1",
        "EPOLL, 0, 1000", "BUSY_POLL, 0, 65536", "IO_URING, 0, 65536"
    })
    void bothDirectionsOfABidirectionalFlowAreExactToTheByte(Engine engine, long warmupMs, int callBytes)
            throws Exception {
        FlowSettings settings = Settings.stream()
                .kind(TrafficKind.BIDIRECTIONAL)
                .engine(engine)
                .calls(callBytes, callBytes)
                .times(300, warmupMs, 100)
                .build();
        Both both = run(settings);
        assertBytes(both);
        for (EndReport end : new EndReport[] {both.sourceEnd(), both.destinationEnd()}) {
            assertThat(end.measured().sentBytes()).isPositive();
            assertThat(end.measured().receivedBytes()).isPositive();
            assertThat(end.warmup().sentBytes() > 0).isEqualTo(warmupMs > 0);
            assertThat(end.ofKind().windowEnd()).isEqualTo(WindowEnd.DURATION);
            assertThat(end.ofKind().receiveWindowNs()).isPositive();
            assertThat(end.windowNs()).isPositive();
        }
    }

    @Test
    void eachDirectionOfABidirectionalFlowEndsAfterItsBytes() throws Exception {
        Both both = run(Settings.stream()
                .kind(TrafficKind.BIDIRECTIONAL)
                .times(TEN_SECONDS_MS, 20, 100)
                .course(new Course(false, 5_000_000, 0, false, null))
                .build());
        assertBytes(both);
        assertThat(both.sourceEnd().measured().sentBytes()).isEqualTo(5_000_000);
        assertThat(both.destinationEnd().measured().sentBytes()).isEqualTo(5_000_000);
        assertThat(both.sourceEnd().ofKind().windowEnd()).isEqualTo(WindowEnd.BYTES);
        assertThat(both.destinationEnd().ofKind().windowEnd()).isEqualTo(WindowEnd.BYTES);
    }

    @Test
    void aBidirectionalFlowWithoutCopiesIsExactToo() throws Exception {
        assertBytes(run(Settings.stream()
                .kind(TrafficKind.BIDIRECTIONAL)
                .zerocopy(true)
                .truncate()
                .build()));
    }

    static Stream<Arguments> kindsAndEngines() {
        return Arrays.stream(TrafficKind.values())
                .flatMap(kind -> Arrays.stream(Engine.values()).map(engine -> Arguments.of(kind, engine)));
    }

    @ParameterizedTest
    @MethodSource("kindsAndEngines")
    void everyKindRunsOnEveryEngine(TrafficKind kind, Engine engine) throws Exception {
        Both both = run(Settings.stream().kind(kind).engine(engine).build());
        if (kind.datagrams()) {
            // The first ones find room in the buffer, whenever the destination comes to them.
            EndReport end = both.destinationEnd();
            assertThat(end.warmup().plus(end.measured()).receivedBytes()).isPositive();
        } else {
            assertThat(both.destinationEnd().measured().receivedBytes()).isPositive();
            assertBytes(both);
        }
        if (kind.timed()) {
            assertThat(FlowTest.decode(both.sourceEnd().roundTripHistogram()).getTotalCount())
                    .isEqualTo(both.sourceEnd().measured().transactions())
                    .isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("kindsAndEngines")
    void everyKindStopsWhenItIsTold(TrafficKind kind, Engine engine) throws Exception {
        workers.begin(Settings.stream()
                .kind(kind)
                .engine(engine)
                .times(60_000, 20, 20)
                .build());
        workers.source().receive(FromWorker.Interval.class);
        workers.destination().receive(FromWorker.Interval.class);
        workers.source().send(new ToWorker.Stop("seen enough"));
        workers.destination().send(new ToWorker.Stop("seen enough"));
        assertThat(workers.source().flown().end().outcome()).isEqualTo(Outcome.STOPPED);
        // It may have heard of the end from its peer before.
        assertThat(workers.destination().flown().end().outcome()).isIn(Outcome.STOPPED, Outcome.DONE);
    }

    @ParameterizedTest
    @CsvSource({
        "BLOCKING, 1, 1, 65536, false", "EPOLL, 1, 1, 65536, false", "BUSY_POLL, 1, 1, 65536, false",
        "BLOCKING, 1, 1, 65536, true", "BUSY_POLL, 1, 1, 65536, true", "EPOLL, 100000, 300000, 4096, false",
        "BLOCKING, 4096, 4096, 700, true", "IO_URING, 1, 1, 65536, false", "IO_URING, 1, 1, 65536, true",
        "IO_URING, 100000, 300000, 4096, false", "IO_URING, 4096, 4096, 700, true"
    })
    void everyRequestHasAConnectionOfItsOwn(
            Engine engine, int request, int response, int callBytes, boolean resetClose) throws Exception {
        FlowSettings settings = Settings.connections()
                .engine(engine)
                .messages(request, response)
                .calls(callBytes, callBytes)
                .course(new Course(false, 0, 0, resetClose, null))
                .build();
        Both both = run(settings);
        assertBytes(both);
        Traffic asked = both.sourceEnd().measured();
        assertThat(asked.transactions())
                .isPositive()
                .isEqualTo(both.destinationEnd().measured().transactions());
        assertThat(asked.sentBytes()).isEqualTo(asked.transactions() * request);
        assertThat(asked.receivedBytes()).isEqualTo(asked.transactions() * response);
        assertThat(asked.failedConnections()).isZero();
        assertThat(FlowTest.decode(both.sourceEnd().roundTripHistogram()).getTotalCount())
                .isEqualTo(asked.transactions());
        assertThat(connections(both.sourceEnd())).isEqualTo(asked.transactions());
        assertThat(connections(both.destinationEnd())).isEqualTo(asked.transactions());
        // Of a connection that carries nothing there is nothing to tell.
        assertThat(both.sourceEnd().tcp().smoothedRttNs()).isNull();
    }

    private static long connections(EndReport end) {
        return end.ofKind().connections().stream()
                .mapToLong(CpuConnections::connections)
                .sum();
    }

    /** One of two ports is somebody else's: every other connection finds none, is counted, and the flow goes on. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void connectionsComeFromThePortsThatAreNamedAndWhatFindsNoneIsCounted(Engine engine) throws Exception {
        try (ServerSocket taken = beforeAFreePort()) {
            int port = taken.getLocalPort();
            Both both = run(Settings.connections()
                    .engine(engine)
                    .course(new Course(false, 0, 0, false, new PortRange(port, port + 1)))
                    .build());
            Traffic asked = both.sourceEnd().measured();
            assertBytes(both);
            assertThat(asked.portlessConnections()).isPositive().isEqualTo(asked.failedConnections());
            assertThat(asked.transactions()).isCloseTo(asked.portlessConnections(), within(1L));
        }
    }

    /**
     * A port that is taken before one that is free and stays so: outside what the kernel gives away by itself, or the
     * flow's own connection or listener may get it.
     */
    private static ServerSocket beforeAFreePort() throws IOException {
        int firstEphemeral;
        // In one read: the kernel gives numbers of sysctl to the first one only.
        try (Scanner range = new Scanner(new FileInputStream("/proc/sys/net/ipv4/ip_local_port_range"), US_ASCII)) {
            firstEphemeral = range.nextInt();
        }
        for (int port = firstEphemeral - 2; port > 1_023; port -= 2) {
            try (ServerSocket _ = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress())) {
                return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
            } catch (BindException e) {
                // Somebody's: the next two.
            }
        }
        throw new IOException("no two free ports below " + firstEphemeral);
    }

    @Test
    void aFlowWithoutAnyPortCountsAndEndsInTime() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            workers.begin(Settings.connections()
                    .times(200, 0, 100)
                    .course(new Course(false, 0, 0, false, new PortRange(port, port)))
                    .build());
            EndReport end = workers.source().flown().end();
            workers.destination().flown();
            assertThat(end.outcome()).isEqualTo(Outcome.DONE);
            assertThat(end.measured().transactions()).isZero();
            assertThat(end.measured().portlessConnections()).isPositive();
            assertThat(end.windowNs()).isLessThan(25_000_000_000L);
        }
    }

    @Test
    void connectionsEndAfterTheirNumber() throws Exception {
        Both both = run(Settings.connections()
                .times(TEN_SECONDS_MS, 20, 100)
                .course(new Course(false, 0, 100, false, null))
                .build());
        assertThat(both.sourceEnd().measured().transactions()).isEqualTo(100);
        assertThat(both.sourceEnd().ofKind().windowEnd()).isEqualTo(WindowEnd.MESSAGES);
        assertBytes(both);
    }

    /** The listener goes with the destination's worker; what the source tries then fails, is counted, and ends. */
    @Test
    void aDestinationThatGoesLeavesFailedConnectionsAndNoStall() throws Exception {
        workers.begin(Settings.connections()
                .times(4000, 0, 100)
                .timeouts(500, 30_000)
                .build());
        workers.source().receive(FromWorker.Interval.class);
        workers.destination().send(new ToWorker.Stop("gone"));
        EndReport stopped = workers.destination().flown().end();
        EndReport end = workers.source().flown().end();
        assertThat(stopped.outcome()).isIn(Outcome.STOPPED, Outcome.TIMED_OUT);
        assertThat(end.measured().failedConnections()).isPositive();
        assertThat(end.windowNs()).isLessThan(25_000_000_000L);
    }
}
