package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.CandidateKey;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What becomes of the connections of the data plane and of their descriptors when they are asked for, accepted, heard
 * of, or due. Belongs to the plane's thread.
 */
final class Connections implements Introductions.Host {
    /** Strangers at the door: accepted and not proven. */
    static final int UNPROVEN_MAX = 1024;

    static final long HANDSHAKE_NS = Duration.ofSeconds(2).toNanos();
    static final long CONNECT_NS = Duration.ofSeconds(2).toNanos();

    private final Epoll epoll;
    private final DataPlane.SteeringOf steering;
    private final DataPlane.Listener listener;
    private final StrangerLog strangers = new StrangerLog();
    private final Acceptor acceptor;
    private final Pairings pairings;
    private final Introductions introductions;
    private final Roster roster = new Roster();
    private final Map<RunRef, List<Candidate>> news = new LinkedHashMap<>();

    Connections(Epoll epoll, DataPlane.SteeringOf steering, DataPlane.Listener listener) {
        this.epoll = epoll;
        this.acceptor = new Acceptor(epoll);
        this.steering = steering;
        this.listener = listener;
        this.pairings = new Pairings(
                epoll, roster::newToken, () -> listener.handshakeEnded(HandshakeOutcome.STRAY_DATAGRAM));
        this.introductions = new Introductions(epoll, pairings, this);
    }

    @Override
    public @Nullable RunConnections expected(RunToken token) {
        return roster.expected(token);
    }

    void listenOn(int fd) {
        acceptor.listenOn(fd);
    }

    long waitNs(long nowNs) {
        long waitNs = roster.waitNs(nowNs);
        long pauseNs = acceptor.waitNs(nowNs);
        return waitNs < 0 || (pauseNs >= 0 && pauseNs < waitNs) ? pauseNs : waitNs;
    }

    void expect(RunRef run, RunKey key, int candidatesMax) {
        RunConnections held = roster.expect(run, key, candidatesMax);
        RunToken token = RunToken.of(run);
        for (Connection early : roster.all()) {
            if (early.stage == Connection.Stage.UNEXPECTED
                    && early.handshake instanceof Handshake.Greeted greeted
                    && greeted.token().equals(token)) {
                introductions.challenge(early, greeted, held, key);
            }
        }
    }

    void connect(
            RunRef run, RunKey key, List<Effect.Attempt> attempts, SocketOptions options, boolean datagrams) {
        RunConnections held = roster.enter(run);
        for (Effect.Attempt attempt : attempts) {
            Endpoint local = attempt.source();
            int fd = -1;
            try {
                InetSocketAddress remote = new InetSocketAddress(
                        InetAddress.ofLiteral(attempt.destination().address()),
                        attempt.destination().port());
                fd = Dialing.dial(remote, local, options);
                Handshake.AwaitChallenge hello =
                        Handshake.client(run, key, attempt.candidateId(), datagrams, Nonces.next());
                Connection connection = add(fd, Role.SOURCE, remote, Connection.Stage.CONNECTING, hello);
                connection.run = run;
                connection.candidateId = attempt.candidateId();
                connection.datagrams = datagrams;
                connection.datagramPort = local.port();
                connection.device = options.sourceDevice();
                held.byKey.put(connection.key(), connection);
                epoll.add(fd, Epoll.OUT, connection.token);
            } catch (IllegalArgumentException | PosixException e) {
                if (fd >= 0) {
                    Sockets.close(fd);
                }
                listener.handshakeEnded(HandshakeOutcome.CONNECT_FAILED);
                tell(run, Candidate.failed(
                        attempt.candidateId(), Role.SOURCE, local, attempt.destination(), Dialing.refusal(e, local)));
            }
        }
    }

    void close(RunRef run, Set<CandidateKey> which) {
        RunConnections held = roster.of(run);
        if (held != null) {
            for (CandidateKey key : which) {
                Connection connection = held.byKey.get(key);
                if (connection != null && connection.stage == Connection.Stage.OPEN) {
                    discard(connection);
                }
            }
        }
    }

    void keepOnly(RunRef run, Set<CandidateKey> keep) {
        RunConnections held = roster.of(run);
        if (held == null) {
            return;
        }
        roster.expectNoMore(held);
        for (Connection connection : List.copyOf(held.byKey.values())) {
            if (!keep.contains(connection.key())) {
                discard(connection);
            }
        }
    }

