package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.FlowSecret;

import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The opening words of a data connection; one state per record, and only the state that may be left has the method
 * that leaves it. No I/O, no clock, no randomness: nonces are given.
 *
 * <pre>
 * client to server, 64 bytes: "FLW1" | run token 16 | candidate id int32 | transport int64 | client nonce 32
 * server to client, 64 bytes: server nonce 32 | HMAC(key, "server" | first message | server nonce)
 * client to server, 32 bytes: HMAC(key, "client" | first message | server nonce)
 * of transport 1 only, server to client, 24 bytes: "FLWU" | UDP port int32 | secret 16
 * </pre>
 *
 * Transport is 0, or 1 when the traffic will go over UDP ({@link Pairings}).
 *
 * <p>Integers are big-endian, HMAC is HMAC-SHA256 (RFC 2104) with the run's key. Each side's proof covers both nonces,
 * so neither a recorded client nor a recorded server is believed again. From the same three, and so from nonces that
 * no other connection has, both sides derive the connection's secret: HKDF-Extract (RFC 5869) with SHA-256 of the key,
 * salted with the first message and the server nonce. It is never sent.
 */
sealed interface Handshake {
    int HELLO_BYTES = 64;
    int CHALLENGE_BYTES = 64;
    int PROOF_BYTES = 32;
    int NONCE_BYTES = 32;
    int OFFER_BYTES = 24;
    int SECRET_BYTES = 16;

    /** "FLW1". */
    int MAGIC = 0x464C5731;

    /** "FLWU". */
    int OFFER_MAGIC = 0x464C5755;

    int PORT_MAX = 65_535;

    /** How many bytes may be read now; 0 when the peer has nothing to say. More must never be taken off the socket. */
    default int wanted() {
        return switch (this) {
            case AwaitHello(Bytes soFar) -> HELLO_BYTES - soFar.size();
            case AwaitProof state -> PROOF_BYTES - state.soFar.size();
            case AwaitChallenge state -> CHALLENGE_BYTES - state.soFar.size();
            case AwaitOffer(Bytes soFar) -> OFFER_BYTES - soFar.size();
            case Greeted _, Proven _, Offered _, Broken _ -> 0;
        };
    }

    /** The state after more bytes, no more than {@link #wanted}. */
    default Handshake received(byte[] bytes) {
        return switch (this) {
            case AwaitHello state -> state.with(bytes);
            case AwaitProof state -> state.with(bytes);
            case AwaitChallenge state -> state.with(bytes);
            case AwaitOffer state -> state.with(bytes);
            case Greeted _, Proven _, Offered _, Broken _ -> new Broken(Fault.GARBAGE, "said something out of turn");
        };
    }

    /** What a handshake can fail of; the label of a counter. */
    enum Fault {
        GARBAGE,
        WRONG_KEY
    }

    /** Server: nothing understood yet. */
    static Handshake server() {
        return new AwaitHello(Bytes.empty());
    }

    /** Client: its first message is {@link AwaitChallenge#hello()}. */
    static AwaitChallenge client(RunRef run, RunKey key, int candidateId, byte[] nonce) {
        return client(run, key, candidateId, false, nonce);
    }

    /** As {@link #client(RunRef, RunKey, int, byte[])}; with datagrams {@link AwaitOffer} follows {@link Proven}. */
    static AwaitChallenge client(RunRef run, RunKey key, int candidateId, boolean datagrams, byte[] nonce) {
        ByteBuffer hello = ByteBuffer.allocate(HELLO_BYTES);
        hello.putInt(MAGIC).put(RunToken.of(run).bytes().toArray()).putInt(candidateId);
        hello.putLong(datagrams ? 1 : 0).put(nonce);
        return new AwaitChallenge(key, candidateId, Bytes.copyOf(hello.array()), Bytes.empty());
    }

    record AwaitHello(Bytes soFar) implements Handshake {
        private Handshake with(byte[] more) {
            Bytes all = join(soFar, more);
            // Strangers are sent away by their first bytes, not after the time-out.
            byte[] magic = ByteBuffer.allocate(Integer.BYTES).putInt(MAGIC).array();
            int compared = Math.min(magic.length, all.size());
            if (!Arrays.equals(magic, 0, compared, all.toArray(), 0, compared)) {
                return new Broken(Fault.GARBAGE, "is no data connection of ours");
            }
            if (all.size() < HELLO_BYTES) {
                return new AwaitHello(all);
            }
            ByteBuffer fields = ByteBuffer.wrap(all.toArray());
            byte[] token = new byte[RunToken.SIZE_BYTES];
            fields.position(Integer.BYTES).get(token);
            int candidateId = fields.getInt();
            long transport = fields.getLong();
            if (candidateId < 0 || transport < 0 || transport > 1) {
                return new Broken(Fault.GARBAGE, "its first message has impossible values");
            }
            return new Greeted(new RunToken(Bytes.copyOf(token)), candidateId, transport == 1, all);
        }
    }

