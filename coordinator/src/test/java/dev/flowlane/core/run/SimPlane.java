package dev.flowlane.core.run;

import static java.util.Objects.requireNonNull;

import dev.flowlane.core.placement.Steering;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The data connections of a simulated daemon: which receive CPU a connection gets is a matter of luck. */
final class SimPlane {
    private final SimHost host;
    private final Simulation world;
    private final SimBus bus;
    private final Steering steering;
    private final List<Integer> queueCpus;

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

    void connect(Effect.SendHostCommand command, HostOrder.Connect connect, SimHeld run) {
        run.key = connect.runKey();
        connect.close().forEach(run.candidates::remove);
        run.closed.addAll(connect.close());
        for (HostOrder.ConnectTarget target : connect.targets()) {
            List<CandidateReport> opened = new ArrayList<>();
            for (int i = 0; i < target.candidateCount(); i++) {
                int candidateId = target.firstCandidateId() + i;
                if (run.candidates.containsKey(candidateId) || run.closed.contains(candidateId)) {
                    continue;
                }
                dial(command, run, connect.runKey(), target, candidateId, bus.now.plusSeconds(2), opened);
            }
        }
    }

    private void dial(
            Effect.SendHostCommand command,
            SimHeld run,
            OpaqueBytes key,
            HostOrder.ConnectTarget target,
            int candidateId,
            Instant until,
            List<CandidateReport> opened) {
        host.later(bus.between(1, 15), () -> {
            // The same order may be under way twice.
            if (host.held(command.runId()) != run || run.candidates.containsKey(candidateId)) {
                return;
            }
            SimHost peer = world.host(target.destinationHostId());
            Steering kind = host.machineId.equals(peer.machineId) ? Steering.FOLLOWS_SENDER : steering;
            boolean expected = peer.plane.expects(command.runId(), command.attempt(), key);
            if (!expected && bus.now.isBefore(until)) {
                dial(command, run, key, target, candidateId, until, opened);
                return;
            }
            CandidateReport report;
            if (!expected || bus.chance(0.02)) {
                report = new CandidateReport(
                        candidateId, FlowRole.SOURCE, -1, kind, "", 0, "", 0, "connect: ETIMEDOUT");
            } else {
                report = FleetDriver.candidate(candidateId, FlowRole.SOURCE, anyQueueCpu(), kind);
                peer.plane.accept(command.runId(), candidateId, host.machineId);
            }
            run.candidates.put(candidateId, report);
            opened.add(report);
            int wanted = target.candidateCount();
            if (opened.size() == wanted || bus.random().nextInt(4) == 0) {
                flush(command, opened.size() == wanted ? opened : List.of(report));
            }
        });
    }

    private boolean expects(String runId, int attempt, OpaqueBytes key) {
        SimHeld run = host.held(runId);
        return host.alive && run != null && run.attempt == attempt && Objects.equals(key, run.key);
    }

    private void accept(String runId, int candidateId, String peerMachineId) {
        SimHeld run = requireNonNull(host.held(runId));
        Steering kind = host.machineId.equals(peerMachineId) ? Steering.FOLLOWS_SENDER : steering;
        CandidateReport report = FleetDriver.candidate(candidateId, FlowRole.DESTINATION, anyQueueCpu(), kind);
        if (bus.chance(0.01)) {
            return;
        }
        run.candidates.put(candidateId, report);
        host.later(Duration.ofMillis(2), () -> host.say((instance, at) ->
                new Input.CandidatesReported(host.id, instance, at, runId, run.attempt, List.of(report))));
    }

    private void flush(Effect.SendHostCommand command, List<CandidateReport> reports) {
        List<CandidateReport> copy = List.copyOf(reports);
        host.say((instance, at) ->
                new Input.CandidatesReported(host.id, instance, at, command.runId(), command.attempt(), copy));
    }

    int anyQueueCpu() {
        return queueCpus.get(bus.random().nextInt(queueCpus.size()));
    }
}
