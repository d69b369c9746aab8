package dev.flowlane.daemon.plane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/** The opening words of a data connection, without sockets. */
class HandshakeTest {
    private static final RunRef RUN = new RunRef("run-1", 1);
    private static final RunKey KEY = key(1);
    private static final byte[] CLIENT_NONCE = filled(2);
    private static final byte[] SERVER_NONCE = filled(3);

    @Test
    void bothSidesProveThatTheyKnowTheKey() {
        Handshake.AwaitChallenge client = Handshake.client(RUN, KEY, 7, CLIENT_NONCE);

        Handshake.Greeted greeted = greeted(client.hello().toArray());
        Handshake.AwaitProof server = greeted.challenged(KEY, SERVER_NONCE);
        Handshake.Proven proven = (Handshake.Proven) client.received(server.challenge().toArray());
        Handshake last = server.received(proven.toSend().toArray());

        assertThat(greeted.token()).isEqualTo(RunToken.of(RUN));
        assertThat(last).isEqualTo(new Handshake.Proven(7, Bytes.empty(), proven.secret()));
    }

    /** Computed with another implementation: python3's hashlib and hmac. */
    @Test
    void theBytesAreThoseOfTheDescription() {
        Handshake.AwaitChallenge client = Handshake.client(RUN, KEY, 7, CLIENT_NONCE);
        Handshake.AwaitProof server = greeted(client.hello().toArray()).challenged(KEY, SERVER_NONCE);
        Handshake.Proven proven = (Handshake.Proven) client.received(server.challenge().toArray());

        HexFormat hex = HexFormat.of();
        assertThat(hex.formatHex(client.hello().toArray(), 0, 32))
                .isEqualTo("464c57313773f4815542c050efad878c329c15d6000000070000000000000000");
        assertThat(hex.formatHex(server.challenge().toArray(), 32, 64))
                .isEqualTo("588becb3471f0d0840b143c73d2f036456bb55530687d1fe3589153c4dac163e");
        assertThat(hex.formatHex(proven.toSend().toArray()))
                .isEqualTo("d0a1bb950cdaf263e735da533bb24c4fe10d89a6a8c8e31522d7602a8dc41f5e");
        assertThat(hex.formatHex(proven.secret().secret().toArray()))
                .isEqualTo("9f89b64ddc3c3c75aab4126dffae930a4d6357ca7e7e2bad1054e110fb903890");
    }

    @Test
    void aConnectionsSecretIsItsOwnAndDoesNotShow() {
        Handshake.AwaitChallenge client = Handshake.client(RUN, KEY, 7, CLIENT_NONCE);
        Handshake.Greeted greeted = greeted(client.hello().toArray());
        Handshake.Proven one = (Handshake.Proven)
                client.received(greeted.challenged(KEY, SERVER_NONCE).challenge().toArray());
        Handshake.Proven other = (Handshake.Proven)
                client.received(greeted.challenged(KEY, filled(4)).challenge().toArray());

        assertThat(one.secret()).isNotEqualTo(other.secret());
        assertThat(one.toString()).contains("FlowSecret[...]");
    }

    @Test
    void messagesMayComeByteByByte() {
        Handshake.AwaitChallenge client = Handshake.client(RUN, KEY, 7, CLIENT_NONCE);
        Handshake server = Handshake.server();
        for (byte one : client.hello().toArray()) {
            assertThat(server.wanted()).isPositive();
            server = server.received(new byte[] {one});
        }

        assertThat(server).isInstanceOf(Handshake.Greeted.class);
        assertThat(server.wanted()).isZero();
    }

    @Test
    void aClientWithAnotherKeyIsFound() {
        Handshake.AwaitProof server =
                greeted(Handshake.client(RUN, KEY, 7, CLIENT_NONCE).hello().toArray()).challenged(KEY, SERVER_NONCE);

        Handshake last = server.received(filled(9));

        assertThat(last).isEqualTo(new Handshake.Broken(Handshake.Fault.WRONG_KEY, "does not know the run's key"));
    }

