package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.Role;
import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Which connections there are, whose run they are of, who is expected, and when something is due of each. Touches no
 * descriptor. Belongs to the plane's thread.
 */
final class Roster {
    private record Deadline(long atNs, long token) {}

    private final Map<Long, Connection> byToken = new HashMap<>();
    private final Map<RunRef, RunConnections> byRun = new HashMap<>();
    private final Map<RunToken, RunConnections> expected = new HashMap<>();

    /** Those of connections that have gone, or wait until another time now, stay until they are due. */
    private final PriorityQueue<Deadline> deadlines =
            new PriorityQueue<>(Comparator.comparingLong(Deadline::atNs));

    private long nextToken = Acceptor.FIRST_OTHER_TOKEN;
    private int unproven;

    /** One that nobody has had, also for other descriptors of the plane. */
    long newToken() {
        return nextToken++;
    }

    /**
     * A new connection of no run yet; of a destination, one that is not proven.
     *
     * @param untilNs when it is due
     */
    Connection add(
            int fd,
            Role role,
            InetSocketAddress remote,
            Connection.Stage stage,
            Handshake handshake,
            long untilNs) {
        Connection connection = new Connection(newToken(), fd, role, remote, stage, handshake, untilNs);
        byToken.put(connection.token, connection);
        deadlines.add(new Deadline(untilNs, connection.token));
        if (role == Role.DESTINATION) {
            unproven++;
        }
        return connection;
    }

    /** Connections that were accepted and are not proven. */
    int unproven() {
        return unproven;
    }

    /** An accepted connection is. */
    void proven() {
        unproven--;
    }

    @Nullable Connection find(long token) {
        return byToken.get(token);
    }

    /** As they are now. */
    List<Connection> all() {
        return List.copyOf(byToken.values());
    }

    /** It is due at another time. */
    void wait(Connection connection, long untilNs) {
        connection.deadlineNs = untilNs;
        deadlines.add(new Deadline(untilNs, connection.token));
    }

    /** How long nothing is due; -1: nothing will be. */
    long waitNs(long nowNs) {
        Deadline first = deadlines.peek();
        return first == null ? -1 : Math.max(0, first.atNs() - nowNs);
    }

    /** A connection that is due, once; null when none is. */
    @Nullable Connection due(long nowNs) {
        for (Deadline first = deadlines.peek(); first != null && first.atNs() - nowNs <= 0; first = deadlines.peek()) {
            deadlines.poll();
            Connection connection = byToken.get(first.token());
            if (connection != null && connection.deadlineNs - nowNs <= 0) {
                return connection;
            }
        }
        return null;
    }

    /** What is held of a run; null: nothing. */
    @Nullable RunConnections of(@Nullable RunRef run) {
        return run == null ? null : byRun.get(run);
    }

    /** What is held of a run, from now on if nothing is yet. */
    RunConnections enter(RunRef run) {
        return byRun.computeIfAbsent(run, RunConnections::new);
    }

    /** Lets connections of a run in. */
    RunConnections expect(RunRef run, RunKey key, int most) {
        RunConnections held = enter(run);
        held.expectedKey = key;
        held.acceptedMax = most;
        expected.put(RunToken.of(run), held);
        return held;
    }

    /** What is held of the run that a client names; null when none is expected by that name. */
    @Nullable RunConnections expected(RunToken token) {
        return expected.get(token);
    }

    void expectNoMore(RunConnections held) {
        held.expectedKey = null;
        expected.remove(RunToken.of(held.run));
    }

    void forget(RunRef run) {
        byRun.remove(run);
    }

    /** It is none of ours any more. */
    void remove(Connection connection) {
        byToken.remove(connection.token);
        boolean proven = connection.stage == Connection.Stage.OPEN || connection.stage == Connection.Stage.PAIRING;
        if (connection.role == Role.DESTINATION && !proven) {
            unproven--;
        }
        RunConnections held = of(connection.run);
        if (held != null) {
            held.byKey.remove(connection.key(), connection);
        }
    }
}
