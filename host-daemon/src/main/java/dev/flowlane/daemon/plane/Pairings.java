package dev.flowlane.daemon.plane;

import dev.flowlane.posix.Datagrams;
import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.FlowSocket;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;
import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Brings the UDP sockets of both ends of a connection together. The destination binds one and tells its port and a
 * secret over the proven connection. Then the source says {@link #KNOCK} until it hears {@link #CONNECTED}, and
 * {@link #CONFIRM} until it hears {@link #CONFIRMED}, each word a datagram of the secret and one byte: the destination
 * connects its socket to where the first one came from. Then both are connected, no stranger's datagram reaches them,
 * and both have received one while they were: only then does the kernel note the receive CPU (__udp_queue_rcv_skb in
 * net/ipv4/udp.c). Whatever else comes meanwhile is thrown away and counted. Belongs to the plane's thread.
 */
final class Pairings {
    static final byte KNOCK = 1;
    static final byte CONNECTED = 2;
    static final byte CONFIRM = 3;
    static final byte CONFIRMED = 4;

    /** How often the source says a word. */
    static final int SENDS = 5;

    /** Time between two of them. */
    static final long AGAIN_NS = Duration.ofMillis(20).toNanos();

    /** How long the source waits for an answer to the last one. */
    static final long LAST_NS = Duration.ofSeconds(1).toNanos();

    private static final int DATAGRAMS_PER_TURN = 64;
    private static final int WORD_BYTES = Handshake.SECRET_BYTES + 1;

    private final Epoll epoll;
    private final LongSupplier tokens;
    private final Runnable strayed;
    private final Map<Long, Connection> byToken = new HashMap<>();
    private final MemorySegment buffer = Arena.global().allocate(WORD_BYTES);

    /**
     * No pairing yet.
     *
     * @param tokens gives numbers for the epoll that nobody else has
     * @param strayed is told of every datagram that is none of these words
     */
    Pairings(Epoll epoll, LongSupplier tokens, Runnable strayed) {
        this.epoll = epoll;
        this.tokens = tokens;
        this.strayed = strayed;
    }

    /** Whose UDP socket has this token; null: nobody's. */
    @Nullable Connection of(long token) {
        return byToken.get(token);
    }

    /**
     * Destination: opens the socket.
     *
     * @return what to tell the source
     */
    byte[] offer(Connection connection) {
        InetAddress local = Sockets.localAddress(connection.fd).getAddress();
        int fd = Datagrams.open(new InetSocketAddress(local, 0), null);
        Pairing pairing = add(connection, fd, Nonces.secret());
        return Handshake.offer(Sockets.localAddress(fd).getPort(), pairing.secret);
    }

    /**
     * Source: opens the socket and knocks for the first time.
     *
     * @param localPort 0: the kernel chooses
     * @param device to keep to; null: any
     */
    void accept(Connection connection, Handshake.Offered offered, int localPort, @Nullable String device) {
        InetAddress local = Sockets.localAddress(connection.fd).getAddress();
        int fd = Datagrams.open(new InetSocketAddress(local, localPort), device);
        add(connection, fd, offered.secret().toArray());
        Datagrams.connect(fd, new InetSocketAddress(connection.remote.getAddress(), offered.port()));
        send(connection);
    }

    private Pairing add(Connection connection, int fd, byte[] secret) {
        Pairing pairing = new Pairing(tokens.getAsLong(), fd, secret);
        connection.pairing = pairing;
        byToken.put(pairing.token, connection);
        epoll.add(fd, Epoll.IN, pairing.token);
        return pairing;
    }

    /** Source: says its word; how long it waits now, or -1 when it has been said often enough. */
    long send(Connection connection) {
        Pairing pairing = connection.pairing;
        if (pairing == null || pairing.sent == SENDS) {
            return -1;
        }
        send(pairing, pairing.word);
        return ++pairing.sent == SENDS ? LAST_NS : AGAIN_NS;
    }

    /** What is lost is sent again, or the connection fails in time; so nothing a send may say is an error. */
    private void send(Pairing pairing, byte word) {
        MemorySegment.copy(pairing.secret, 0, buffer, ValueLayout.JAVA_BYTE, 0, Handshake.SECRET_BYTES);
        buffer.set(ValueLayout.JAVA_BYTE, Handshake.SECRET_BYTES, word);
        FlowSocket.send(pairing.fd, buffer, 0, WORD_BYTES, FlowSocket.MSG_DONTWAIT);
    }

    /**
     * Reads what has come.
     *
     * @return whether both sockets are connected and this end knows it
     */
    boolean hear(Connection connection) {
        Pairing pairing = connection.pairing;
        boolean done = false;
        for (int i = 0; pairing != null && i < DATAGRAMS_PER_TURN; i++) {
            Datagrams.Received received;
            try {
                received = Datagrams.receive(pairing.fd, buffer);
            } catch (PosixException e) {
                if (e.errno() == Errno.EHOSTUNREACH || e.errno() == Errno.ENETUNREACH) {
                    continue; // As for what was sent: the deadline decides.
                }
                throw e;
            }
            InetSocketAddress sender = received.sender();
            if (sender == null) {
                return done;
            }
            byte word = word(pairing, received.length());
            boolean understood =
                    switch (connection.role) {
                        case SOURCE -> answered(pairing, word);
                        case DESTINATION -> answer(pairing, word, sender);
                    };
            done |= understood && (word == CONFIRM || word == CONFIRMED);
            // Once it is connected this is the source's worker, which was faster than ours.
            if (!understood && connection.stage == Connection.Stage.PAIRING) {
                strayed.run();
            }
        }
        return done;
    }

    /** The word in the buffer; 0 when the secret is not there. */
    private byte word(Pairing pairing, int length) {
        byte[] said = buffer.asSlice(0, Handshake.SECRET_BYTES).toArray(ValueLayout.JAVA_BYTE);
        boolean known = MessageDigest.isEqual(said, pairing.secret);
        return length == WORD_BYTES && known ? buffer.get(ValueLayout.JAVA_BYTE, Handshake.SECRET_BYTES) : 0;
    }

    private boolean answered(Pairing pairing, byte word) {
        if (word == CONNECTED && pairing.word == KNOCK) {
            pairing.word = CONFIRM;
            pairing.sent = 1;
            send(pairing, CONFIRM);
        }
        return word == CONNECTED || word == CONFIRMED;
    }

    /** Answers also what was answered before: that answer may be lost. */
    private boolean answer(Pairing pairing, byte word, InetSocketAddress sender) {
        if (word == KNOCK) {
            if (!pairing.connected) {
                Datagrams.connect(pairing.fd, sender);
                pairing.connected = true;
            }
            send(pairing, CONNECTED);
        } else if (word == CONFIRM && pairing.connected) {
            send(pairing, CONFIRMED);
        }
        return word == KNOCK || (word == CONFIRM && pairing.connected);
    }

    /** Source: what comes from now on is for the worker. */
    void leaveAlone(Connection connection) {
        Pairing pairing = connection.pairing;
        if (pairing != null && byToken.remove(pairing.token) != null) {
            epoll.remove(pairing.fd);
        }
    }

    /** Hands the socket over; -1 when there is none. The caller closes it. */
    int take(Connection connection) {
        leaveAlone(connection);
        Pairing pairing = connection.pairing;
        return pairing == null ? -1 : pairing.fd;
    }

    void close(Connection connection) {
        int fd = take(connection);
        if (fd >= 0) {
            Sockets.close(fd);
            connection.pairing = null;
        }
    }
}