    @Test
    void aServerWithAnotherKeyIsFoundBeforeAnythingIsProvenToIt() {
        Handshake.AwaitChallenge client = Handshake.client(RUN, KEY, 7, CLIENT_NONCE);
        Handshake.AwaitProof server = greeted(client.hello().toArray()).challenged(key(5), SERVER_NONCE);

        Handshake last = client.received(server.challenge().toArray());

        assertThat(last).isInstanceOf(Handshake.Broken.class);
    }

    @Test
    void aRecordedClientIsNotBelievedAgain() {
        Handshake.AwaitChallenge client = Handshake.client(RUN, KEY, 7, CLIENT_NONCE);
        byte[] hello = client.hello().toArray();
        Handshake.AwaitProof first = greeted(hello).challenged(KEY, SERVER_NONCE);
        byte[] recorded = ((Handshake.Proven) client.received(first.challenge().toArray())).toSend().toArray();

        Handshake again = greeted(hello).challenged(KEY, filled(4)).received(recorded);

        assertThat(again).isInstanceOf(Handshake.Broken.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n", "SSH-2.0-x\r\n", "\u0000", "FLW2"})
    void strangersAreKnownByTheirFirstBytes(String words) {
        assertThat(Handshake.server().received(words.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(Handshake.Broken.class);
    }

    @Test
    void seededGarbageNeverGetsThroughAndNeverFailsOtherwise() {
        Random random = new Random(20261121);
        byte[] valid = Handshake.client(RUN, KEY, 7, CLIENT_NONCE).hello().toArray();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = random.nextBoolean() ? valid.clone() : new byte[random.nextInt(65)];
            if (bytes.length < valid.length) {
                random.nextBytes(bytes);
            } else {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
            }
            Handshake state = Handshake.server();
            if (bytes.length <= state.wanted()) {
                state = state.received(bytes);
            }
            if (state instanceof Handshake.Greeted greeted) {
                state = greeted.challenged(KEY, SERVER_NONCE).received(filled(random.nextInt(256)));
            }
            assertThat(state).isNotInstanceOf(Handshake.Proven.class);
        }
    }

    @Test
    void attemptsOfARunHaveDifferentTokens() {
        assertThat(RunToken.of(new RunRef("run-1", 1))).isNotEqualTo(RunToken.of(new RunRef("run-1", 2)));
    }

    @Test
    void aKeyDoesNotShowInText() {
        assertThat(Handshake.client(RUN, KEY, 7, CLIENT_NONCE).toString()).contains("RunKey[...]");
    }

    private static Handshake.Greeted greeted(byte[] hello) {
        return (Handshake.Greeted) Handshake.server().received(hello);
    }

    private static RunKey key(int fill) {
        return new RunKey(Bytes.copyOf(filled(fill)));
    }

    private static byte[] filled(int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return bytes;
    }

    @Test
    void anOfferSaysPortAndSecret() {
        byte[] secret = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
        byte[] offer = Handshake.offer(40_000, secret);

        Handshake half = new Handshake.AwaitOffer(Bytes.empty()).received(Arrays.copyOf(offer, 10));
        assertThat(half.wanted()).isEqualTo(14);
        Handshake whole = half.received(Arrays.copyOfRange(offer, 10, 24));

        assertThat(whole).isEqualTo(new Handshake.Offered(40_000, Bytes.copyOf(secret)));
        assertThat(whole.toString()).isEqualTo("Offered[port=40000]");
        offer[0] ^= 1;
        assertThat(new Handshake.AwaitOffer(Bytes.empty()).received(offer)).isInstanceOf(Handshake.Broken.class);
        assertThat(new Handshake.AwaitOffer(Bytes.empty()).received(Handshake.offer(0, secret)))
                .isInstanceOf(Handshake.Broken.class);
    }

    @Test
    void whetherThereAreDatagramsIsInTheFirstMessage() {
        for (boolean datagrams : new boolean[] {false, true}) {
            byte[] hello = Handshake.client(RUN, KEY, 7, datagrams, CLIENT_NONCE)
                    .hello()
                    .toArray();
            assertThat(((Handshake.Greeted) Handshake.server().received(hello)).datagrams())
                    .isEqualTo(datagrams);
        }
    }
}
