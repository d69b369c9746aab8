package dev.flowlane.worker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

final class MessagesTest {
    private static final FlowSettings SETTINGS = new FlowSettings(
            TrafficKind.REQUEST_RESPONSE,
            100,
            200,
            64,
            new Pace(Pace.Arrival.POISSON, 12_345.5, 99),
            10_000_000_000L,
            1_500_000_000L,
            1_000_000_000L,
            Engine.IO_URING,
            new RingSettings(true, false),
            65536,
            4096,
            false,
            false,
            false,
            false,
            true,
            new TlsSettings(TlsSettings.Directions.RECEIVE, TlsSettings.Version.TLS_1_3,
                    TlsSettings.Cipher.CHACHA20_POLY1305, true),
            new SocketOptions(
                    false, "cubic", 1_250_000_000L, 1 << 20, 2 << 20, 1448, 46, 0xFFFFF, true, 3000, 128 << 10, "eth0",
                    "eth1"),
            5_000_000_000L,
            4_000_000_000L,
            Course.USUAL,
            null,
            false,
            1);

    private static final FlowSettings SMALLEST = new FlowSettings(
            TrafficKind.STREAM, 1, 1, 1, null, 1, 0, 1_000_000, Engine.BLOCKING, 1, 1, false, false, false,
            SocketOptions.DEFAULT, 1, 1);

    private static final FlowSettings TOGETHER = new FlowSettings(
                    TrafficKind.REQUEST_RESPONSE, 1, 1, 1, null, 1, 0, 1_000_000, Engine.EPOLL, 1, 1, false, false,
                    false, SocketOptions.DEFAULT, 1, 1)
            .withFlowsPerWorker(256);

    private static final FlowSettings LIMITED = new FlowSettings(
            TrafficKind.CONNECT_REQUEST_RESPONSE, 1, 1, 1, null, 1, 0, 1_000_000, Engine.BLOCKING,
            RingSettings.AUTO, 1, 1, false, false, false, false, false, null, SocketOptions.DEFAULT, 1, 1,
            new Course(false, 7, 8, true, new PortRange(1024, 65_535)), null, false, 1);

    private static final FlowSettings OVER_UDP = new FlowSettings(
            TrafficKind.DATAGRAM_REQUEST_RESPONSE, 24, 65_507, 1, null, 1, 0, 1_000_000, Engine.BLOCKING, 1, 1, false,
            false, false, SocketOptions.DEFAULT, 1, 1,
            new DatagramSettings(2_000_000, DatagramSettings.Offload.ON)).withReceiveTimestamps(true);

    static List<ToWorker> toWorker() {
        return List.of(
                new ToWorker.Assign("run-1.0", Role.SOURCE, SETTINGS, 3, "0-1,4", secret()),
                new ToWorker.Assign("", Role.DESTINATION, SMALLEST, -1, null),
                new ToWorker.Assign("run-1.2", Role.SOURCE, TOGETHER, 2, null),
                new ToWorker.Assign("limited", Role.SOURCE, LIMITED, 1, null),
                new ToWorker.Assign("run-1.1", Role.DESTINATION, OVER_UDP, 0, null),
                new ToWorker.Start(),
                new ToWorker.Seat(),
                new ToWorker.Stop("cancelled by ops, ü"));
    }

    private static FlowSecret secret() {
        byte[] secret = new byte[FlowSecret.SIZE_BYTES];
        Arrays.fill(secret, (byte) 9);
        return new FlowSecret(Bytes.copyOf(secret));
    }

