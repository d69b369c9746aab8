package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What daemons still hold of runs, compared with what they should hold. This is how claims come back when a report is
 * missing, how a run learns that a host has forgotten it, and how a host is rid of what is long over.
 */
final class Holdings {
    private Holdings() {}

    /** A daemon that asks what to do gets the orders of the phase that each of its runs is in. */
    static void hello(Turn turn, Input.HostHello hello, boolean newest) {
        if (newest) {
            compare(turn, hello.hostId(), hello.liveRunIds(), hello.warmWorkers(), hello.brokerClockOffsetNs(), true);
            turn.runs().concerning(hello.hostId()).forEach(run -> resend(turn, run, hello.hostId()));
        }
    }

    static void heartbeat(Turn turn, Input.HostHeartbeat heartbeat, boolean newest) {
        if (newest) {
            compare(
                    turn,
                    heartbeat.hostId(),
                    heartbeat.liveRunIds(),
                    heartbeat.warmWorkers(),
                    heartbeat.brokerClockOffsetNs(),
                    false);
        }
    }

    private static void resend(Turn turn, RunRecord run, String hostId) {
        switch (run.state()) {
            case RunState.Queued _ -> {}
            case RunState.Connecting connecting -> Searching.resend(turn, run, connecting, hostId);
            case RunState.Placed placed -> Preparing.assign(turn, run, placed, hostId);
            case RunState.Running running -> {
                // Later than that a START would be refused, and a daemon that goes on needs none.
                Instant stale = running.since().plus(Bounds.GRACE);
                if (Flows.anyUnended(running.flows(), hostId) && turn.now().isBefore(stale)) {
                    Measuring.start(turn, run, hostId);
                }
            }
            case RunState.Finishing finishing -> {
                if (!finishing.reasons().isEmpty() && Flows.anyUnended(finishing.flows(), hostId)) {
                    turn.send(
                            run,
                            hostId,
                            new HostOrder.Stop(finishing.reasons().getFirst()),
                            finishing.deadline());
                }
            }
            case RunState.Terminal _ -> {}
        }
    }

    /**
     * Compares. One heartbeat without a run proves nothing, it may have been made while the daemon was about to send a
     * report; two in a row do.
     */
    private static void compare(
            Turn turn,
            String hostId,
            Set<String> held,
            int warmWorkers,
            @Nullable Long offsetNs,
            boolean atOnce) {
        HostView host = turn.host(hostId);
        if (host == null) {
            return;
        }
        releaseDead(turn, hostId, held);
        Set<String> missed = new TreeSet<>();
        Set<String> forgotten = new TreeSet<>();
        for (RunRecord run : turn.runs().concerning(hostId)) {
            boolean should = Flows.anyUnended(run.flows(), hostId)
                    && !(run.state() instanceof RunState.Connecting);
            if (should && !held.contains(run.runId())) {
                boolean over = !run.state().live();
                (atOnce || over || host.missedRunIds().contains(run.runId()) ? forgotten : missed).add(run.runId());
            }
        }
        turn.put(Hosts.status(host, held, missed, warmWorkers, offsetNs));
        for (String runId : forgotten) {
            RunRecord run = turn.run(runId);
            if (run != null) {
                lose(
                        turn,
                        run,
                        hostId,
                        "host " + hostId + " let go of it without a report",
                        "HOST_LOST " + hostId + " while " + run.state().name()
                                + ": its daemon no longer knows the run; see its log for a restart");
            }
        }
    }

    private static void releaseDead(Turn turn, String hostId, Set<String> held) {
        for (String runId : new TreeSet<>(held)) {
            RunRecord run = turn.run(runId);
            if (run == null) {
                // Forgotten here, so no attempt of it can be alive.
                turn.send(runId, Integer.MAX_VALUE, hostId, new HostOrder.Release("the run is not known"), null);
            } else if (!run.state().live()) {
                turn.send(run, hostId, new HostOrder.Release("the run is over: " + run.state().name()), null);
            }
        }
    }

    /**
     * The host has nothing of the run any more. Its ends are over without a report; a run that still needs it is
     * stopped.
     *
     * @param ofEnd said of each end
     * @param ofRun said of the run
     */
    static void lose(Turn turn, RunRecord run, String hostId, String ofEnd, String ofRun) {
        List<FlowLane> flows = Flows.lose(run.state().flows(), hostId, ofEnd);
        boolean changed = !flows.equals(run.state().flows());
        switch (run.state()) {
            case RunState.Queued _ -> {}
            case RunState.Connecting connecting -> stopLost(turn, run, hostId, ofRun);
            case RunState.Placed placed -> stopLost(turn, run.with(placed.know(flows)), hostId, ofRun);
            case RunState.Running running -> {
                if (changed) {
                    stopLost(turn, run.with(running.know(flows)), hostId, ofRun);
                }
            }
            case RunState.Finishing finishing -> {
                if (changed) {
                    // A run that was stopped has its reason; that a host let go of it then is no other one.
                    RunRecord known = run.with(finishing.know(flows));
                    if (finishing.reasons().isEmpty() || ofEnd.equals(ofRun)) {
                        stopLost(turn, known, hostId, ofRun);
                    } else {
                        turn.save(known);
                        Ending.concludeIfEnded(turn, known, finishing.know(flows));
                    }
                }
            }
            case RunState.Terminal terminal -> {
                if (changed) {
                    turn.save(run.with(terminal.know(flows)));
                    turn.wakeQueue(run);
                }
            }
        }
    }

    private static void stopLost(Turn turn, RunRecord run, String hostId, String why) {
        turn.event(run, RunEvent.Type.HOST_LOST, hostId, null, why);
        Ending.stop(turn, run, List.of(why), false);
    }
}