    /** Server: the client named its run; the key is needed now. */
    record Greeted(RunToken token, int candidateId, boolean datagrams, Bytes hello) implements Handshake {
        /** The message to send is {@link AwaitProof#challenge()}. */
        AwaitProof challenged(RunKey key, byte[] nonce) {
            byte[] challenge = Arrays.copyOf(nonce, CHALLENGE_BYTES);
            byte[] mac = mac(key, "server", hello, nonce);
            System.arraycopy(mac, 0, challenge, NONCE_BYTES, mac.length);
            return new AwaitProof(key, candidateId, hello, Bytes.copyOf(challenge), Bytes.empty());
        }
    }

    record AwaitProof(RunKey key, int candidateId, Bytes hello, Bytes challenge, Bytes soFar) implements Handshake {
        private Handshake with(byte[] more) {
            Bytes all = join(soFar, more);
            if (all.size() < PROOF_BYTES) {
                return new AwaitProof(key, candidateId, hello, challenge, all);
            }
            byte[] nonce = Arrays.copyOf(challenge.toArray(), NONCE_BYTES);
            boolean right = MessageDigest.isEqual(mac(key, "client", hello, nonce), all.toArray());
            return right
                    ? new Proven(candidateId, Bytes.empty(), secret(key, hello, nonce))
                    : new Broken(Fault.WRONG_KEY, "does not know the run's key");
        }
    }

    record AwaitChallenge(RunKey key, int candidateId, Bytes hello, Bytes soFar) implements Handshake {
        private Handshake with(byte[] more) {
            Bytes all = join(soFar, more);
            if (all.size() < CHALLENGE_BYTES) {
                return new AwaitChallenge(key, candidateId, hello, all);
            }
            byte[] nonce = Arrays.copyOf(all.toArray(), NONCE_BYTES);
            byte[] proof = Arrays.copyOfRange(all.toArray(), NONCE_BYTES, CHALLENGE_BYTES);
            if (!MessageDigest.isEqual(mac(key, "server", hello, nonce), proof)) {
                return new Broken(Fault.WRONG_KEY, "does not know the run's key");
            }
            return new Proven(
                    candidateId, Bytes.copyOf(mac(key, "client", hello, nonce)), secret(key, hello, nonce));
        }
    }

    /**
     * Each side knows that the other has the key.
     *
     * @param toSend the client's last message; empty at the server
     * @param secret of this connection
     */
    record Proven(int candidateId, Bytes toSend, FlowSecret secret) implements Handshake {}

    /** Client of a connection with datagrams: the server will say where to send them. */
    record AwaitOffer(Bytes soFar) implements Handshake {
        private Handshake with(byte[] more) {
            Bytes all = join(soFar, more);
            if (all.size() < OFFER_BYTES) {
                return new AwaitOffer(all);
            }
            ByteBuffer fields = ByteBuffer.wrap(all.toArray());
            int magic = fields.getInt();
            int port = fields.getInt();
            if (magic != OFFER_MAGIC || port < 1 || port > PORT_MAX) {
                return new Broken(Fault.GARBAGE, "offered no UDP port");
            }
            byte[] secret = new byte[SECRET_BYTES];
            fields.get(secret);
            return new Offered(port, Bytes.copyOf(secret));
        }
    }

    /** The server's UDP port, and what proves to it that a datagram is the client's. */
    record Offered(int port, Bytes secret) implements Handshake {
        @Override
        public String toString() {
            return "Offered[port=" + port + "]";
        }
    }

    /** Server of a connection with datagrams, when it is proven: what to send. */
    static byte[] offer(int port, byte[] secret) {
        return ByteBuffer.allocate(OFFER_BYTES).putInt(OFFER_MAGIC).putInt(port).put(secret).array();
    }

    /** The peer is not one of ours; the reason continues a sentence whose subject is the peer. */
    record Broken(Fault fault, String reason) implements Handshake {}

    private static Bytes join(Bytes first, byte[] second) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(first.toArray());
        joined.writeBytes(second);
        return Bytes.copyOf(joined.toByteArray());
    }

    private static FlowSecret secret(RunKey key, Bytes hello, byte[] serverNonce) {
        try {
            byte[] extracted = KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(key.secret().toArray())
                            .addSalt(hello.toArray())
                            .addSalt(serverNonce)
                            .extractOnly());
            return new FlowSecret(Bytes.copyOf(extracted));
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("the JDK has HKDF-SHA256", e);
        }
    }

    private static byte[] mac(RunKey key, String side, Bytes hello, byte[] serverNonce) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.secret().toArray(), "HmacSHA256"));
            mac.update(side.getBytes(StandardCharsets.US_ASCII));
            mac.update(hello.toArray());
            return mac.doFinal(serverNonce);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }
}
