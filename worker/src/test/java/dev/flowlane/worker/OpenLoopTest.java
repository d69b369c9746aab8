package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.WorkerPair.Both;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Pace;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.Traffic;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.concurrent.locks.LockSupport;

/** Several requests at a time, and traffic at a pace, over loopback. */
final class OpenLoopTest {
    private static final Pace THOUSAND = new Pace(Pace.Arrival.CONSTANT, 1000, 1);

    private static WorkerPair workers;

    @BeforeAll
    static void start() throws Exception {
        workers = WorkerPair.start();
    }

    @AfterAll
    static void stop() {
        workers.close();
    }

    private static void assertTransactions(FlowSettings settings, Both both) throws Exception {
        FlowTest.assertTransactions(settings, both.source(), both.destination());
    }

    @ParameterizedTest
    @CsvSource({
        "BLOCKING, 64, 1, 1, 65536", "EPOLL, 64, 1, 1, 65536", "BUSY_POLL, 64, 1, 1, 65536", "BLOCKING, 2, 1, 1, 65536",
        "BLOCKING, 1024, 1, 1, 65536", "EPOLL, 17, 1000, 3, 700", "BUSY_POLL, 17, 3, 1000, 700",
        // More than all the socket buffers between hold, in both directions at once.
        "BLOCKING, 64, 300000, 300000, 65536", "EPOLL, 64, 300000, 300000, 65536",
        "BUSY_POLL, 64, 300000, 300000, 65536"
    })
    void severalRequestsAreUnderWayAndEachIsTimed(
            Engine engine, int outstanding, int request, int response, int callBytes) throws Exception {
        Settings asked = Settings.requests()
                .engine(engine)
                .outstanding(outstanding)
                .messages(request, response)
                .calls(callBytes, callBytes);
        Both both = withAnswersInTheWindow(asked);
        assertTransactions(asked.build(), both);
        assertThat(both.source().end().intendedRoundTripHistogram()).isNull();
        assertThat(both.source().end().dueNotSent()).isNull();
        Traffic sent = both.source().end().measured();
        if (request == 1 && outstanding > 2) {
            // What is there at once is sent and received at once.
            assertThat(sent.sendCalls()).isLessThan(sent.transactions());
        } else if (request == 1) {
            // Two may come and go one by one for ever; of those before the window some are answered in it.
            assertThat(sent.sendCalls()).isLessThanOrEqualTo(sent.transactions() + outstanding);
        }
    }