    static List<FromWorker> fromWorker() {
        Traffic traffic = new Traffic(
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, new Datagrams(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        ThreadUse thread = new ThreadUse(7, 8, 9, 10, 11L);
        IntervalReport interval = new IntervalReport(
                12,
                true,
                13,
                14,
                15,
                traffic,
                traffic.plus(traffic),
                thread,
                new LaneSeen(1, "1,3", 2, "1"),
                Bytes.copyOf(new byte[280]),
                16,
                Bytes.copyOf(new byte[] {1, 2, 3}),
                Bytes.copyOf(new byte[] {3, 2, 1, 0}),
                List.of(
                        new CpuUse(1, CpuUse.Part.APPLICATION, 1, 2, 3, 4, 5, 6, 7),
                        new CpuUse(2, CpuUse.Part.RECEIVE, 7, 6, 5, 4, 3, 2, 1)),
                new ReceiveDelay(1, 2, 3, 4, 5, 6, 7, 8.5),
                17);
        EndReport end = new EndReport(
                "run-1.0",
                Role.SOURCE,
                Outcome.PEER_GONE,
                "recv: ECONNRESET",
                1,
                2,
                3,
                traffic,
                traffic,
                Bytes.copyOf(new byte[] {4, 5}),
                Bytes.copyOf(new byte[] {6}),
                12,
                11,
                10,
                1,
                99L,
                new TcpSummary(1L, 2L, 3L, 4L, 5L, 6L, 7L),
                new CpuShare(0.1, 0.2, 0.3, 0.05, 0.15, 0.2),
                thread,
                12L,
                List.of(new AppliedOption("TCP_MAXSEG", "1448", "1436"), new AppliedOption("DSCP", null, null)),
                new KindFigures(
                        WindowEnd.MESSAGES,
                        13L,
                        List.of(new CpuConnections(-1, 14), new CpuConnections(3, 15)),
                        new ReceiveDelay(8, 7, 6, 5, 4, 3, 2, 1.25)));
        return List.of(
                new FromWorker.Warm(4711, 4712),
                new FromWorker.Ready(1, -1, "1", 4712),
                new FromWorker.Interval(interval),
                new FromWorker.Ended(end),
                new FromWorker.Ended(EndReport.withoutTraffic("f", Role.DESTINATION, Outcome.NEVER_STARTED, null, 3)));
    }

    @ParameterizedTest
    @MethodSource("toWorker")
    void whatIsSentToAWorkerArrives(ToWorker message) throws MalformedMessageException {
        assertThat(Messages.toWorker(ByteBuffer.wrap(Messages.encode(message)))).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("fromWorker")
    void whatAWorkerSendsArrives(FromWorker message) throws MalformedMessageException {
        assertThat(Messages.fromWorker(ByteBuffer.wrap(Messages.encode(message)))).isEqualTo(message);
    }

    @Test
    void decodingLeavesTheBufferAlone() throws MalformedMessageException {
        byte[] message = Messages.encode(new ToWorker.Stop("x"));
        ByteBuffer buffer = ByteBuffer.allocate(message.length + 10).position(5);
        buffer.put(message).position(5).limit(5 + message.length);

        assertThat(Messages.toWorker(buffer)).isEqualTo(new ToWorker.Stop("x"));

        assertThat(buffer.position()).isEqualTo(5);
        assertThat(buffer.remaining()).isEqualTo(message.length);
    }

    @ParameterizedTest
    @MethodSource("toWorker")
    void everyCutIsAnErrorThatSaysWhere(ToWorker message) {
        byte[] whole = Messages.encode(message);
        for (int length = 0; length < whole.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(whole, 0, length);
            assertThatThrownBy(() -> Messages.toWorker(cut))
                    .isInstanceOf(MalformedMessageException.class)
                    .hasMessageContaining("at byte");
        }
    }

    @ParameterizedTest
    @MethodSource("fromWorker")
    void everyCutOfAWorkersMessageIsAnError(FromWorker message) {
        byte[] whole = Messages.encode(message);
        for (int length = 0; length < whole.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(whole, 0, length);
            assertThatThrownBy(() -> Messages.fromWorker(cut)).isInstanceOf(MalformedMessageException.class);
        }
    }

    @Test
    void surplusBytesAreAnError() {
        byte[] message = Messages.encode(new ToWorker.Start());
        byte[] longer = Arrays.copyOf(message, message.length + 3);
        assertThatThrownBy(() -> Messages.toWorker(ByteBuffer.wrap(longer)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("3 bytes too many at byte 2");
    }

    @Test
    void anUnknownTypeIsAnError() {
        assertThatThrownBy(() -> Messages.toWorker(ByteBuffer.wrap(new byte[] {Messages.VERSION, 65})))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("no message to a worker has type 65 at byte 2");
        assertThatThrownBy(() -> Messages.fromWorker(ByteBuffer.wrap(new byte[] {Messages.VERSION, 1})))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("no message from a worker has type 1 at byte 2");
    }

    @Test
    void anotherVersionIsRefused() {
        assertThatThrownBy(() -> Messages.toWorker(ByteBuffer.wrap(new byte[] {9, 2})))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("protocol version is 9, expected 6 at byte 1");
    }

    @Test
    void anUnknownConstantIsAnError() {
        byte[] message = Messages.encode(new ToWorker.Assign("", Role.SOURCE, SMALLEST, 0, null));
        // After version, type and the empty flow id: the role.
        message[6] = 77;
        assertThatThrownBy(() -> Messages.toWorker(ByteBuffer.wrap(message)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("Role has no constant 77 at byte 7");
    }

    @Test
    void aLengthThatLiesIsAnError() {
        byte[] message = Messages.encode(new ToWorker.Stop("abc"));
        ByteBuffer lying = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        lying.putInt(2, -1);
        assertThatThrownBy(() -> Messages.toWorker(lying))
                .hasMessage("text length is -1, allowed is 0 to 8192 at byte 6");
        lying.putInt(2, 4);
        assertThatThrownBy(() -> Messages.toWorker(lying)).hasMessage("message ends 1 bytes short at byte 6");
    }

    @Test
    void settingsOutOfRangeAreAnError() {
        byte[] message = Messages.encode(new ToWorker.Assign("", Role.SOURCE, SMALLEST, 0, null));
        // Role and kind, then the request size.
        ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).putInt(8, 0);
        assertThatThrownBy(() -> Messages.toWorker(ByteBuffer.wrap(message)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("requestBytes is 0, allowed is 1 to 1073741824");
    }

    @Test
    void brokenTextIsAnError() {
        byte[] message = Messages.encode(new ToWorker.Stop("abc"));
        message[6] = (byte) 0xFF;
        assertThatThrownBy(() -> Messages.toWorker(ByteBuffer.wrap(message)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void randomBytesNeverDoAnythingElseSeed20261121() {
        Random random = new Random(20261121);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (noise.length > 1) {
                noise[0] = Messages.VERSION;
                noise[1] = (byte) (random.nextBoolean() ? 1 + random.nextInt(3) : 65 + random.nextInt(4));
            }
            decode(noise);
        }
    }

    @SuppressWarnings("EmptyCatch")
    private static void decode(byte[] noise) {
        try {
            Messages.toWorker(ByteBuffer.wrap(noise));
        } catch (MalformedMessageException _) {
            // the only exception allowed
        }
        try {
            Messages.fromWorker(ByteBuffer.wrap(noise));
        } catch (MalformedMessageException _) {
            // the only exception allowed
        }
    }

    @Test
    void longTextIsCutBetweenCharacters() throws MalformedMessageException {
        ToWorker.Stop stop = new ToWorker.Stop("a" + String.join("", Collections.nCopies(10_000, "ü")));
        ToWorker.Stop cut = (ToWorker.Stop) Messages.toWorker(ByteBuffer.wrap(Messages.encode(stop)));
        assertThat(stop.reason()).startsWith(cut.reason());
        assertThat(cut.reason()).hasSize(1 + 4095);
    }

    @Test
    void aMessageThatDoesNotFitIsRefusedByItsSender() {
        EndReport report = new EndReport(
                "f",
                Role.SOURCE,
                Outcome.DONE,
                null,
                0,
                0,
                0,
                Traffic.NONE,
                Traffic.NONE,
                Bytes.copyOf(new byte[Messages.MAX_BYTES]),
                null,
                0,
                0,
                0,
                0,
                null,
                TcpSummary.UNKNOWN,
                null,
                ThreadUse.NONE,
                null,
                List.of(),
                KindFigures.NONE);
        assertThatThrownBy(() -> Messages.encode(new FromWorker.Ended(report)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("longer than 204800 bytes");
    }

    @Test
    void aMessageThatIsTooLongIsRefusedByItsReceiver() {
        byte[] message = new byte[Messages.MAX_BYTES + 1];
        message[0] = Messages.VERSION;
        assertThatThrownBy(() -> Messages.fromWorker(ByteBuffer.wrap(message)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("longer than 204800");
    }
}
