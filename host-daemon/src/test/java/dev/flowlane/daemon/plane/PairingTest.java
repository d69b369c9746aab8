package dev.flowlane.daemon.plane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.CandidateKey;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** UDP sockets beside the connections of two data planes, over loopback, and strangers at their ports. */
class PairingTest {
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

    /** A client by hand, up to the offer. */
    private Handshake.Offered offered(Socket client, int candidateId) throws IOException {
        InputStream in = client.getInputStream();
        Handshake.AwaitChallenge hello = Handshake.client(RUN, KEY, candidateId, true, new byte[32]);
        client.getOutputStream().write(hello.hello().toArray());
        Handshake.Proven proven =
                (Handshake.Proven) hello.received(in.readNBytes(Handshake.CHALLENGE_BYTES));
        client.getOutputStream().write(proven.toSend().toArray());
        byte[] offer = in.readNBytes(Handshake.OFFER_BYTES);
        return (Handshake.Offered) new Handshake.AwaitOffer(Bytes.empty()).received(offer);
    }

    private Socket dial() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), destination.addresses().getFirst().getPort());
    }

    private static byte[] word(Bytes secret, byte word) {
        byte[] said = Arrays.copyOf(secret.toArray(), Handshake.SECRET_BYTES + 1);
        said[Handshake.SECRET_BYTES] = word;
        return said;
    }

    /** Says something and hears the answer. */
    private static byte[] ask(DatagramSocket socket, byte[] said, int port) throws IOException {
        socket.send(packet(said, port));
        DatagramPacket answer = packet(new byte[100], 0);
        socket.setSoTimeout((int) SOON.toMillis());
        socket.receive(answer);
        return Arrays.copyOf(answer.getData(), answer.getLength());
    }

    private static DatagramPacket packet(byte[] bytes, int port) {
        return new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void udpSocketsBesideTheConnectionsAreConnectedToEachOther(String address) throws Exception {
        Heard atOther = new Heard();
        try (DataPlane other = open(address, atOther)) {
            other.expect(RUN, KEY, 10);
            Endpoint there = new Endpoint(address, other.addresses().getFirst().getPort());
            List<Effect.Attempt> attempts = IntStream.range(0, 10)
                    .mapToObj(i -> new Effect.Attempt(i, there, new Endpoint(address, 0)))
                    .toList();
            source.connect(RUN, KEY, attempts, SocketOptions.DEFAULT, true);
            await().atMost(SOON).until(() -> atOther.candidates.size() == 10 && atSource.candidates.size() == 10);

            assertThat(atSource.candidates).allSatisfy(here -> {
                assertThat(here.failure()).isNull();
                assertThat(here.receiveCpu()).isNotNegative();
                Candidate peer = atOther.candidates.stream()
                        .filter(one -> one.candidateId() == here.candidateId())
                        .findFirst()
                        .orElseThrow();
                assertThat(peer.local()).isEqualTo(here.remote()).isNotEqualTo(there);
                assertThat(peer.remote()).isEqualTo(here.local());
                assertThat(peer.receiveCpu()).isNotNegative();
            });
            DataPlane.Taken sending = source.take(RUN, new CandidateKey(3, Role.SOURCE)).join();
            DataPlane.Taken receiving =
                    other.take(RUN, new CandidateKey(3, Role.DESTINATION)).join();
            Sockets.write(sending.datagramFd(), ByteBuffer.allocateDirect(3).put(new byte[] {7, 8, 9}).flip());
            ByteBuffer bytes = ByteBuffer.allocateDirect(100);
            await().atMost(SOON).until(() -> Sockets.read(receiving.datagramFd(), bytes) == 3);
            for (DataPlane.Taken taken : List.of(sending, receiving)) {
                Sockets.close(taken.fd());
                Sockets.close(taken.datagramFd());
            }
        }
        assertThat(atSource.outcomes).containsOnly(HandshakeOutcome.PROVEN);
    }

    @Test
    void garbageOnTheUdpPortIsCountedAndOnlyTheSecretConnects() throws Exception {
        destination.expect(RUN, KEY, 10);
        try (Socket client = dial();
                DatagramSocket datagrams = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Handshake.Offered offered = offered(client, 1);
            byte[] wrong = word(offered.secret(), Pairings.KNOCK);
            wrong[15] ^= 1;
            byte[] early = word(offered.secret(), Pairings.CONFIRM);
            for (byte[] garbage : List.of(new byte[0], new byte[18], new byte[17], wrong, early)) {
                stranger.send(packet(garbage, offered.port()));
            }
            await().atMost(SOON)
                    .until(() -> Collections.frequency(atDestination.outcomes, HandshakeOutcome.STRAY_DATAGRAM) == 5);
            assertThat(atDestination.candidates).isEmpty();

            // Each twice: an answer may be lost, so it is given again.
            for (int i = 0; i < 2; i++) {
                assertThat(ask(datagrams, word(offered.secret(), Pairings.KNOCK), offered.port()))
                        .isEqualTo(word(offered.secret(), Pairings.CONNECTED));
            }
            assertThat(atDestination.candidates).isEmpty();
            for (int i = 0; i < 2; i++) {
                assertThat(ask(datagrams, word(offered.secret(), Pairings.CONFIRM), offered.port()))
                        .isEqualTo(word(offered.secret(), Pairings.CONFIRMED));
            }
            await().atMost(SOON).until(() -> atDestination.candidates.size() == 1);
            assertThat(atDestination.candidates.getFirst().remote().port()).isEqualTo(datagrams.getLocalPort());
        }
    }

    @Test
    void aSourceWhoseDatagramsDoNotComeThroughIsGivenUp() throws Exception {
        destination.expect(RUN, KEY, 10);
        try (Socket client = dial()) {
            offered(client, 1);
            await().atMost(SOON).until(() -> atDestination.outcomes.contains(HandshakeOutcome.UNPAIRED));
            assertThat(client.getInputStream().read()).isNegative();
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
        assertThat(atDestination.candidates).isEmpty();
    }

    /** A destination that knows the key, and offers a port at which nobody answers. */
    @Test
    void aDestinationThatAnswersNoDatagramIsAFailedCandidate() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Endpoint there = new Endpoint("127.0.0.1", server.getLocalPort());
            source.connect(
                    RUN,
                    KEY,
                    List.of(new Effect.Attempt(0, there, new Endpoint("127.0.0.1", 0))),
                    SocketOptions.DEFAULT,
                    true);
            try (Socket peer = server.accept()) {
                InputStream in = peer.getInputStream();
                Handshake.Greeted greeted =
                        (Handshake.Greeted) Handshake.server().received(in.readNBytes(Handshake.HELLO_BYTES));
                assertThat(greeted.datagrams()).isTrue();
                peer.getOutputStream()
                        .write(greeted.challenged(KEY, new byte[32]).challenge().toArray());
                in.readNBytes(Handshake.PROOF_BYTES);
                byte[] secret = Nonces.secret();
                peer.getOutputStream().write(Handshake.offer(silent.getLocalPort(), secret));
                silent.setSoTimeout((int) SOON.toMillis());
                for (int i = 0; i < Pairings.SENDS; i++) {
                    DatagramPacket asked = packet(new byte[100], 0);
                    silent.receive(asked);
                    assertThat(Arrays.copyOf(asked.getData(), asked.getLength()))
                            .isEqualTo(word(Bytes.copyOf(secret), Pairings.KNOCK));
                }
                await().atMost(SOON).until(() -> atSource.candidates.size() == 1);
            }
        }
        assertThat(atSource.candidates.getFirst().failure())
                .contains("do not hear each other over UDP", "firewall");
        assertThat(atSource.outcomes).containsExactly(HandshakeOutcome.UNPAIRED);
    }

    private static DataPlane open(String address, DataPlane.Listener listener) {
        return DataPlane.open(
                List.of(new InetSocketAddress(InetAddress.ofLiteral(address), 0)),
                (_, _) -> Steering.FOLLOWS_SENDER,
                listener);
    }
}
