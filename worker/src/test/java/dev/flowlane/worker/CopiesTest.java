package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.flowlane.posix.KernelProbe;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.TcpOptions;
import dev.flowlane.worker.WorkerPair.Both;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.Traffic;
import dev.flowlane.worker.protocol.TrafficKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.concurrent.locks.LockSupport;

/** Copies that the kernel is spared: MSG_TRUNC and MSG_ZEROCOPY, over loopback. */
final class CopiesTest {
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
        Both both = workers.runClean(settings);
        assertThat(both.destination().end().measured().receivedBytes())
                .isPositive()
                .isEqualTo(both.source().end().measured().sentBytes());
        return both;
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void whatIsTruncatedIsCountedToTheByteAndTheMarkIsFoundAllTheSame(Engine engine) throws Exception {
        run(Settings.stream().engine(engine).truncate().build());
        FlowSettings requests = Settings.requests()
                .engine(engine)
                .truncate()
                .messages(5000, 70_000)
                .calls(4096, 65_536)
                .build();
        Both both = run(requests);
        FlowTest.assertTransactions(requests, both.source(), both.destination());
    }

    /** The receiver's own bytes are what it was given before the window: nothing was written over them in it. */
    @Test
    void aPeerThatSendsGarbageInTheWindowIsNotNoticedWhenItIsTruncated() throws Exception {
        SocketPair connection = Loopback.tcp();
        workers.destination()
                .assign(
                        new ToWorker.Assign("flow", Role.DESTINATION, Settings.stream().truncate().build(), -1, null),
                        connection.second());
        RawPeer peer = new RawPeer(connection.first());
        peer.settleAsSource();
        workers.destination().receive(FromWorker.Ready.class);
        workers.destination().send(new ToWorker.Start());
        byte[] bytes = RawPeer.pattern(0, 1000);
        bytes[500] = 0;
        peer.write(bytes);
        workers.destination().receive(FromWorker.Interval.class);
        peer.write(new byte[10_000]);
        peer.halfClose();
        EndReport end = workers.destination().flown().end();
        peer.close();

        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.payloadErrors()).isZero();
        assertThat(end.measured().receivedBytes()).isEqualTo(500 + 10_000);
    }

    @ParameterizedTest
    @CsvSource({
        "STREAM, BLOCKING, 1", "STREAM, EPOLL, 1", "STREAM, BUSY_POLL, 1", "REQUEST_RESPONSE, BLOCKING, 1",
        "REQUEST_RESPONSE, EPOLL, 1", "REQUEST_RESPONSE, BUSY_POLL, 1", "REQUEST_RESPONSE, BLOCKING, 64",
        "STREAM, IO_URING, 1", "REQUEST_RESPONSE, IO_URING, 1", "REQUEST_RESPONSE, IO_URING, 64"
    })
    void completionsOfZeroCopyAreCountedAndSoIsWhatWasCopiedAfterAll(TrafficKind kind, Engine engine, int outstanding)
            throws Exception {
        FlowSettings settings = Settings.stream()
                .kind(kind)
                .engine(engine)
                .outstanding(outstanding)
                .messages(20_000, 20_000)
                .zerocopy(true)
                .build();
        Both both = run(settings);
        Traffic sent = both.source().end().measured();
        assertThat(sent.zerocopyCompletions()).isPositive();
        Traffic all = both.source().end().warmup().plus(sent);
        assertThat(all.zerocopyCompletions()).isLessThanOrEqualTo(all.sendCalls());
        // Loopback hands the pages to a receiver on this host, which the kernel never lets happen without a copy.
        assertThat(sent.zerocopyCopies()).isEqualTo(sent.zerocopyCompletions());
        if (kind == TrafficKind.REQUEST_RESPONSE) {
            FlowTest.assertTransactions(settings, both.source(), both.destination());
            assertThat(both.destination().end().measured().zerocopyCompletions()).isPositive();
        }
    }

    /** On loopback payload lies in whole pages where the kernel had to copy what was sent without a copy. */
    @ParameterizedTest
    @EnumSource(value = Engine.class, names = "IO_URING", mode = EnumSource.Mode.EXCLUDE)
    void whatIsMappedIsComparedAndCountedToTheByte(Engine engine) throws Exception {
        assumeThat(KernelProbe.zerocopyReceive()).isEmpty();
        FlowSettings settings = Settings.stream()
                .engine(engine)
                .zerocopy(true)
                .zerocopyReceive()
                .calls(1 << 20, 1 << 20)
                .build();
        Both both = run(settings);
        Traffic received = both.destination().end().measured();
        assertThat(received.mappedBytes()).isPositive().isLessThanOrEqualTo(received.receivedBytes());
        assertThat(both.source().end().measured().mappedBytes()).isZero();
    }

    /** What cannot be mapped is copied, chunk by chunk. */
    @Test
    void ordinarySendsArriveAllTheSame() throws Exception {
        assumeThat(KernelProbe.zerocopyReceive()).isEmpty();
        Both both = run(Settings.stream().zerocopyReceive().build());
        Traffic received = both.destination().end().measured();
        assertThat(received.mappedBytes()).isLessThanOrEqualTo(received.receivedBytes());
        assertThat(run(Settings.stream().build()).destination().end().measured().mappedBytes())
                .isZero();
    }

    /** A page that was mapped is looked at like any other. */
    @Test
    void wrongPayloadIsLocatedInMappedPages() throws Exception {
        assumeThat(KernelProbe.zerocopyReceive()).isEmpty();
        SocketPair connection = Loopback.tcp();
        FlowSettings settings = Settings.stream().zerocopyReceive().build();
        workers.destination()
                .assign(
                        new ToWorker.Assign("flow", Role.DESTINATION, settings, -1, null), connection.second());
        TcpOptions.setZerocopy(connection.first(), true);
        RawPeer peer = new RawPeer(connection.first());
        peer.settleAsSource();
        workers.destination().receive(FromWorker.Ready.class);
        workers.destination().send(new ToWorker.Start());
        byte[] bytes = RawPeer.pattern(0, 300_000);
        bytes[100] = 0;
        bytes[250_000] ^= 64;
        peer.writeWithoutCopy(bytes);
        peer.halfClose();
        EndReport end = workers.destination().flown().end();
        peer.close();

        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.measured().receivedBytes()).isEqualTo(300_000 - 100);
        assertThat(end.warmup().receivedBytes()).isEqualTo(100);
        assertThat(end.measured().mappedBytes() + end.warmup().mappedBytes()).isPositive();
        assertThat(end.payloadErrors()).isEqualTo(1);
        assertThat(end.firstPayloadErrorOffset()).isEqualTo(250_000);
    }

    @Test
    void requestsAreNotMapped() {
        Settings requests = Settings.requests().zerocopyReceive();
        assertThatThrownBy(requests::build)
                .hasMessage("zerocopyReceive goes with STREAM, without truncateReceive, tls and IO_URING only");
    }

    /** Whether this machine has some reserved is its own matter: either way there is a clear word. */
    @Test
    void buffersLieInHugePagesOrTheFlowDoesNotBegin() throws Exception {
        FlowSettings settings =
                Settings.stream().hugePages().calls(1 << 20, 100_000).build();
        boolean reserved = KernelProbe.hugePages().isEmpty();
        SocketPair connection = Loopback.tcp();
        workers.source().assign(new ToWorker.Assign("huge", Role.SOURCE, settings, -1, null), connection.first());
        if (!reserved) {
            EndReport end = workers.source().flown().end();
            assertThat(end.outcome()).isEqualTo(Outcome.ERROR);
            assertThat(end.message()).startsWith("mmap: E").endsWith(" huge pages of 2 MiB");
            Sockets.close(connection.second());
            return;
        }
        RawPeer peer = new RawPeer(connection.second());
        peer.settleAsDestination();
        workers.source().receive(FromWorker.Ready.class);
        workers.source().send(new ToWorker.Start());
        while (peer.read(65_536).length > 0) {
            // until end of file
        }
        peer.close();
        EndReport end = workers.source().flown().end();
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.socketOptions()).contains(new AppliedOption("MAP_HUGETLB", "true", Integer.toString(2 << 20)));
    }

    @Test
    void withoutZeroCopyThereAreNoCompletions() throws Exception {
        Traffic sent = run(Settings.stream().build()).source().end().measured();
        assertThat(sent.zerocopyCompletions()).isZero();
        assertThat(sent.zerocopyCopies()).isZero();
    }

    /** Sends are under way, and stay so, when the measured window is to begin and when it is to end. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void theMarkIsWhereTheWindowBeginsHoweverLongSendsTake(Engine engine) throws Exception {
        FlowSettings settings =
                Settings.stream().engine(engine).times(1000, 50, 50).build();
        SocketPair connection = Loopback.tcp();
        workers.source().assign(new ToWorker.Assign("slow", Role.SOURCE, settings, -1, null), connection.first());
        RawPeer peer = new RawPeer(connection.second());
        peer.settleAsDestination();
        workers.source().receive(FromWorker.Ready.class);
        workers.source().send(new ToWorker.Start());
        // Nothing is read until the first interval of the measured window should be over.
        workers.source().receive(FromWorker.Interval.class);
        long untilNs = System.nanoTime() + 100_000_000;
        while (System.nanoTime() - untilNs < 0) {
            LockSupport.parkNanos(untilNs - System.nanoTime());
        }
        long marks = 0;
        long markAt = -1;
        long total = 0;
        for (byte[] bytes = peer.read(65_536); bytes.length > 0; bytes = peer.read(65_536)) {
            for (byte value : bytes) {
                if (value == 0) {
                    marks++;
                    markAt = total;
                }
                total++;
            }
        }
        peer.close();
        EndReport end = workers.source().flown().end();

        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(marks).isEqualTo(1);
        assertThat(markAt).isEqualTo(end.warmup().sentBytes());
        // And it went on when there was room again.
        assertThat(total - markAt).isGreaterThan(1_000_000).isEqualTo(end.measured().sentBytes());
    }

    @Test
    void whatIsTruncatedCannotBeValidated() {
        Settings both = Settings.stream().truncate().validate(true);
        assertThatThrownBy(both::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("truncateReceive leaves nothing for validatePayload to compare");
    }
}
