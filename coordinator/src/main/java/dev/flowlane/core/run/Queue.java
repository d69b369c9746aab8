package dev.flowlane.core.run;

import dev.flowlane.core.placement.Placement;
import dev.flowlane.core.placement.PlacementOutcome;
import dev.flowlane.core.placement.PlacementRequest;
import dev.flowlane.core.placement.Precheck;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.WhenBusy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Who may begin to search. The line is by priority, then first come, first served. A later run may begin before one
 * that waits only where it cannot delay it: on other machines than any that an earlier one waits for, so nobody in the
 * line starves but by runs of a higher priority. A run that is not due is not in the line. Only one run at a time
 * searches on a machine, because two searches would both find the same CPUs free.
 */
final class Queue {
    /** Of each run, the machines that it could want a CPU of; while the line is looked at once. */
    private final Map<String, Set<String>> machines = new HashMap<>();

    /** By machine, the runs that stay in the line; while it is looked at once. */
    private final Map<String, List<RunRecord>> earlier = new HashMap<>();

    private final Turn turn;

    private Queue(Turn turn) {
        this.turn = turn;
    }

    static void serveIfWoken(Turn turn) {
        // Serving ends or starts runs, which can let others go on.
        while (turn.queueWoken()) {
            serve(turn);
        }
    }

    /** Looks once, in order, at every queued run for which something may have changed. */
    static void serve(Turn turn) {
        Predicate<Set<String>> woken = turn.takeWoken();
        Queue queue = new Queue(turn);
        for (RunRecord run : turn.runs().line()) {
            if (run.state() instanceof RunState.Queued queued) {
                boolean changed = woken.test(queue.machines(run));
                if (turn.now().isBefore(run.dueAt())) {
                    if (changed) {
                        notDue(turn, run, queued);
                    }
                    continue;
                }
                if (changed) {
                    queue.consider(run, queued);
                }
                RunRecord now = turn.run(run.runId());
                if (now != null && now.state() instanceof RunState.Queued) {
                    queue.inLine(now);
                }
            }
        }
    }

    /** A run's earliest begin has come. */
    static void due(Turn turn, String runId) {
        RunRecord run = turn.run(runId);
        if (run != null && run.state() instanceof RunState.Queued) {
            if (turn.now().isBefore(run.dueAt())) {
                turn.arm(new TimerKey.Due(runId), run.dueAt());
            } else {
                turn.wakeQueue(run);
            }
        }
    }

    private static void notDue(Turn turn, RunRecord run, RunState.Queued queued) {
        RunState.Queued next = queued.waitUntil(run.dueAt(), List.of("not before " + run.dueAt()));
        if (!next.equals(queued)) {
            turn.arm(new TimerKey.Due(run.runId()), run.dueAt());
            tell(turn, run, next, "begins not before " + run.dueAt());
        }
    }

    private void consider(RunRecord run, RunState.Queued queued) {
        SortedSet<String> searching = new TreeSet<>();
        SortedSet<String> waiting = new TreeSet<>();
        for (RunRecord other : turn.runs().searching()) {
            if (mayConflict(run, other)) {
                searching.add(other.runId());
            }
        }
        for (String machine : machines(run)) {
            for (RunRecord other : earlier.getOrDefault(machine, List.of())) {
                if (!shared(run, other)) {
                    waiting.add(other.runId());
                }
            }
        }
        if (!waiting.isEmpty()) {
            waitOrReject(turn, run, queued, waiting, "in line before it: " + String.join(", ", waiting));
            return;
        }
        if (!searching.isEmpty()) {
            // Over in a moment, and nobody knows yet what it will claim: no ground for refusing.
            waitFor(turn, run, queued, searching, "searching lanes on the same machines: " + names(searching));
            return;
        }
        if (queued.searched() && turn.ledger().runIds().containsAll(queued.waitingFor())) {
            return;
        }
        start(turn, run, queued);
    }