    void forget(RunRef run) {
        keepOnly(run, Set.of());
        roster.forget(run);
    }

    DataPlane.Taken take(RunRef run, CandidateKey key) {
        RunConnections held = roster.of(run);
        Connection connection = held == null ? null : held.byKey.get(key);
        FlowSecret secret = connection == null ? null : connection.secret;
        if (connection == null || secret == null || connection.stage != Connection.Stage.OPEN) {
            throw new IllegalStateException("candidate " + key.candidateId() + " is not open any more");
        }
        epoll.remove(connection.fd);
        roster.remove(connection);
        return new DataPlane.Taken(connection.fd, secret, pairings.take(connection));
    }

    void ready(long token, int events, long nowNs) {
        if (token < Acceptor.FIRST_OTHER_TOKEN) {
            if (!acceptor.accept(token, nowNs, this::accepted)) {
                listener.handshakeEnded(HandshakeOutcome.TOO_MANY);
            }
            return;
        }
        Connection paired = pairings.of(token);
        Connection connection = paired == null ? roster.find(token) : paired;
        if (connection == null) {
            return; // Closed earlier in this turn.
        }
        try {
            if (paired != null) {
                if (pairings.hear(paired) && paired.stage == Connection.Stage.PAIRING) {
                    opened(paired);
                }
                return;
            }
            switch (connection.stage) {
                case CONNECTING -> connected(connection, nowNs);
                case SHAKING -> introductions.read(connection);
                case UNEXPECTED -> failed(connection, HandshakeOutcome.CLOSED_EARLY, "closed it while it waited");
                case PAIRING -> failed(connection, HandshakeOutcome.CLOSED_EARLY, "closed it before a datagram came");
                case OPEN -> lost(connection);
            }
        } catch (PosixException e) {
            failed(connection, HandshakeOutcome.CLOSED_EARLY, Dialing.text(e));
        }
    }

    void expire(long nowNs) {
        for (Connection connection = roster.due(nowNs); connection != null; connection = roster.due(nowNs)) {
            switch (connection.stage) {
                case CONNECTING ->
                    failed(connection, HandshakeOutcome.TIMED_OUT, "did not accept the connection within 2 s; is its"
                            + " data port open in every firewall between?");
                case SHAKING ->
                    failed(connection, HandshakeOutcome.TIMED_OUT, "did not finish the handshake within 2 s");
                case UNEXPECTED -> failed(connection, HandshakeOutcome.UNEXPECTED, "named a run that is not expected");
                case PAIRING -> sendAgain(connection, nowNs);
                case OPEN -> {}
            }
        }
        acceptor.resume(nowNs);
    }

    /** Passes on what became known in this turn. */
    void report() {
        Map<RunRef, List<Candidate>> told = new LinkedHashMap<>(news);
        news.clear();
        told.forEach(listener::candidatesKnown);
    }

    void closeAll() {
        acceptor.close();
        for (Connection connection : roster.all()) {
            pairings.close(connection);
            Sockets.close(connection.fd);
            roster.remove(connection);
        }
    }

    private void accepted(int fd) {
        if (roster.unproven() >= UNPROVEN_MAX) {
            Sockets.reset(fd);
            listener.handshakeEnded(HandshakeOutcome.TOO_MANY);
            return;
        }
        try {
            Connection connection = add(
                    fd, Role.DESTINATION, Sockets.remoteAddress(fd), Connection.Stage.SHAKING, Handshake.server());
            epoll.add(fd, Epoll.IN | Epoll.RDHUP, connection.token);
        } catch (PosixException e) {
            Sockets.close(fd); // Reset by its peer before it could be asked for its address.
            listener.handshakeEnded(HandshakeOutcome.CLOSED_EARLY);
        }
    }

    private Connection add(
            int fd, Role role, InetSocketAddress remote, Connection.Stage stage, Handshake handshake) {
        long boundNs = stage == Connection.Stage.CONNECTING ? CONNECT_NS : HANDSHAKE_NS;
        return roster.add(fd, role, remote, stage, handshake, System.nanoTime() + boundNs);
    }

