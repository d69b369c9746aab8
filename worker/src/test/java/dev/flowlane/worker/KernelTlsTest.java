package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.Course;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TlsSettings;
import dev.flowlane.worker.protocol.ToWorker;
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
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Flows whose bytes the kernel encrypts and decrypts. Skipped where the kernel has no TLS; {@link KernelTlsIT} runs the
 * same tests under a kernel that has.
 */
final class KernelTlsTest {
    /** The others are not encrypted. */
    private static final List<TrafficKind> KINDS =
            List.of(TrafficKind.STREAM, TrafficKind.REQUEST_RESPONSE, TrafficKind.BIDIRECTIONAL);

    /** Each ends in the midst of something else. */
    private static final int SHORT_FLOWS = 4;

    private static InProcessWorker source;
    private static InProcessWorker destination;

    @BeforeAll
    static void start() throws Exception {
        assumeThat(Files.readString(Path.of("/proc/sys/net/ipv4/tcp_available_ulp")).split("\\s+"))
                .as("this kernel has no TLS (modprobe tls)")
                .contains("tls");
        source = InProcessWorker.start();
        destination = InProcessWorker.start();
    }

    @AfterAll
    static void stop() {
        if (source != null) {
            source.close();
            destination.close();
        }
    }

    private record Both(DaemonEnd.Flown source, DaemonEnd.Flown destination) {}

    private static TlsSettings both(TlsSettings.Version version, TlsSettings.Cipher cipher) {
        return new TlsSettings(TlsSettings.Directions.BOTH, version, cipher, false);
    }

    private static TlsSettings oneWay(TlsSettings.Directions directions) {
        return new TlsSettings(directions, TlsRecords.VERSION, TlsRecords.CIPHER, false);
    }

    private static FlowSecret anySecret() {
        byte[] secret = new byte[FlowSecret.SIZE_BYTES];
        new SecureRandom().nextBytes(secret);
        return new FlowSecret(Bytes.copyOf(secret));
    }

    private static Both run(FlowSettings settings) throws Exception {
        SocketPair connection = Loopback.tcp();
        FlowSecret secret = anySecret();
        source.daemon()
                .assign(
                        new ToWorker.Assign("flow", Role.SOURCE, settings, -1, null, secret),
                        connection.first());
        destination
                .daemon()
                .assign(
                        new ToWorker.Assign("flow", Role.DESTINATION, settings, -1, null, secret),
                        connection.second());
        source.daemon().receive(FromWorker.Ready.class);
        destination.daemon().receive(FromWorker.Ready.class);
        destination.daemon().send(new ToWorker.Start());
        source.daemon().send(new ToWorker.Start());
        return new Both(source.daemon().flown(), destination.daemon().flown());
    }

    private static Both runClean(FlowSettings settings) throws Exception {
        Both both = run(settings);
        FlowTest.assertClean(settings, both.source());
        FlowTest.assertClean(settings, both.destination());
        assertThat(both.destination().end().measured().receivedBytes())
                .isPositive()
                .isEqualTo(both.source().end().measured().sentBytes());
        assertThat(both.source().end().measured().receivedBytes())
                .isEqualTo(both.destination().end().measured().sentBytes());
        if (settings.kind() == TrafficKind.REQUEST_RESPONSE) {
            FlowTest.assertTransactions(settings, both.source(), both.destination());
        }
        return both;
    }

