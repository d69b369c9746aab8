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
 * Brings the UDP sockets of both ends of a connection together: the destination binds one and tells its port and a
 * secret over the proven connection, the source sends that secret to it, the destination connects its socket to where
 * the secret came from and sends it back. Then both are connected, and no stranger's datagram reaches them. Whatever
 * else comes before that is thrown away and counted. Belongs to the plane's thread.
 */
final class Pairings {
    /** How often the source sends the secret. */
    static final int SENDS = 5;

    /** Time between two of them. */
    static final long AGAIN_NS = Duration.ofMillis(20).toNanos();

    /** How long the source waits for an answer to the last one. */
    static final long LAST_NS = Duration.ofSeconds(1).toNanos();

    private static final int DATAGRAMS_PER_TURN = 64;

    private final Epoll epoll;
    private final LongSupplier tokens;
    private final Runnable strayed;
    private final Map<Long, Connection> byToken = new HashMap<>();
    private final MemorySegment buffer = Arena.global().allocate(Handshake.SECRET_BYTES);

    /**
     * No pairing yet.
     *
     * @param tokens gives numbers for the epoll that nobody else has
     * @param strayed is told of every datagram that is not the secret
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
     * Source: opens the socket and sends the secret for the first time.
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

    /** Source: sends the secret; how long it waits now, or -1 when it has been sent often enough. */
    long send(Connection connection) {
        Pairing pairing = connection.pairing;
        if (pairing == null || pairing.sent == SENDS) {
            return -1;
        }
        send(pairing);
        return ++pairing.sent == SENDS ? LAST_NS : AGAIN_NS;
    }

    /** What is lost is sent again, or the connection fails in time; so nothing a send may say is an error. */
    private void send(Pairing pairing) {
        MemorySegment.copy(pairing.secret, 0, buffer, ValueLayout.JAVA_BYTE, 0, pairing.secret.length);
        FlowSocket.send(pairing.fd, buffer, 0, pairing.secret.length, FlowSocket.MSG_DONTWAIT);
    }

    /**
     * Reads what has come.
     *
     * @return whether the secret was among it
     */
    boolean hear(Connection connection) {
        Pairing pairing = connection.pairing;
        boolean found = false;
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
                return found;
            }
            byte[] said = buffer.toArray(ValueLayout.JAVA_BYTE);
            if (received.length() != said.length || !MessageDigest.isEqual(said, pairing.secret)) {
                strayed.run();
                continue;
            }
            switch (connection.role) {
                case SOURCE -> {}
                case DESTINATION -> {
                    if (!found && connection.stage == Connection.Stage.PAIRING) {
                        Datagrams.connect(pairing.fd, sender);
                    }
                    // Also when it was asked again: the first answer may be lost.
                    send(pairing);
                }
            }
            found = true;
        }
        return found;
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