    private void connected(Connection connection, long nowNs) {
        int errno = Sockets.pendingError(connection.fd);
        if (errno != 0) {
            String address = Connection.endpoint(connection.remote).toString();
            String reason = new PosixException("connect", errno, address).getMessage();
            failed(connection, HandshakeOutcome.CONNECT_FAILED, reason + "; is the host daemon there running?");
            return;
        }
        connection.stage = Connection.Stage.SHAKING;
        roster.wait(connection, nowNs + HANDSHAKE_NS);
        epoll.modify(connection.fd, Epoll.IN | Epoll.RDHUP, connection.token);
        introductions.begin(connection);
    }

    @Override
    public void introduced(Connection connection) {
        RunRef run = connection.run;
        RunConnections held = roster.of(run);
        if (run == null || held == null) {
            failed(connection, HandshakeOutcome.UNEXPECTED, "came after its run was over");
            return;
        }
        if (connection.role == Role.DESTINATION) {
            Connection other = held.byKey.putIfAbsent(connection.key(), connection);
            if (other != null && other != connection) {
                connection.run = null;
                failed(connection, HandshakeOutcome.DUPLICATE, "claims a candidate number that is taken");
                return;
            }
            roster.proven();
        }
        epoll.modify(connection.fd, Epoll.RDHUP, connection.token);
        if (connection.datagrams) {
            connection.stage = Connection.Stage.PAIRING;
            long waitNs = Pairings.AGAIN_NS;
            if (connection.role == Role.DESTINATION) {
                waitNs = HANDSHAKE_NS;
                if (!introductions.send(connection, pairings.offer(connection))) {
                    return;
                }
            }
            roster.wait(connection, System.nanoTime() + waitNs);
        } else {
            opened(connection);
        }
    }

    private void sendAgain(Connection connection, long nowNs) {
        long waitNs = connection.role == Role.SOURCE ? pairings.send(connection) : -1;
        if (waitNs < 0) {
            failed(connection, HandshakeOutcome.UNPAIRED, "and this host do not hear each other over UDP; is it let"
                    + " through by every firewall between, as the data port is?");
        } else {
            roster.wait(connection, nowNs + waitNs);
        }
    }

    /** Both ends have what the worker needs. */
    private void opened(Connection connection) {
        RunRef run = connection.run;
        if (run == null) {
            throw new IllegalStateException("only a connection of a run can be open");
        }
        connection.stage = Connection.Stage.OPEN;
        if (connection.role == Role.SOURCE) {
            pairings.leaveAlone(connection);
        }
        Pairing pairing = connection.pairing;
        int fd = pairing == null ? connection.fd : pairing.fd;
        InetSocketAddress local = Sockets.localAddress(fd);
        InetSocketAddress remote = pairing == null ? connection.remote : Sockets.remoteAddress(fd);
        listener.handshakeEnded(HandshakeOutcome.PROVEN);
        tell(run, new Candidate(
                connection.candidateId,
                connection.role,
                Sockets.incomingCpu(fd),
                steering.connection(local.getAddress(), remote.getAddress()),
                Connection.endpoint(local),
                Connection.endpoint(remote),
                null));
    }

    /** The peer closed an open candidate. */
    private void lost(Connection connection) {
        RunRef run = connection.run;
        discard(connection);
        if (run != null) {
            report(); // It may have become known in this very turn.
            listener.candidateLost(run, connection.key());
        }
    }

    @Override
    public void failed(Connection connection, HandshakeOutcome outcome, String reason) {
        RunRef run = connection.run;
        strangers.failed(outcome, connection.remote, reason, System.nanoTime());
        listener.handshakeEnded(outcome);
        connection.handshake = new Handshake.Broken(Handshake.Fault.GARBAGE, reason);
        discard(connection);
        if (run != null && connection.role == Role.SOURCE) {
            Endpoint remote = Connection.endpoint(connection.remote);
            String failure = outcome == HandshakeOutcome.CONNECT_FAILED ? reason : remote + " " + reason;
            tell(run, Candidate.failed(connection.candidateId, Role.SOURCE, Endpoint.NONE, remote, failure));
        }
    }

    private void discard(Connection connection) {
        epoll.remove(connection.fd);
        roster.remove(connection);
        pairings.close(connection);
        // Nobody needs what is unread, and hundreds of rejected candidates need not linger in TIME_WAIT.
        Sockets.reset(connection.fd);
    }

    private void tell(RunRef run, Candidate candidate) {
        news.computeIfAbsent(run, _ -> new ArrayList<>()).add(candidate);
    }
}
