package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.flowlane.posix.KernelProbe;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.WorkerPair.Both;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a flow's socket can go through a ring by: many receives for one request, pinned buffers, no copy. */
final class RingModesTest {
    /** Enough that the rate is known, twice. */
    private static final int FAST_BYTES = 16 << 20;

    private static WorkerPair workers;

    @BeforeAll
    static void start() throws Exception {
        assumeThat(KernelProbe.ioUringMultishotReceive()).isEmpty();
        workers = WorkerPair.start();
    }

    @AfterAll
    static void stop() {
        if (workers != null) {
            workers.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "STREAM, 1, 65536, true, false, false", "STREAM, 1, 65536, false, true, false",
        "STREAM, 1, 65536, true, true, true", "STREAM, 1, 65536, true, false, true",
        "STREAM, 1, 1000, true, true, true",
        "STREAM, 1, 1048576, true, true, false", "REQUEST_RESPONSE, 1, 65536, true, false, false",
        "REQUEST_RESPONSE, 1, 65536, false, true, false", "REQUEST_RESPONSE, 1, 65536, true, true, true",
        "REQUEST_RESPONSE, 64, 65536, true, true, true", "REQUEST_RESPONSE, 64, 700, true, false, false",
        "REQUEST_RESPONSE, 64, 700, false, true, true", "BIDIRECTIONAL, 1, 65536, true, false, false",
        "BIDIRECTIONAL, 1, 65536, false, true, true", "BIDIRECTIONAL, 1, 1000, true, true, true"
    })
    void everyModeIsExactToTheByteAndIsReported(
            TrafficKind kind, int outstanding, int callBytes, boolean multishot, boolean registered, boolean zerocopy)
            throws Exception {
        FlowSettings settings = Settings.stream()
                .kind(kind)
                .engine(Engine.IO_URING)
                .ring(multishot, registered)
                .zerocopy(zerocopy)
                .outstanding(outstanding)
                .messages(3000, 20_000)
                .calls(callBytes, callBytes)
                .build();
        Both both = workers.run(settings);
        for (EndReport end : new EndReport[] {both.sourceEnd(), both.destinationEnd()}) {
            assertThat(end.message()).isNull();
            assertThat(end.outcome()).isEqualTo(Outcome.DONE);
            assertThat(end.payloadErrors()).isZero();
            assertThat(end.socketOptions())
                    .contains(
                            option("IORING_OP_SEND_ZC", zerocopy ? "true" : null, zerocopy),
                            option("IORING_RECV_MULTISHOT", Boolean.toString(multishot), multishot),
                            option("IORING_REGISTER_BUFFERS", Boolean.toString(registered), registered));
        }
        EndReport source = both.sourceEnd();
        EndReport destination = both.destinationEnd();
        assertThat(destination.measured().receivedBytes())
                .isPositive()
                .isEqualTo(source.measured().sentBytes());
        assertThat(source.measured().receivedBytes()).isEqualTo(destination.measured().sentBytes());
        assertThat(source.measured().zerocopyCompletions() > 0).isEqualTo(zerocopy);
        // Loopback hands the bytes to a receiver on this host, which the kernel never does without a copy.
        assertThat(source.measured().zerocopyCopies()).isEqualTo(source.measured().zerocopyCompletions());
    }

    private static AppliedOption option(String name, @Nullable String asked, boolean used) {
        return new AppliedOption(name, asked, Boolean.toString(used));
    }

    @Test
    void withoutAWordSendsWithoutACopyHaveRegisteredBuffersAndTheRestIsPlain() throws Exception {
        Both copying = workers.runClean(Settings.stream().engine(Engine.IO_URING).build());
        assertThat(copying.sourceEnd().socketOptions())
                .contains(option("IORING_OP_SEND_ZC", null, false), option("IORING_REGISTER_BUFFERS", null, false));
        assertThat(copying.sourceEnd().socketOptions())
                .anySatisfy(setup -> assertThat(setup.name()).isEqualTo("IORING_SETUP"));
        Both sparing = workers.runClean(
                Settings.stream().engine(Engine.IO_URING).zerocopy(true).build());
        assertThat(sparing.sourceEnd().socketOptions())
                .contains(option("IORING_OP_SEND_ZC", "true", true), option("IORING_REGISTER_BUFFERS", null, true));
    }

