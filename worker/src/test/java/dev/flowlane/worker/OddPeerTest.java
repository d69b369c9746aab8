package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;

/** One end is a worker, the other a plain socket in the hands of the test: marks, faults, silence. */
final class OddPeerTest {
    private static InProcessWorker worker;

    @BeforeAll
    static void start() throws Exception {
        worker = InProcessWorker.start();
    }

    @AfterAll
    static void stop() {
        worker.close();
    }

    /** The worker is the destination. */
    private static RawPeer source(FlowSettings settings) throws Exception {
        SocketPair connection = Loopback.tcp();
        worker.daemon()
                .assign(new ToWorker.Assign("odd", Role.DESTINATION, settings, -1, null), connection.second());
        RawPeer peer = new RawPeer(connection.first());
        peer.settleAsSource();
        worker.daemon().receive(FromWorker.Ready.class);
        worker.daemon().send(new ToWorker.Start());
        return peer;
    }

    /** The worker is the source. */
    private static RawPeer destination(FlowSettings settings) throws Exception {
        SocketPair connection = Loopback.tcp();
        worker.daemon().assign(new ToWorker.Assign("odd", Role.SOURCE, settings, -1, null), connection.first());
        RawPeer peer = new RawPeer(connection.second());
        peer.settleAsDestination();
        worker.daemon().receive(FromWorker.Ready.class);
        worker.daemon().send(new ToWorker.Start());
        return peer;
    }

