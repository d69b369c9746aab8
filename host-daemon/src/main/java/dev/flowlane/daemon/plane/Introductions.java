package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.Bytes;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * Leads the handshakes: what {@link Handshake} decides goes to and comes from the sockets here. Belongs to the plane's
 * thread.
 */
final class Introductions {
    /** Who owns the connections. */
    interface Host {
        /** What is held of the run that a client names; null when none is expected by that name. */
        @Nullable RunConnections expected(RunToken token);

        /** Both ends have proven themselves, and the source knows where datagrams go, if there are any. */
        void introduced(Connection connection);

        /** It is of no use; the reason continues a sentence whose subject is the peer. */
        void failed(Connection connection, HandshakeOutcome outcome, String reason);
    }

    private final Epoll epoll;
    private final Pairings pairings;
    private final Host host;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(Handshake.HELLO_BYTES);

    Introductions(Epoll epoll, Pairings pairings, Host host) {
        this.epoll = epoll;
        this.pairings = pairings;
        this.host = host;
    }

    /** Client: the first message. */
    void begin(Connection connection) {
        if (connection.handshake instanceof Handshake.AwaitChallenge state) {
            send(connection, state.hello().toArray());
        }
    }

    /** Reads what has come. */
    void read(Connection connection) {
        while (connection.handshake.wanted() > 0) {
            // Never beyond the handshake: what follows is for the worker.
            bytes.clear().limit(connection.handshake.wanted());
            int count = Sockets.read(connection.fd, bytes);
            if (count == Sockets.WOULD_BLOCK) {
                return;
            }
            if (count == 0) {
                host.failed(connection, HandshakeOutcome.CLOSED_EARLY, "closed it during the handshake");
                return;
            }
            byte[] received = new byte[count];
            bytes.get(0, received);
            advance(connection, connection.handshake.received(received));
        }
    }

    private void advance(Connection connection, Handshake next) {
        connection.handshake = next;
        switch (next) {
            case Handshake.AwaitHello _, Handshake.AwaitProof _, Handshake.AwaitChallenge _ -> {}
            case Handshake.Greeted greeted -> greeted(connection, greeted);
            case Handshake.Proven(int _, var toSend, var secret) -> {
                connection.secret = secret;
                if (toSend.size() == 0) {
                    host.introduced(connection);
                } else if (send(connection, toSend.toArray())) {
                    if (connection.datagrams) {
                        connection.handshake = new Handshake.AwaitOffer(Bytes.empty());
                    } else {
                        host.introduced(connection);
                    }
                }
            }
            case Handshake.AwaitOffer _ -> {}
            case Handshake.Offered offered -> {
                pairings.accept(connection, offered, connection.datagramPort, connection.device);
                host.introduced(connection);
            }
            case Handshake.Broken(Handshake.Fault fault, String reason) ->
                host.failed(
                        connection,
                        switch (fault) {
                            case GARBAGE -> HandshakeOutcome.GARBAGE;
                            case WRONG_KEY -> HandshakeOutcome.WRONG_KEY;
                        },
                        reason);
        }
    }

    private void greeted(Connection connection, Handshake.Greeted greeted) {
        connection.candidateId = greeted.candidateId();
        connection.datagrams = greeted.datagrams();
        RunConnections held = host.expected(greeted.token());
        RunKey key = held == null ? null : held.expectedKey;
        if (held == null || key == null) {
            // The source was told before us; its deadline runs on.
            connection.stage = Connection.Stage.UNEXPECTED;
            epoll.modify(connection.fd, Epoll.RDHUP, connection.token);
            return;
        }
        challenge(connection, greeted, held, key);
    }

    /** Server: the run that a client named is expected now. */
    void challenge(Connection connection, Handshake.Greeted greeted, RunConnections held, RunKey key) {
        if (held.byKey.containsKey(connection.key())) {
            host.failed(connection, HandshakeOutcome.DUPLICATE, "claims a candidate number that is taken");
        } else if (held.accepted() >= held.acceptedMax) {
            host.failed(connection, HandshakeOutcome.LIMIT, "comes when the run has all " + held.acceptedMax);
        } else {
            connection.run = held.run;
            connection.stage = Connection.Stage.SHAKING;
            epoll.modify(connection.fd, Epoll.IN | Epoll.RDHUP, connection.token);
            Handshake.AwaitProof next = greeted.challenged(key, Nonces.next());
            connection.handshake = next;
            send(connection, next.challenge().toArray());
        }
    }

    /** A handshake's message always fits the empty send buffer of a new socket. */
    boolean send(Connection connection, byte[] message) {
        ByteBuffer out = ByteBuffer.allocateDirect(message.length).put(message).flip();
        if (Sockets.write(connection.fd, out) == message.length) {
            return true;
        }
        host.failed(connection, HandshakeOutcome.CLOSED_EARLY, "takes no bytes");
        return false;
    }
}
