package dev.flowlane.daemon.plane;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.CandidateKey;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.TcpOptions;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Scanner;
import java.util.Set;
import java.util.stream.IntStream;

/** Two data planes and some strangers over loopback. */
class DataPlaneTest {
    private static final RunRef RUN = new RunRef("run-1", 1);
    private static final RunKey KEY = new RunKey(Bytes.copyOf(new byte[32]));
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final class Heard implements DataPlane.Listener {
        final List<Candidate> candidates = Collections.synchronizedList(new ArrayList<>());
        final List<CandidateKey> lost = Collections.synchronizedList(new ArrayList<>());
        final List<HandshakeOutcome> outcomes = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void candidatesKnown(RunRef run, List<Candidate> news) {
            candidates.addAll(news);
        }

        @Override
        public void candidateLost(RunRef run, CandidateKey candidate) {
            lost.add(candidate);
        }

        @Override
        public void handshakeEnded(HandshakeOutcome outcome) {
            outcomes.add(outcome);
        }
    }

    private final Heard atSource = new Heard();
    private final Heard atDestination = new Heard();
    private final DataPlane source = open("127.0.0.1", atSource);
    private final DataPlane destination = open("127.0.0.1", atDestination);

    @AfterEach
    void close() {
        source.close();
        destination.close();
    }

    @Test
    void candidatesAreKnownAtBothEndsUnderTheSameNumbers() {
        destination.expect(RUN, KEY, 100);
        source.connect(RUN, KEY, attempts(40), SocketOptions.DEFAULT);

        await().atMost(SOON).until(() -> atSource.candidates.size() == 40 && atDestination.candidates.size() == 40);

        assertThat(atSource.candidates).allSatisfy(here -> {
            assertThat(here.failure()).isNull();
            Candidate there = atDestination.candidates.stream()
                    .filter(other -> other.candidateId() == here.candidateId())
                    .findFirst()
                    .orElseThrow();
            assertThat(there.local()).isEqualTo(here.remote());
            assertThat(there.remote()).isEqualTo(here.local());
            assertThat(here.receiveCpu()).isNotNegative();
            assertThat(there.receiveCpu()).isNotNegative();
        });
    }

    @Test
    void overIpv6Too() {
        Heard atOther = new Heard();
        try (DataPlane other = open("::1", atOther)) {
            other.expect(RUN, KEY, 1);
            Endpoint there = new Endpoint("::1", other.addresses().getFirst().getPort());
            Effect.Attempt attempt = new Effect.Attempt(0, there, new Endpoint("::1", 0));
            source.connect(RUN, KEY, List.of(attempt), SocketOptions.DEFAULT);

            await().atMost(SOON).until(() -> atOther.candidates.size() == 1 && atSource.candidates.size() == 1);
        }
        assertThat(atSource.candidates.getFirst().isOpen()).isTrue();
    }

    @Test
    void aConnectionThatComesBeforeItsRunIsKnownWaits() {
        source.connect(RUN, KEY, attempts(3), SocketOptions.DEFAULT);
        await().during(Duration.ofMillis(100)).atMost(SOON).until(atDestination.candidates::isEmpty);

        destination.expect(RUN, KEY, 100);

        await().atMost(SOON).until(() -> atDestination.candidates.size() == 3 && atSource.candidates.size() == 3);
    }

    @Test
    void aRunThatNobodyExpectsIsTurnedAwayAfterTwoSeconds() {
        source.connect(RUN, KEY, attempts(1), SocketOptions.DEFAULT);

        await().atMost(SOON).until(() -> !atSource.candidates.isEmpty() && !atDestination.outcomes.isEmpty());

        assertThat(atDestination.outcomes)
                .containsAnyOf(HandshakeOutcome.UNEXPECTED, HandshakeOutcome.CLOSED_EARLY);
        assertThat(atSource.candidates.getFirst().failure()).contains("127.0.0.1:");
    }

    @Test
    void aPeerWithAnotherKeyIsTurnedAwayAtBothEnds() {
        byte[] other = new byte[32];
        other[31] = 1;
        destination.expect(RUN, new RunKey(Bytes.copyOf(other)), 100);
        source.connect(RUN, KEY, attempts(1), SocketOptions.DEFAULT);

        await().atMost(SOON).until(() -> atSource.candidates.size() == 1 && !atDestination.outcomes.isEmpty());

        assertThat(atSource.candidates.getFirst().failure()).contains("does not know the run's key");
        assertThat(atDestination.candidates).isEmpty();
    }

    @Test
    void garbageIsClosedAtOnceAndCounted() throws IOException {
        try (Socket stranger = new Socket(InetAddress.ofLiteral("127.0.0.1"), port())) {
            stranger.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
            assertThat(readsEnd(stranger)).isTrue();
        }
        await().atMost(SOON).until(() -> atDestination.outcomes.contains(HandshakeOutcome.GARBAGE));
    }