    static Stream<Arguments> suites() {
        return Arrays.stream(TlsSettings.Version.values())
                .flatMap(version -> Arrays.stream(TlsSettings.Cipher.values())
                        .flatMap(cipher -> KINDS.stream()
                                .map(kind -> Arguments.of(version, cipher, kind))));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void payloadArrivesAsItWasSent(TlsSettings.Version version, TlsSettings.Cipher cipher, TrafficKind kind)
            throws Exception {
        Both both = runClean(Settings.stream()
                .kind(kind)
                .messages(3000, 20_000)
                .tls(both(version, cipher))
                .build());
        String suite = (version == TlsSettings.Version.TLS_1_2 ? "1.2 " : "1.3 ")
                + cipher.name().toLowerCase(Locale.ROOT).replace('_', '-');
        for (EndReport end : List.of(both.source().end(), both.destination().end())) {
            assertThat(end.socketOptions())
                    .contains(new AppliedOption("TLS_TX", suite, suite), new AppliedOption("TLS_RX", suite, suite));
        }
    }

    static Stream<Arguments> engines() {
        return Arrays.stream(Engine.values())
                .flatMap(engine -> KINDS.stream().map(kind -> Arguments.of(engine, kind)));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void everyEngineCarriesIt(Engine engine, TrafficKind kind) throws Exception {
        runClean(Settings.stream()
                .engine(engine)
                .kind(kind)
                .tls(both(TlsRecords.VERSION, TlsRecords.CIPHER))
                .build());
    }

    static Stream<Arguments> sendersAtWill() {
        return engines().filter(arguments -> arguments.get()[1] != TrafficKind.REQUEST_RESPONSE);
    }

    /** A call that does not wait, or is interrupted, may leave a record half sent, which has to be out at the end. */
    @ParameterizedTest
    @MethodSource("sendersAtWill")
    void theLastRecordIsWholeHoweverLittleRoomThereIs(Engine engine, TrafficKind kind) throws Exception {
        SocketOptions narrow = new SocketOptions(
                true, null, null, 40_000, null, null, null, null, null, null, null, null, null);
        for (int i = 0; i < SHORT_FLOWS; i++) {
            runClean(Settings.stream()
                    .kind(kind)
                    .engine(engine)
                    .socket(narrow)
                    .times(30 + i, 5, 50)
                    .tls(both(TlsRecords.VERSION, TlsRecords.CIPHER))
                    .build());
        }
    }

    /** Of a flow that ends by bytes the one that is held back is among them. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 1_000_000})
    void bothDirectionsEndAtTheByte(long bytes) throws Exception {
        Both both = run(Settings.stream()
                .kind(TrafficKind.BIDIRECTIONAL)
                .course(new Course(false, bytes, 0, false, null))
                .times(10_000, 5, 500)
                .tls(both(TlsRecords.VERSION, TlsRecords.CIPHER))
                .build());
        assertDone(both);
        for (EndReport end : List.of(both.source().end(), both.destination().end())) {
            assertThat(end.measured().sentBytes()).isEqualTo(bytes);
            assertThat(end.measured().receivedBytes()).isEqualTo(bytes);
        }
    }

    private static void assertDone(Both both) {
        for (EndReport end : List.of(both.source().end(), both.destination().end())) {
            assertThat(end.message()).isNull();
            assertThat(end.outcome()).isEqualTo(Outcome.DONE);
            assertThat(end.payloadErrors()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"BLOCKING, 1, 0", "EPOLL, 2, 0", "BUSY_POLL, 1000000, 0", "IO_URING, 1000000, 0", "EPOLL, 100000, 5"})
    void aStreamEndsAtTheByte(Engine engine, long bytes, int warmupMs) throws Exception {
        Both both = run(Settings.stream()
                .engine(engine)
                .course(new Course(false, bytes, 0, false, null))
                .times(10_000, warmupMs, 500)
                .tls(both(TlsRecords.VERSION, TlsRecords.CIPHER))
                .build());
        assertDone(both);
        assertThat(both.source().end().measured().sentBytes()).isEqualTo(bytes);
        assertThat(both.destination().end().measured().receivedBytes()).isEqualTo(bytes);
        assertThat(both.source().end().ofKind().windowEnd()).isEqualTo(WindowEnd.BYTES);
    }

    @Test
    void severalRequestsAreUnderWayAtATime() throws Exception {
        runClean(Settings.requests()
                .outstanding(64)
                .messages(100, 700)
                .tls(both(TlsRecords.VERSION, TlsRecords.CIPHER))
                .build());
    }

    @ParameterizedTest
    @EnumSource(TlsSettings.Directions.class)
    void onlyTheDirectionsAskedForAreEncrypted(TlsSettings.Directions directions) throws Exception {
        TlsSettings tls = oneWay(directions);
        runClean(Settings.stream().tls(tls).build());
        Both both = runClean(Settings.requests().tls(tls).build());
        for (DaemonEnd.Flown flown : List.of(both.source(), both.destination())) {
            EndReport end = flown.end();
            String transmit = tls.transmits(end.role()) ? "1.3 aes-gcm-128" : null;
            String receive = tls.receives(end.role()) ? "1.3 aes-gcm-128" : null;
            assertThat(end.socketOptions())
                    .contains(
                            new AppliedOption("TLS_TX", transmit, transmit),
                            new AppliedOption("TLS_RX", receive, receive));
        }
    }

    @Test
    void receiversMayCountOnRecordsWithoutPadding() throws Exception {
        TlsSettings tls = new TlsSettings(TlsSettings.Directions.BOTH, TlsRecords.VERSION, TlsRecords.CIPHER, true);
        Both both = runClean(Settings.stream().tls(tls).build());
        assertThat(both.destination().end().socketOptions())
                .contains(new AppliedOption("TLS_RX_EXPECT_NO_PAD", "true", "true"));
    }

    /** The kernel's records and the JDK's are the same: so they are TLS, under the keys that both ends derive. */
    @Test
    void whatGoesOverTheWireAreRecordsOfTls13() throws Exception {
        TlsSettings tls = oneWay(TlsSettings.Directions.BOTH);
        FlowSecret secret = anySecret();
        SocketPair connection = Loopback.tcp();
        source.daemon()
                .assign(
                        new ToWorker.Assign(
                                "wire", Role.SOURCE, Settings.stream().tls(tls).build(), -1, null, secret),
                        connection.first());
        RawPeer peer = new RawPeer(connection.second());
        TlsRecords theirs = new TlsRecords(Role.SOURCE, tls, secret);
        TlsRecords ours = new TlsRecords(Role.DESTINATION, tls, secret);
        int pingBytes = TlsRecords.HEADER_BYTES + 1 + 1 + TlsRecords.TAG_BYTES;
        for (int i = 0; i < Settling.ECHOES; i++) {
            assertThat(theirs.open(peer.read(pingBytes))).containsExactly(Settling.PING);
            peer.write(ours.seal(TlsRecords.DATA, new byte[] {Settling.PING}));
        }
        source.daemon().receive(FromWorker.Ready.class);
        source.daemon().send(new ToWorker.Stop("seen"));
        assertThat(source.daemon().flown().end().outcome()).isEqualTo(Outcome.NEVER_STARTED);
        peer.close();
    }

    private interface Lines {
        void say(RawPeer peer, TlsRecords records) throws Exception;
    }

    /** A destination that decrypts, and a source that is played by the test. */
    private static EndReport whenItHears(Lines lines) throws Exception {
        TlsSettings tls = oneWay(TlsSettings.Directions.SEND);
        FlowSecret secret = anySecret();
        SocketPair connection = Loopback.tcp();
        destination
                .daemon()
                .assign(
                        new ToWorker.Assign(
                                "odd", Role.DESTINATION, Settings.stream().tls(tls).build(), -1, null, secret),
                        connection.second());
        RawPeer peer = new RawPeer(connection.first());
        TlsRecords records = new TlsRecords(Role.SOURCE, tls, secret);
        for (int i = 0; i < Settling.ECHOES; i++) {
            peer.write(records.seal(TlsRecords.DATA, new byte[] {Settling.PING}));
            assertThat(peer.read(1)).containsExactly(Settling.PING);
        }
        destination.daemon().receive(FromWorker.Ready.class);
        destination.daemon().send(new ToWorker.Start());
        peer.write(records.seal(TlsRecords.DATA, RawPeer.pattern(0, 1000)));
        lines.say(peer, records);
        EndReport end = destination.daemon().flown().end();
        peer.close();
        return end;
    }

    @Test
    void anAlertAmongTheDataIsToldAsOne() throws Exception {
        EndReport end = whenItHears((peer, records) -> peer.write(records.seal(TlsRecords.ALERT, new byte[] {2, 20})));
        assertThat(end.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(end.message())
                .isEqualTo("recv: EIO: the peer sent a TLS alert of level 2, description 20 where data was expected");
        assertThat(end.warmup().receivedBytes()).isEqualTo(1000);
    }

    @Test
    void aRecordThatWasChangedOnItsWayIsToldAsOne() throws Exception {
        EndReport end = whenItHears((peer, records) -> {
            byte[] record = records.seal(TlsRecords.DATA, RawPeer.pattern(1000, 100));
            record[20] ^= 1;
            peer.write(record);
        });
        assertThat(end.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(end.message())
                .isEqualTo("recv: EBADMSG: a TLS record could not be opened: it was changed on its way, or the keys"
                        + " differ");
    }

    /** Validation sees through the encryption. */
    @Test
    void wrongPayloadInAGoodRecordIsLocated() throws Exception {
        EndReport end = whenItHears((peer, records) -> {
            byte[] mark = RawPeer.pattern(1000, 100);
            mark[0] = Pattern.MARK;
            peer.write(records.seal(TlsRecords.DATA, mark));
            byte[] wrong = RawPeer.pattern(1100, 100);
            wrong[7] ^= 1;
            peer.write(records.seal(TlsRecords.DATA, wrong));
            peer.halfClose();
        });
        assertThat(end.outcome()).isEqualTo(Outcome.DONE);
        assertThat(end.payloadErrors()).isEqualTo(1);
        assertThat(end.firstPayloadErrorOffset()).isEqualTo(1107);
    }
}