    private static byte[] marked(int length, int mark) {
        byte[] bytes = RawPeer.pattern(0, length);
        bytes[mark] = 0;
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "0, 65536, 70000",
        "1, 65536, 70000",
        "254, 1, 1000",
        "255, 7, 256",
        "256, 7, 1",
        "4095, 4096, 4096",
        "4096, 4096, 333",
        "65535, 65536, 70000",
        "65536, 65536, 1",
        "100001, 100000, 50000"
    })
    void theMarkIsFoundToTheByte(int mark, int readBytes, int pieceBytes) throws Exception {
        int length = mark + 77_777;
        FlowSettings settings =
                Settings.stream().times(300, mark == 0 ? 0 : 100, 100).calls(readBytes, 1).build();
        RawPeer peer = source(settings);
        peer.write(marked(length, mark), pieceBytes);
        peer.halfClose();
        EndReport end = worker.daemon().flown().end();
        peer.close();
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.warmup().receivedBytes()).isEqualTo(mark);
        assertThat(end.measured().receivedBytes()).isEqualTo(length - mark);
        assertThat(end.payloadErrors()).isZero();
        assertThat(end.firstPayloadErrorOffset()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 500, 9_999, 10_001, 30_000, 69_999})
    void aWrongByteIsCountedAndLocated(int wrong) throws Exception {
        byte[] bytes = marked(70_000, 10_000);
        bytes[wrong] ^= 0x40;
        RawPeer peer = source(Settings.stream().build());
        peer.write(bytes);
        peer.halfClose();
        DaemonEnd.Flown flown = worker.daemon().flown();
        peer.close();
        EndReport end = flown.end();
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.payloadErrors()).isEqualTo(1);
        assertThat(end.warmup().payloadErrors()).isEqualTo(wrong < 10_000 ? 1 : 0);
        assertThat(end.firstPayloadErrorOffset()).isEqualTo(wrong);
        assertThat(flown.intervals().stream()
                        .mapToLong(interval -> interval.traffic().payloadErrors())
                        .sum())
                .isEqualTo(1);
        assertThat(end.warmup().receivedBytes()).isEqualTo(10_000);
        assertThat(end.measured().receivedBytes()).isEqualTo(60_000);
    }

    @Test
    void aWrongByteInTheWindowIsNotLookedForWithoutValidation() throws Exception {
        byte[] bytes = marked(70_000, 10_000);
        bytes[30_000] ^= 0x40;
        RawPeer peer = source(Settings.stream().validate(false).build());
        peer.write(bytes);
        peer.halfClose();
        EndReport end = worker.daemon().flown().end();
        peer.close();
        assertThat(end.payloadErrors()).isZero();
    }

    @Test
    void aWrongResponseIsCountedAtTheSource() throws Exception {
        FlowSettings settings =
                Settings.requests().messages(4, 10).times(60_000, 0, 100).build();
        RawPeer peer = destination(settings);
        assertThat(peer.read(4)).containsExactly(0, 2, 3, 4);
        peer.write(RawPeer.pattern(0, 10));
        assertThat(peer.read(4)).containsExactly(5, 6, 7, 8);
        byte[] wrong = RawPeer.pattern(10, 10);
        wrong[6] = 99;
        peer.write(wrong);
        worker.daemon().send(new ToWorker.Stop("seen enough"));
        // Stop takes its time: some more requests may come before the half-close.
        long transactions = 2;
        for (byte[] request = peer.read(4); request.length == 4; request = peer.read(4)) {
            assertThat(request).isEqualTo(RawPeer.pattern(transactions * 4, 4));
            peer.write(RawPeer.pattern(transactions * 10, 10));
            transactions++;
        }
        peer.close();
        EndReport end = worker.daemon().flown().end();
        assertThat(end.outcome()).isEqualTo(Outcome.STOPPED);
        assertThat(end.payloadErrors()).isEqualTo(1);
        assertThat(end.firstPayloadErrorOffset()).isEqualTo(16);
        assertThat(end.measured().transactions()).isEqualTo(transactions);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aSilentPeerDoesNotKeepIntervalsFromBeingCut(Engine engine) throws Exception {
        FlowSettings settings = Settings.requests()
                .engine(engine)
                .times(300, 0, 100)
                .timeouts(200, 30_000)
                .build();
        long askedNs = System.nanoTime();
        RawPeer peer = destination(settings);
        assertThat(peer.read(1)).containsExactly(0);
        for (int seq = 0; seq < 2; seq++) {
            IntervalReport interval = worker.daemon().receive(FromWorker.Interval.class).report();
            assertThat(interval.seq()).isEqualTo(seq);
            assertThat(interval.traffic().receivedBytes()).isZero();
        }
        assertThat(System.nanoTime() - askedNs).isGreaterThanOrEqualTo(190_000_000);
        EndReport end = worker.daemon().flown().end();
        peer.close();
        assertThat(end.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(end.message()).contains("no progress for 200 ms");
        assertThat(end.intervalsCut()).isEqualTo(3);
        assertThat(end.measured().sentBytes()).isEqualTo(1);
        assertThat(end.measured().transactions()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aPeerThatFallsSilentInTheWarmupIsGivenUp(Engine engine) throws Exception {
        FlowSettings settings = Settings.requests()
                .engine(engine)
                .times(100, 100, 100)
                .timeouts(200, 30_000)
                .build();
        RawPeer peer = destination(settings);
        EndReport end = worker.daemon().flown().end();
        peer.close();
        assertThat(end.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(end.windowNs()).isZero();
        assertThat(end.warmup().sentBytes()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aDestinationThatNeverReadsMakesTheSourceTimeOut(Engine engine) throws Exception {
        FlowSettings settings =
                Settings.stream().engine(engine).timeouts(300, 30_000).build();
        RawPeer peer = destination(settings);
        DaemonEnd.Flown flown = worker.daemon().flown();
        peer.close();
        assertThat(flown.end().outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(flown.end().message()).contains("did not close within 300 ms").contains("not acknowledged");
        assertThat(flown.intervals()).hasSize(4);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aSourceThatNeverSendsMakesTheDestinationTimeOut(Engine engine) throws Exception {
        FlowSettings settings = Settings.stream()
                .engine(engine)
                .times(100, 0, 100)
                .timeouts(200, 30_000)
                .build();
        RawPeer peer = source(settings);
        DaemonEnd.Flown flown = worker.daemon().flown();
        peer.close();
        assertThat(flown.end().outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(flown.end().trafficStartedWallNs()).isZero();
        assertThat(flown.intervals()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aSilentSourceDoesNotKeepIntervalsFromBeingCut(Engine engine) throws Exception {
        FlowSettings settings =
                Settings.stream().engine(engine).times(10_000, 0, 50).build();
        RawPeer peer = source(settings);
        peer.write(marked(1000, 0));
        for (int seq = 0; seq < 5; seq++) {
            IntervalReport interval = worker.daemon().receive(FromWorker.Interval.class).report();
            assertThat(interval.seq()).isEqualTo(seq);
            assertThat(interval.traffic().receivedBytes()).isEqualTo(seq == 0 ? 1000 : 0);
        }
        peer.halfClose();
        EndReport end = worker.daemon().flown().end();
        peer.close();
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.intervalsCut()).isLessThan(end.intervalsExpected());
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void aResetIsPeerGone(Role role) throws Exception {
        FlowSettings settings = Settings.stream().times(20_000, 0, 100).build();
        RawPeer peer = role == Role.SOURCE ? destination(settings) : source(settings);
        if (role == Role.SOURCE) {
            peer.read(100_000);
        } else {
            peer.write(marked(100_000, 0));
        }
        peer.reset();
        EndReport end = worker.daemon().flown().end();
        assertThat(end.outcome()).isEqualTo(Outcome.PEER_GONE);
        assertThat(end.message()).containsAnyOf("ECONNRESET", "EPIPE");
        assertThat(end.intervalsCut()).isPositive();
    }

    @Test
    void anEarlyEndOfFileIsPeerGoneAtTheSource() throws Exception {
        RawPeer peer = destination(Settings.requests().times(20_000, 0, 100).build());
        peer.read(1);
        peer.write(RawPeer.pattern(0, 1));
        peer.read(1);
        peer.halfClose();
        EndReport end = worker.daemon().flown().end();
        peer.close();
        assertThat(end.outcome()).isEqualTo(Outcome.PEER_GONE);
        assertThat(end.message()).isEqualTo("peer closed the connection before the flow's time was up");
        assertThat(end.measured().transactions()).isEqualTo(1);
    }

    @Test
    void anEndOfFileBeforeTheMarkIsPeerGoneAtTheDestination() throws Exception {
        RawPeer peer = source(Settings.stream().build());
        peer.write(RawPeer.pattern(0, 5000));
        peer.close();
        DaemonEnd.Flown flown = worker.daemon().flown();
        assertThat(flown.end().outcome()).isEqualTo(Outcome.PEER_GONE);
        assertThat(flown.end().message()).contains("before its measured window began");
        assertThat(flown.end().warmup().receivedBytes()).isEqualTo(5000);
        assertThat(flown.end().windowStartedWallNs()).isZero();
        assertThat(flown.intervals()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aStoppedDestinationDrainsNoLongerThanItsTimeout(Engine engine) throws Exception {
        FlowSettings settings = Settings.stream()
                .engine(engine)
                .times(60_000, 0, 60_000)
                .timeouts(300, 30_000)
                .build();
        RawPeer peer = source(settings);
        peer.write(marked(1000, 0));
        worker.daemon().send(new ToWorker.Stop("source is lost"));
        EndReport end = worker.daemon().flown().end();
        peer.close();
        assertThat(end.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(end.message()).isEqualTo("stopped (source is lost), but no end of file within 300 ms");
        assertThat(end.measured().receivedBytes()).isEqualTo(1000);
    }

    @Test
    void aStoppedDestinationThatReachesTheEndWasStopped() throws Exception {
        RawPeer peer = source(Settings.stream().times(60_000, 0, 60_000).build());
        peer.write(marked(1000, 0));
        worker.daemon().send(new ToWorker.Stop("cancelled"));
        peer.halfClose();
        EndReport end = worker.daemon().flown().end();
        peer.close();
        assertThat(end.outcome()).isIn(Outcome.STOPPED, Outcome.DONE);
    }

    @Test
    void aPeerThatDoesNotSettleIsGivenUp() throws Exception {
        SocketPair connection = Loopback.tcp();
        FlowSettings settings = Settings.stream().timeouts(1000, 150).build();
        worker.daemon().assign(new ToWorker.Assign("odd", Role.SOURCE, settings, -1, null), connection.first());
        EndReport end = worker.daemon().flown().end();
        assertThat(end.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(end.message()).isEqualTo("peer did not settle within 150 ms");
        new RawPeer(connection.second()).close();
    }

    @Test
    void aPeerThatClosesWhileSettlingIsGone() throws Exception {
        SocketPair connection = Loopback.tcp();
        FlowSettings settings = Settings.stream().build();
        worker.daemon()
                .assign(new ToWorker.Assign("odd", Role.DESTINATION, settings, -1, null), connection.second());
        new RawPeer(connection.first()).close();
        EndReport end = worker.daemon().flown().end();
        assertThat(end.outcome()).isEqualTo(Outcome.PEER_GONE);
        assertThat(end.message()).contains("while settling");
    }

    @Test
    void aCpuThatCannotBeHadIsAnErrorThatNamesTheCall() throws Exception {
        SocketPair connection = Loopback.tcp();
        worker.daemon()
                .assign(
                        new ToWorker.Assign("odd", Role.SOURCE, Settings.stream().build(), 1000, null),
                        connection.first());
        EndReport end = worker.daemon().flown().end();
        assertThat(end.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(end.message()).contains("sched_setaffinity").contains("EINVAL").contains("1000");
        new RawPeer(connection.second()).close();
    }

    @Test
    void anAssignmentWithoutSocketIsAnError() throws Exception {
        worker.daemon()
                .assign(new ToWorker.Assign("odd", Role.SOURCE, Settings.stream().build(), -1, null), -1);
        EndReport end = worker.daemon().receive(FromWorker.Ended.class).report();
        assertThat(end.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(end.message()).isEqualTo("no socket came with the assignment");
    }

    @Test
    void whatADaemonDoesNotReadIsDroppedAndCountedAndTheTotalsStayExact() throws Exception {
        FlowSettings settings = Settings.stream().times(3000, 0, 1).build();
        RawPeer peer = source(settings);
        byte[] payload = marked(1_000_000, 0);
        peer.write(Arrays.copyOf(payload, 500_000));
        // Nobody reads what the worker says until its socket buffer and its ring are full.
        long untilNs = System.nanoTime() + 2_000_000_000L;
        while (System.nanoTime() < untilNs) {
            Thread.onSpinWait();
        }
        peer.write(Arrays.copyOfRange(payload, 500_000, 1_000_000));
        peer.halfClose();
        DaemonEnd.Flown flown = worker.daemon().flown();
        peer.close();
        EndReport end = flown.end();
        List<IntervalReport> intervals = flown.intervals();
        assertThat(end.intervalsDropped()).isPositive();
        assertThat(intervals).hasSize(end.intervalsCut() - end.intervalsDropped());
        assertThat(end.measured().receivedBytes()).isEqualTo(1_000_000);
        for (int i = 1; i < intervals.size(); i++) {
            IntervalReport before = intervals.get(i - 1);
            IntervalReport interval = intervals.get(i);
            int missing = interval.seq() - before.seq() - 1;
            assertThat(interval.droppedIntervals() - before.droppedIntervals()).isEqualTo(missing);
        }
    }
}