    private static void start(Turn turn, RunRecord run, RunState.Queued queued) {
        if (RunHosts.of(run.spec()).stream().anyMatch(hostId -> turn.host(hostId) == null)) {
            Ending.end(turn, run, StateName.REJECTED, Submission.hostProblems(turn, run.spec()));
            return;
        }
        PlacementRequest request =
                PlacementRequest.beforeConnecting(run.runId(), run.spec(), turn.cpus(run.spec()), turn.ledger());
        switch (Placement.precheck(request)) {
            case Precheck.Fits fits -> startOn(turn, run, queued);
            case PlacementOutcome.Blocked blocked -> blocked(turn, run, queued, blocked);
            case PlacementOutcome.Refused refused ->
                Ending.end(turn, run, StateName.REJECTED, refused.explanation().lines());
        }
    }

    /** Its turn has come; a host that was away while it waited has to be back by now. */
    private static void startOn(Turn turn, RunRecord run, RunState.Queued queued) {
        List<String> problems = Submission.hostProblems(turn, run.spec());
        if (!problems.isEmpty()) {
            Ending.end(turn, run, StateName.REJECTED, problems);
            return;
        }
        for (String hostId : RunHosts.of(run.spec())) {
            HostView host = turn.host(hostId);
            if (host != null && !host.inventoryKnown()) {
                // Bounded: the lease of such a host is not renewed.
                waitFor(turn, run, queued, new TreeSet<>(), "host " + hostId + " is starting");
                return;
            }
        }
        Searching.begin(turn, run, queued);
    }

    private static void blocked(
            Turn turn, RunRecord run, RunState.Queued queued, PlacementOutcome.Blocked blocked) {
        waitOrReject(
                turn,
                run,
                queued,
                blocked.runIds(),
                blocked.explanation().lines().toArray(String[]::new));
    }

    /** Puts a run whose search found its CPUs claimed back into its place in the line. */
    static void putBack(
            Turn turn, RunRecord run, RunState.Connecting connecting, PlacementOutcome.Blocked blocked) {
        List<String> why = blocked.explanation().lines();
        if (run.spec().whenBusy() == WhenBusy.REJECT || !connecting.flows().isEmpty()) {
            Ending.end(turn, run, connecting, StateName.REJECTED, why);
            return;
        }
        Ending.release(turn, run, "waits for other runs");
        turn.cancel(new TimerKey.Batch(run.runId()));
        turn.enter(
                run.nextAttempt(),
                connecting.queue(turn.now(), blocked.runIds(), why),
                "waits for " + names(blocked.runIds()));
    }

    private static void waitOrReject(
            Turn turn, RunRecord run, RunState.Queued queued, SortedSet<String> inTheWay, String... why) {
        switch (run.spec().whenBusy()) {
            case QUEUE -> waitFor(turn, run, queued, inTheWay, why);
            case REJECT -> {
                List<String> reasons = new ArrayList<>(List.of(why));
                reasons.add("the spec says when-busy: reject; with queue it would wait for " + names(inTheWay));
                Ending.end(turn, run, StateName.REJECTED, reasons);
            }
        }
    }

    private static void waitFor(
            Turn turn, RunRecord run, RunState.Queued queued, SortedSet<String> inTheWay, String... why) {
        RunState.Queued next = queued.waitFor(inTheWay, List.of(why));
        if (!next.equals(queued)) {
            tell(turn, run, next, inTheWay.isEmpty() ? String.join("; ", why) : "waits for " + names(inTheWay));
        }
    }

    private static void tell(Turn turn, RunRecord run, RunState.Queued next, String message) {
        RunRecord waiting = run.with(next);
        turn.save(waiting);
        turn.event(waiting, RunEvent.Type.STATE, null, null, message);
    }

    private static String names(SortedSet<String> runIds) {
        return String.join(", ", runIds);
    }

    /** Whether two runs could want the same CPU of the same machine for themselves. */
    private boolean mayConflict(RunRecord one, RunRecord other) {
        return !shared(one, other) && !Collections.disjoint(machines(one), machines(other));
    }

    /** Whether neither of the two wants a CPU for itself. */
    private static boolean shared(RunRecord one, RunRecord other) {
        return one.spec().placement().exclusive() == Exclusive.NONE
                && other.spec().placement().exclusive() == Exclusive.NONE;
    }

    private void inLine(RunRecord run) {
        machines(run).forEach(machine -> earlier.computeIfAbsent(machine, _ -> new ArrayList<>()).add(run));
    }

    private Set<String> machines(RunRecord run) {
        return machines.computeIfAbsent(run.runId(), _ -> turn.machines(run));
    }
}
