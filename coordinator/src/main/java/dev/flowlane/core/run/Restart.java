package dev.flowlane.core.run;

import java.time.Instant;
import java.util.List;

/** A coordinator takes over from what the bus remembers. */
final class Restart {
    private Restart() {}

    static void start(Turn turn, Input.CoordinatorStarted started) {
        turn.takeOver(started.epoch(), started.secret(), started.limits());
        for (HostAnnouncement announcement : started.hosts()) {
            HostView host = Hosts.first(turn, announcement);
            turn.put(host);
            if (announcement.online()) {
                Hosts.armLease(turn, host.hostId(), host.leaseCheckAt());
            }
        }
        List<RunRecord> runs = started.runs().stream().sorted(RunRecord.FIFO).toList();
        runs.forEach(turn::put);
        runs.stream().filter(run -> run.state().live()).forEach(run -> adopt(turn, run));
        turn.wakeQueue();
    }

    private static void adopt(Turn turn, RunRecord run) {
        for (String hostId : RunHosts.of(run.spec())) {
            HostView host = turn.host(hostId);
            boolean gone = host == null || host.liveness() != HostView.Liveness.ONLINE;
            RunRecord known = turn.run(run.runId());
            if (gone && known != null) {
                String why = "HOST_LOST " + hostId + " while " + known.state().name()
                        + ": its daemon was shut down while the coordinator was away";
                Holdings.lose(turn, known, hostId, why, why);
            }
        }
        RunRecord known = turn.run(run.runId());
        if (known == null || known.state().name() != run.state().name()) {
            return;
        }
        switch (known.state()) {
            case RunState.Queued queued -> {
                if (queued.notBefore() != null) {
                    turn.arm(new TimerKey.Due(known.runId()), queued.notBefore());
                }
            }
            case RunState.Terminal _ -> {}
            case RunState.Connecting connecting -> Searching.afterRestart(turn, known, connecting);
            case RunState.Placed placed -> Preparing.afterRestart(turn, known, placed);
            case RunState.Running running -> {
                Instant deadline = later(running.deadline(), turn.now().plus(Bounds.GRACE));
                RunState.Running next = running.waitUntil(deadline);
                turn.save(known.with(next));
                turn.arm(new TimerKey.Phase(known.runId(), next.name()), deadline);
            }
            case RunState.Finishing finishing -> {
                Instant deadline = turn.now().plus(Bounds.FINISH);
                RunState.Finishing next = finishing.waitUntil(deadline);
                turn.save(known.with(next));
                turn.arm(new TimerKey.Phase(known.runId(), next.name()), deadline);
            }
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