    /** Two requests for receives, and bytes of both in a buffer that the kernel picked. */
    @Test
    void aWrongByteInABufferThatTheKernelPickedIsLocated() throws Exception {
        SocketPair connection = Loopback.tcp();
        workers.destination()
                .assign(
                        new ToWorker.Assign(
                                "flow",
                                Role.DESTINATION,
                                Settings.stream()
                                        .engine(Engine.IO_URING)
                                        .ring(true, null)
                                        .calls(512, 512)
                                        .build(),
                                -1,
                                null),
                        connection.second());
        RawPeer peer = new RawPeer(connection.first());
        peer.settleAsSource();
        workers.destination().receive(FromWorker.Ready.class);
        workers.destination().send(new ToWorker.Start());
        byte[] bytes = RawPeer.pattern(0, 100_000);
        bytes[500] = Pattern.MARK;
        bytes[77_777] ^= 1;
        peer.write(bytes);
        peer.halfClose();
        EndReport end = workers.destination().flown().end();
        peer.close();
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.payloadErrors()).isEqualTo(1);
        assertThat(end.firstPayloadErrorOffset()).isEqualTo(77_777);
        assertThat(end.measured().receivedBytes()).isEqualTo(100_000 - 500);
        assertThat(end.measured().receiveCalls()).isPositive();
    }

    /** While a stream is fast the ring's receive waits for many bytes at a time. */
    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true"})
    void whatASourceSentBeforeItStalledIsReceivedWhileItStalls(boolean multishot, boolean registered)
            throws Exception {
        SocketPair connection = Loopback.tcp();
        FlowSettings settings =
                rings().ring(multishot, registered).times(60_000, 0, 20).build();
        workers.destination()
                .assign(new ToWorker.Assign("flow", Role.DESTINATION, settings, -1, null), connection.second());
        RawPeer peer = new RawPeer(connection.first());
        peer.settleAsSource();
        workers.destination().receive(FromWorker.Ready.class);
        workers.destination().send(new ToWorker.Start());
        byte[] bytes = RawPeer.pattern(0, FAST_BYTES);
        bytes[0] = Pattern.MARK;
        peer.write(bytes);
        peer.write(RawPeer.pattern(FAST_BYTES, 100));
        long received = 0;
        while (received < FAST_BYTES + 100) {
            received = workers.destination()
                    .receive(FromWorker.Interval.class)
                    .report()
                    .totalTraffic()
                    .receivedBytes();
        }
        peer.halfClose();
        EndReport end = workers.destination().flown().end();
        peer.close();
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.payloadErrors()).isZero();
        assertThat(end.measured().receivedBytes()).isEqualTo(FAST_BYTES + 100);
    }

    @Test
    void whatARingDoesNotDoIsRefusedByName() {
        assertThatThrownBy(() -> Settings.stream().ring(true, null).build()).hasMessageContaining("IO_URING");
        assertThatThrownBy(() -> rings().ring(null, true).truncate().build()).hasMessageContaining("truncateReceive");
        assertThatThrownBy(() -> rings().ring(true, null).calls(1 << 21, 1).build())
                .hasMessage("readBytes of multishotReceive is 2097152, allowed is 1 to 1048576");
        assertThatThrownBy(() -> rings().kind(TrafficKind.DATAGRAM_STREAM).ring(true, null).build())
                .hasMessage("DATAGRAM_STREAM does not go with a ring's settings");
        assertThatThrownBy(() -> rings()
                        .kind(TrafficKind.CONNECT_REQUEST_RESPONSE)
                        .ring(null, true)
                        .build())
                .hasMessage("CONNECT_REQUEST_RESPONSE does not go with a ring's settings");
    }

    private static Settings rings() {
        return Settings.stream().engine(Engine.IO_URING);
    }
}