    /**
     * A flow that measured something: on a machine that is busy with other things, all that was sent in the warm-up may
     * still be on its way when a short window ends, or would end. Doubles the window until that is not so.
     */
    private static Both withAnswersInTheWindow(Settings asked) throws Exception {
        long windowMs = 300;
        FlowSettings settings = asked.times(windowMs, 100, 100).build();
        Both both = workers.run(settings);
        while (both.source().end().measured().transactions() == 0 && windowMs < 10_000) {
            windowMs *= 2;
            settings = asked.times(windowMs, 100, 100).build();
            both = workers.run(settings);
        }
        FlowTest.assertClean(settings, both.source());
        FlowTest.assertClean(settings, both.destination());
        return both;
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void requestsAreSentWhenTheyAreDueAndTimedFromThenToo(Engine engine) throws Exception {
        for (Pace.Arrival arrival : Pace.Arrival.values()) {
            FlowSettings settings = Settings.requests()
                    .engine(engine)
                    .pace(new Pace(arrival, 2000, 1))
                    .outstanding(1024)
                    .times(500, 50, 100)
                    .build();
            Both both = workers.runClean(settings);
            assertTransactions(settings, both);
            EndReport sent = both.source().end();
            assertThat(sent.dueNotSent()).isNotNull();
            long due = sent.measured().transactions() + sent.dueNotSent();
            switch (arrival) {
                case CONSTANT -> assertThat(due).isBetween(999L, 1001L);
                // Within five times its standard deviation of 32.
                case POISSON -> assertThat(due).isBetween(840L, 1160L);
            }
            assertThat(sent.windowNs()).isGreaterThanOrEqualTo(settings.durationNs());
            Histogram actual = FlowTest.decode(sent.roundTripHistogram());
            Histogram intended = FlowTest.decode(sent.intendedRoundTripHistogram());
            assertThat(intended.getTotalCount())
                    .isEqualTo(actual.getTotalCount())
                    .isEqualTo(sent.measured().transactions());
            // Nothing is sent before it is due.
            assertThat(intended.getValueAtPercentile(50)).isGreaterThanOrEqualTo(actual.getValueAtPercentile(50));
            assertThat(intended.getMaxValue()).isGreaterThanOrEqualTo(actual.getMaxValue());
            Histogram sum = IntervalSlot.newHistogram();
            for (IntervalReport interval : both.source().intervals()) {
                Histogram part = FlowTest.decode(interval.intendedRoundTripHistogram());
                assertThat(part.getTotalCount()).isEqualTo(interval.roundTrips());
                if (!interval.warmup()) {
                    sum.add(part);
                }
            }
            assertThat(sum).isEqualTo(intended);
            assertThat(both.destination().end().intendedRoundTripHistogram()).isNull();
        }
    }

    /**
     * One answer takes 200 ms: it held up some 200 requests, of which the actual send times know one, and others only
     * if the machine itself stalls for so long once more.
     */
    @Test
    void aStallCountsForEveryRequestThatItHeldUp() throws Exception {
        FlowSettings settings =
                Settings.requests().pace(THOUSAND).times(1000, 0, 1000).build();
        SocketPair connection = Loopback.tcp();
        workers.source().assign(new ToWorker.Assign("stall", Role.SOURCE, settings, -1, null), connection.first());
        RawPeer peer = new RawPeer(connection.second());
        peer.settleAsDestination();
        workers.source().receive(FromWorker.Ready.class);
        workers.source().send(new ToWorker.Start());
        long requests = 0;
        while (peer.read(1).length == 1) {
            if (++requests == 100) {
                long untilNs = System.nanoTime() + 200_000_000;
                while (System.nanoTime() - untilNs < 0) {
                    LockSupport.parkNanos(untilNs - System.nanoTime());
                }
            }
            peer.write(RawPeer.pattern(requests - 1, 1));
        }
        peer.close();
        EndReport end = workers.source().flown().end();

        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        Histogram actual = FlowTest.decode(end.roundTripHistogram());
        Histogram intended = FlowTest.decode(end.intendedRoundTripHistogram());
        assertThat(intended.getMaxValue()).isGreaterThan(199_000_000);
        assertThat(end.dueNotSent()).isNotNull();
        assertThat(intended.getTotalCount() + end.dueNotSent()).isBetween(999L, 1001L);
        assertThat(intended.getCountBetweenValues(50_000_000, Long.MAX_VALUE / 2)).isGreaterThan(140);
        assertThat(actual.getCountBetweenValues(190_000_000, Long.MAX_VALUE / 2)).isBetween(1L, 5L);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aStreamKeepsItsPace(Engine engine) throws Exception {
        FlowSettings settings = Settings.stream()
                .engine(engine)
                .pace(THOUSAND)
                .calls(65_536, 1000)
                .times(500, 100, 100)
                .build();
        Both both = workers.runClean(settings);
        EndReport sent = both.source().end();
        assertThat(sent.dueNotSent()).isNotNull();
        assertThat(sent.measured().sentBytes() + sent.dueNotSent() * 1000).isBetween(499_000L, 501_000L);
        assertThat(sent.measured().sentBytes())
                .isEqualTo(both.destination().end().measured().receivedBytes());
        assertThat(sent.windowNs()).isGreaterThanOrEqualTo(settings.durationNs());
        assertThat(sent.roundTripHistogram()).isNull();
        assertThat(sent.intendedRoundTripHistogram()).isNull();
        for (IntervalReport interval : both.source().intervals()) {
            assertThat(interval.intendedRoundTripHistogram()).isEqualTo(Bytes.empty());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aBurstOfRequestsIsSentAtOnceAndAllOfItTimedFromWhenItWasDue(Engine engine) throws Exception {
        FlowSettings settings = Settings.requests()
                .engine(engine)
                .pace(new Pace(Pace.Arrival.CONSTANT, 2000, 1, 50))
                .outstanding(1024)
                .times(500, 50, 100)
                .build();
        Both both = workers.runClean(settings);
        assertTransactions(settings, both);
        EndReport sent = both.source().end();
        assertThat(sent.dueNotSent()).isNotNull();
        assertThat(sent.measured().transactions() + sent.dueNotSent()).isEqualTo(1000);
        assertThat(FlowTest.decode(sent.intendedRoundTripHistogram()).getTotalCount())
                .isEqualTo(sent.measured().transactions());
        // 20 bursts in the window: one call each, and a few for what a starved source had to split.
        assertThat(sent.measured().sendCalls()).isLessThan(200);
    }

    @Test
    void aStreamKeepsItsPaceInBursts() throws Exception {
        FlowSettings settings = Settings.stream()
                .pace(new Pace(Pace.Arrival.CONSTANT, 1000, 1, 10))
                .calls(65_536, 1000)
                .times(500, 100, 100)
                .build();
        Both both = workers.runClean(settings);
        EndReport sent = both.source().end();
        assertThat(sent.dueNotSent()).isNotNull();
        assertThat(sent.measured().sentBytes() + sent.dueNotSent() * 1000).isEqualTo(500_000);
    }

    @Test
    void aStreamThatCannotKeepUpEndsInTimeAllTheSame() throws Exception {
        FlowSettings settings = Settings.stream()
                .pace(new Pace(Pace.Arrival.CONSTANT, 1e7, 1))
                .build();
        Both both = workers.runClean(settings);
        assertThat(both.source().end().dueNotSent()).isNotNull().isGreaterThan(1_000_000);
        assertThat(both.source().end().measured().sentBytes())
                .isPositive()
                .isEqualTo(both.destination().end().measured().receivedBytes());
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void stopEndsAnIdleFlowAtOnce(Engine engine) throws Exception {
        FlowSettings settings = Settings.requests()
                .engine(engine)
                .pace(new Pace(Pace.Arrival.CONSTANT, 0.001, 1))
                .times(60_000, 0, 100)
                .build();
        SocketPair connection = Loopback.tcp();
        workers.source().assign(new ToWorker.Assign("idle", Role.SOURCE, settings, -1, null), connection.first());
        workers.destination()
                .assign(new ToWorker.Assign("idle", Role.DESTINATION, settings, -1, null), connection.second());
        workers.source().receive(FromWorker.Ready.class);
        workers.destination().receive(FromWorker.Ready.class);
        workers.source().send(new ToWorker.Start());
        workers.source().receive(FromWorker.Interval.class);
        workers.source().send(new ToWorker.Stop("enough"));

        EndReport sent = workers.source().flown().end();
        EndReport received = workers.destination().flown().end();

        assertThat(sent.outcome()).isEqualTo(Outcome.STOPPED);
        assertThat(sent.measured().transactions()).isEqualTo(1);
        assertThat(received.outcome()).isEqualTo(Outcome.DONE);
    }
}
