package dev.flowlane.core.run;

import dev.flowlane.core.Counted;
import dev.flowlane.core.placement.CandidatePair;
import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.Lane;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/** PLACED: the chosen connections go to workers, which prove where they are. */
final class Preparing {
    private Preparing() {}

    static void begin(
            Turn turn, RunRecord run, RunState.Connecting connecting, List<Lane> lanes, List<String> notes) {
        Map<Integer, CandidatePair> candidates = new HashMap<>();
        connecting.candidates().pairs().forEach(pair -> candidates.put(pair.candidateId(), pair));
        Map<String, String> names = new HashMap<>();
        for (int number = 0; number < lanes.size(); number++) {
            for (Claim claim : lanes.get(number).claims()) {
                names.put(claim.flowId(), flowId(run, number));
            }
        }
        List<FlowLane> flows = new ArrayList<>();
        for (Lane lane : lanes) {
            CandidatePair pair = candidates.get(lane.candidateId());
            if (pair != null) {
                flows.add(flow(flowId(run, flows.size()), lane, pair, names));
            }
        }
        turn.cancel(new TimerKey.Batch(run.runId()));
        RunState.Placed next = connecting.place(turn.now(), flows);
        boolean first = run.history().trials().isEmpty();
        RunRecord changed = turn.enter(
                first ? run.with(run.history().noting(notes)) : run,
                next,
                "found lanes for " + Counted.of(flows.size(), "flow") + " with "
                        + Counted.of(connecting.candidates().size(), "candidate"));
        notes.forEach(note -> turn.event(changed, RunEvent.Type.WARNING, null, null, note));
        assign(turn, changed, next);
    }

    /** A flow that is measured again is another one: what was measured of it before is on the topics by its old id. */
    private static String flowId(RunRecord run, int number) {
        return run.runId() + "." + number + (run.startedAt() == null ? "" : "~" + run.attempt());
    }

    /** @param names of the run's flows, by what they are called in the claims of the lanes */
    private static FlowLane flow(String flowId, Lane lane, CandidatePair pair, Map<String, String> names) {
        FlowEnd source = new FlowEnd(
                FlowRole.SOURCE,
                pair.sourceHostId(),
                pair.source().address(),
                pair.source().port(),
                lane.sourceApplicationCpu(),
                lane.sourceReceiveCpu(),
                null,
                null,
                null);
        FlowEnd destination = new FlowEnd(
                FlowRole.DESTINATION,
                pair.destinationHostId(),
                pair.destination().address(),
                pair.destination().port(),
                lane.destinationApplicationCpu(),
                lane.destinationReceiveCpu(),
                null,
                null,
                null);
        List<Claim> claims = lane.claims().stream()
                .map(claim -> claim.of(flowId, names.getOrDefault(claim.sharedWithFlowId(), "")))
                .toList();
        return new FlowLane(flowId, lane.pair(), lane.candidateId(), source, destination, claims);
    }

    /** Nobody knows what came of ASSIGN before a restart; a daemon that has carried it out answers again. */
    static void afterRestart(Turn turn, RunRecord run, RunState.Placed placed) {
        RunState.Placed next = placed.prepareAgain(turn.now());
        RunRecord changed = turn.enter(run, next, "prepares again after a restart of the coordinator");
        assign(turn, changed, next);
    }

    private static void assign(Turn turn, RunRecord run, RunState.Placed placed) {
        RunHosts.of(run.spec()).forEach(hostId -> assign(turn, run, placed, hostId));
    }

    /** Tells one host its flow ends; telling it twice has no effect but another READY. */
    static void assign(Turn turn, RunRecord run, RunState.Placed placed, String hostId) {
        List<HostOrder.Assignment> ends = new ArrayList<>();
        for (FlowLane flow : placed.flows()) {
            flow.ends()
                    .filter(end -> end.hostId().equals(hostId))
                    .forEach(end -> ends.add(assignment(turn, flow, end)));
        }
        turn.send(
                run,
                hostId,
                new HostOrder.Assign(run.spec(), ends, housekeeping(turn, hostId)),
                placed.deadline());
    }

    private static HostOrder.Assignment assignment(Turn turn, FlowLane flow, FlowEnd end) {
        FlowEnd peer =
                switch (end.role()) {
                    case SOURCE -> flow.destination();
                    case DESTINATION -> flow.source();
                };
        HostView here = turn.host(end.hostId());
        HostView there = turn.host(peer.hostId());
        boolean oneMachine = here != null && there != null && here.machineId().equals(there.machineId());
        return new HostOrder.Assignment(
                flow.flowId(),
                end.role(),
                flow.candidateId(),
                end.applicationCpu(),
                oneMachine ? peer.applicationCpu() : -1,
                peer.hostId());
    }

    /** What no lane on the machine claims; null when nothing is left. */
    private static @Nullable CpuSet housekeeping(Turn turn, String hostId) {
        HostView host = turn.host(hostId);
        if (host == null) {
            return null;
        }
        CpuSet free = host.announced().cpus().allowed().minus(turn.ledger().claimedCpus(host.machineId()));
        return free.isEmpty() ? null : free;
    }

    static void ready(Turn turn, Input.FlowEndsReady ready) {
        RunRecord run = turn.run(ready.runId());
        if (run == null
                || !(run.state() instanceof RunState.Placed placed)
                || run.attempt() != ready.attempt()) {
            return;
        }
        HostView host = turn.host(ready.hostId());
        String machineId = host == null ? ready.hostId() : host.machineId();
        Exclusive exclusive = run.spec().placement().exclusive();
        RunRecord changed = run;
        RunState.Placed next = placed;
        for (EndLane seen : ready.lanes()) {
            Flows.Found found = Flows.find(next.flows(), ready.hostId(), seen.flowId(), seen.role());
            if (found == null || found.end().ended()) {
                continue;
            }
            Optional<String> problem =
                    LaneCheck.problem(found.flow(), found.end(), seen, machineId, exclusive, turn.ledger());
            if (problem.isPresent()) {
                Searching.again(turn, changed, next, problem.get());
                return;
            }
            FlowLane flow = LaneCheck.claimed(found.flow(), found.end(), seen, machineId, exclusive)
                    .with(seen.role(), end -> end.ready(seen));
            next = next.know(Flows.replace(next.flows(), flow));
            changed = changed.with(next);
            turn.put(changed);
        }
        boolean all = next.flows().stream()
                .flatMap(FlowLane::ends)
                .allMatch(end -> end.observed() != null && !end.ended());
        if (all) {
            Measuring.start(turn, changed, next);
        }
    }

    /** The bound of the preparation is over. */
    static void timedOut(Turn turn, RunRecord run, RunState.Placed placed) {
        Map<String, SortedSet<String>> unready = Flows.byHost(placed.flows(), end -> end.observed() == null);
        List<String> why = new ArrayList<>();
        unready.forEach((hostId, flows) -> why.add("host " + hostId + " did not make " + Ending.some(flows)
                + " ready within " + Ending.seconds(Bounds.PREPARE)
                + " of PLACED; see the log of its daemon for workers that do not start"));
        Ending.stop(turn, run, why, false);
    }
}
