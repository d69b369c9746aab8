package dev.flowlane.core.run;

import dev.flowlane.daemon.machine.Candidate;
import dev.flowlane.daemon.machine.CandidateKey;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.daemon.machine.Input;
import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.worker.protocol.Role;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The data connections of a simulated daemon: which receive CPU a connection gets is a matter of luck. */
final class SimPlane {
    private static final int SOURCE_PORT = 40_000;

    /** An open connection, or what is left of one. */
    static final class Connection {
        private final Candidate source;
        private final Candidate destination;
        private boolean closed;

        Connection(Candidate source, Candidate destination) {
            this.source = source;
            this.destination = destination;
        }

        Candidate candidate(Role role) {
            return role == Role.SOURCE ? source : destination;
        }
    }

    private record Key(RunRef run, CandidateKey candidate) {}

    private final SimHost host;
    private final Simulation world;
    private final SimBus bus;
    private final Steering steering;
    private final List<Integer> queueCpus;
    private final Map<RunRef, RunKey> keys = new HashMap<>();
    /** In the order of their making: a hash of enums differs from one virtual machine to the next. */
    private final Map<Key, Connection> connections = new LinkedHashMap<>();

    /**
     * @param steering of connections from other machines
     * @param queueCpus CPUs that serve a receive queue
     */
    SimPlane(SimHost host, Simulation world, Steering steering, List<Integer> queueCpus) {
        this.host = host;
        this.world = world;
        this.bus = world.bus;
        this.steering = steering;
        this.queueCpus = queueCpus;
    }

    void expect(RunRef run, RunKey key) {
        keys.put(run, key);
    }

    void connect(RunRef run, RunKey key, List<Effect.Attempt> attempts) {
        Instant until = bus.now.plusSeconds(2);
        attempts.forEach(attempt -> dial(run, key, attempt, until));
    }

    private void dial(RunRef run, RunKey key, Effect.Attempt attempt, Instant until) {
        host.later(bus.between(1, 15), () -> {
            SimHost peer = world.hostAt(attempt.destination().address());
            boolean expected = peer.plane.expects(run, key);
            if (!expected && bus.now.isBefore(until)) {
                host.later(Duration.ofMillis(30), () -> dial(run, key, attempt, until));
                return;
            }
            Endpoint local = new Endpoint(attempt.source().address(), SOURCE_PORT + attempt.candidateId());
            if (!expected || bus.chance(0.02)) {
                host.step(new Input.CandidatesKnown(run, List.of(Candidate.failed(
                        attempt.candidateId(), Role.SOURCE, local, attempt.destination(), "connect: ETIMEDOUT"))));
                return;
            }
            Connection connection = new Connection(
                    candidate(attempt.candidateId(), Role.SOURCE, peer, local, attempt.destination()),
                    peer.plane.candidate(attempt.candidateId(), Role.DESTINATION, host, attempt.destination(), local));
            connections.put(new Key(run, connection.source.key()), connection);
            peer.plane.connections.put(new Key(run, connection.destination.key()), connection);
            host.step(new Input.CandidatesKnown(run, List.of(connection.source)));
            peer.later(bus.between(0, 3), () ->
                    peer.step(new Input.CandidatesKnown(run, List.of(connection.destination))));
        });
    }

    private Candidate candidate(int id, Role role, SimHost peer, Endpoint local, Endpoint remote) {
        Steering kind = host.machineId.equals(peer.machineId) ? Steering.FOLLOWS_SENDER : steering;
        return new Candidate(id, role, anyQueueCpu(), kind, local, remote, null);
    }

    private boolean expects(RunRef run, RunKey key) {
        return host.well() && key.equals(keys.get(run));
    }

    void close(RunRef run, Set<CandidateKey> which) {
        which.forEach(candidate -> close(new Key(run, candidate)));
    }

    void keepOnly(RunRef run, Set<CandidateKey> keep) {
        keys.remove(run);
        connections.keySet().stream()
                .filter(key -> key.run().equals(run) && !keep.contains(key.candidate()))
                .toList()
                .forEach(this::close);
    }

    void forget(RunRef run) {
        keepOnly(run, Set.of());
    }

    private void close(Key key) {
        Connection connection = connections.remove(key);
        if (connection != null && !connection.closed) {
            connection.closed = true;
            CandidateKey candidate = key.candidate();
            SimHost peer = world.hostAt(connection.candidate(candidate.role()).remote().address());
            Role other = candidate.role() == Role.SOURCE ? Role.DESTINATION : Role.SOURCE;
            CandidateKey there = new CandidateKey(candidate.candidateId(), other);
            peer.later(bus.between(0, 5), () -> peer.step(new Input.CandidateLost(key.run(), there)));
        }
    }

    /** For a worker; null when it is closed. */
    @Nullable Connection take(RunRef run, CandidateKey candidate) {
        Connection connection = connections.remove(new Key(run, candidate));
        return connection == null || connection.closed ? null : connection;
    }

    /** The daemon's process is gone. */
    void vanish() {
        List.copyOf(connections.keySet()).forEach(this::close);
        keys.clear();
    }

    int anyQueueCpu() {
        return queueCpus.get(bus.random().nextInt(queueCpus.size()));
    }
}