    @Test
    void aHalfOpenHandshakeIsClosedAfterTwoSecondsAndDisturbsNobody() throws IOException {
        destination.expect(RUN, KEY, 100);
        try (Socket stranger = new Socket(InetAddress.ofLiteral("127.0.0.1"), port())) {
            stranger.getOutputStream().write("FLW1".getBytes(US_ASCII));
            source.connect(RUN, KEY, attempts(1), SocketOptions.DEFAULT);
            await().atMost(SOON).until(() -> atDestination.candidates.size() == 1);
            assertThat(readsEnd(stranger)).isTrue();
        }
        await().atMost(SOON).until(() -> atDestination.outcomes.contains(HandshakeOutcome.TIMED_OUT));
    }

    @Test
    void aRecordedConversationIsNotBelievedAgain() throws IOException {
        destination.expect(RUN, KEY, 100);
        Handshake.AwaitChallenge client = Handshake.client(RUN, KEY, 5, new byte[32]);
        byte[] proof;
        try (Socket first = new Socket(InetAddress.ofLiteral("127.0.0.1"), port())) {
            first.getOutputStream().write(client.hello().toArray());
            byte[] challenge = first.getInputStream().readNBytes(Handshake.CHALLENGE_BYTES);
            proof = ((Handshake.Proven) client.received(challenge)).toSend().toArray();
            first.getOutputStream().write(proof);
            await().atMost(SOON).until(() -> atDestination.candidates.size() == 1);
        }
        await().atMost(SOON).until(() -> atDestination.lost.size() == 1);
        try (Socket second = new Socket(InetAddress.ofLiteral("127.0.0.1"), port())) {
            second.getOutputStream().write(client.hello().toArray());
            assertThat(second.getInputStream().readNBytes(Handshake.CHALLENGE_BYTES)).hasSize(64);
            second.getOutputStream().write(proof);
            await().atMost(SOON).until(() -> atDestination.outcomes.contains(HandshakeOutcome.WRONG_KEY));
        }
        assertThat(atDestination.candidates).hasSize(1);
    }

    @Test
    void aTakenNumberAndOneTooManyAreTurnedAway() {
        destination.expect(RUN, KEY, 2);
        source.connect(RUN, KEY, attempts(2), SocketOptions.DEFAULT);
        await().atMost(SOON).until(() -> atDestination.candidates.size() == 2);

        Heard atThird = new Heard();
        try (DataPlane third = open("127.0.0.1", atThird)) {
            third.connect(RUN, KEY, attempts(3), SocketOptions.DEFAULT);
            await().atMost(SOON).until(() -> atThird.candidates.size() == 3);
        }

        assertThat(atThird.candidates).noneMatch(Candidate::isOpen);
        assertThat(atDestination.outcomes).contains(HandshakeOutcome.DUPLICATE, HandshakeOutcome.LIMIT);
    }

    @Test
    void whatIsNotChosenIsClosedAndWhatIsChosenIsHandedOverWithEveryByte() {
        destination.expect(RUN, KEY, 100);
        SocketOptions small = new SocketOptions(
                true, "reno", null, null, 200_000, 1000, 10, null, null, null, null, null, null);
        source.connect(RUN, KEY, attempts(4), small);
        await().atMost(SOON).until(() -> atSource.candidates.size() == 4 && atDestination.candidates.size() == 4);

        source.keepOnly(RUN, Set.of(new CandidateKey(2, Role.SOURCE)));
        DataPlane.Taken atOneEnd = source.take(RUN, new CandidateKey(2, Role.SOURCE)).join();
        int sending = atOneEnd.fd();
        Sockets.write(sending, ByteBuffer.allocateDirect(3).put(new byte[] {7, 8, 9}).flip());
        destination.keepOnly(RUN, Set.of(new CandidateKey(2, Role.DESTINATION)));
        DataPlane.Taken atTheOther =
                destination.take(RUN, new CandidateKey(2, Role.DESTINATION)).join();
        int receiving = atTheOther.fd();
        ByteBuffer bytes = ByteBuffer.allocateDirect(16);
        await().atMost(SOON).until(() -> {
            Sockets.read(receiving, bytes);
            return bytes.position() == 3;
        });

        assertThat(atOneEnd.secret()).isEqualTo(atTheOther.secret());
        assertThat(Sockets.receiveBuffer(sending)).isGreaterThanOrEqualTo(200_000);
        assertThat(Sockets.congestionControl(sending)).isEqualTo("reno");
        assertThat(TcpOptions.dscp(sending)).isEqualTo(10);
        // Less what the timestamps take; the SYN has told the other end.
        assertThat(TcpOptions.maxSegmentBytes(sending)).isBetween(900, 1000);
        assertThat(TcpOptions.maxSegmentBytes(receiving)).isBetween(900, 1000);
        assertThatThrownBy(() -> source.take(RUN, new CandidateKey(1, Role.SOURCE)).join())
                .hasMessageContaining("candidate 1 is not open any more");
        Sockets.close(sending);
        Sockets.close(receiving);
    }

    @Test
    void aRefusedConnectionSaysWhoRefused() throws IOException {
        // Its port is taken, so that nobody else can begin to listen there, and does not listen.
        try (Socket deaf = new Socket()) {
            deaf.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            Endpoint nobody = new Endpoint("127.0.0.1", deaf.getLocalPort());

            source.connect(
                    RUN,
                    KEY,
                    List.of(new Effect.Attempt(0, nobody, new Endpoint("127.0.0.1", 0))),
                    SocketOptions.DEFAULT);
            await().atMost(SOON).until(() -> atSource.candidates.size() == 1);

            assertThat(atSource.candidates.getFirst().failure()).contains("connect: ECONNREFUSED " + nobody);
        }
    }

    @Test
    void aCandidateComesFromThePortThatWasAskedFor() throws IOException {
        int port = freePort();
        destination.expect(RUN, KEY, 100);

        source.connect(RUN, KEY, List.of(from(0, port)), SocketOptions.DEFAULT);
        await().atMost(SOON).until(() -> atSource.candidates.size() == 1 && atDestination.candidates.size() == 1);

        assertThat(atSource.candidates.getFirst().local()).isEqualTo(new Endpoint("127.0.0.1", port));
        assertThat(atDestination.candidates.getFirst().remote()).isEqualTo(new Endpoint("127.0.0.1", port));
    }

    @Test
    void aPortThatIsInUseFailsAloneAndSaysWhy() throws IOException {
        destination.expect(RUN, KEY, 100);
        int free = freePort();
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            source.connect(
                    RUN, KEY, List.of(from(0, service.getLocalPort()), from(1, free)), SocketOptions.DEFAULT);
            await().atMost(SOON).until(() -> atSource.candidates.size() == 2);
        }

        assertThat(atSource.candidates).filteredOn(Candidate::isOpen).singleElement().satisfies(open ->
                assertThat(open.local().port()).isEqualTo(free));
        assertThat(atSource.candidates).filteredOn(candidate -> !candidate.isOpen()).singleElement().satisfies(failed ->
                assertThat(failed.failure()).contains("EADDRINUSE", "somebody else's at 127.0.0.1"));
    }

    @Test
    void aFourTupleThatIsOpenIsRefusedAsSuch() throws IOException {
        int port = freePort();
        destination.expect(RUN, KEY, 100);
        source.connect(RUN, KEY, List.of(from(0, port)), SocketOptions.DEFAULT);
        await().atMost(SOON).until(() -> atSource.candidates.size() == 1);

        source.connect(RUN, KEY, List.of(from(1, port)), SocketOptions.DEFAULT);
        await().atMost(SOON).until(() -> atSource.candidates.size() == 2);

        assertThat(atSource.candidates.get(1).failure()).contains("EADDRNOTAVAIL", "open already");
    }

    private Effect.Attempt from(int candidateId, int sourcePort) {
        return new Effect.Attempt(
                candidateId, new Endpoint("127.0.0.1", port()), new Endpoint("127.0.0.1", sourcePort));
    }

    /** One that stays free: outside what the kernel gives away by itself, or some other socket may get it first. */
    private static int freePort() throws IOException {
        int firstEphemeral;
        // In one read: the kernel gives numbers of sysctl to the first one only.
        try (Scanner range = new Scanner(new FileInputStream("/proc/sys/net/ipv4/ip_local_port_range"), US_ASCII)) {
            firstEphemeral = range.nextInt();
        }
        for (int port = firstEphemeral - 1; port > 1_023; port--) {
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
                return free.getLocalPort();
            } catch (BindException e) {
                // Somebody's: the next.
            }
        }
        throw new IOException("no free port below " + firstEphemeral);
    }

    @Test
    void moreStrangersThanMayWaitAreTurnedAway() throws IOException {
        List<Socket> strangers = new ArrayList<>();
        try {
            for (int i = 0; i < Connections.UNPROVEN_MAX + 20; i++) {
                strangers.add(new Socket(InetAddress.ofLiteral("127.0.0.1"), port()));
            }
            await().atMost(SOON).until(() -> atDestination.outcomes.stream()
                            .filter(outcome -> outcome == HandshakeOutcome.TOO_MANY
                                    || outcome == HandshakeOutcome.TIMED_OUT)
                            .count()
                    >= 20);
        } finally {
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }
    }

    @Test
    void anAddressOfAnotherHostIsRefusedByName() {
        assertThatThrownBy(() -> open("198.51.100.7", new Heard()))
                .isInstanceOf(PosixException.class)
                .hasMessageContaining("EADDRNOTAVAIL")
                .hasMessageContaining("198.51.100.7");
    }

    private List<Effect.Attempt> attempts(int count) {
        Endpoint there = new Endpoint("127.0.0.1", port());
        return IntStream.range(0, count)
                .mapToObj(id -> new Effect.Attempt(id, there, new Endpoint("127.0.0.1", 0)))
                .toList();
    }

    private int port() {
        return destination.addresses().getFirst().getPort();
    }

    private static DataPlane open(String address, DataPlane.Listener listener) {
        return DataPlane.open(
                List.of(new InetSocketAddress(InetAddress.ofLiteral(address), 0)),
                (_, _) -> Steering.FOLLOWS_SENDER,
                listener);
    }

    private static boolean readsEnd(Socket socket) throws IOException {
        socket.setSoTimeout((int) SOON.toMillis());
        InputStream in = socket.getInputStream();
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return true; // Reset: the other way to close.
        }
    }
}
