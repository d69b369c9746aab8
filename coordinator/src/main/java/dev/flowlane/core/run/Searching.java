package dev.flowlane.core.run;

import dev.flowlane.core.Counted;
import dev.flowlane.core.placement.CandidateDemand;
import dev.flowlane.core.placement.CandidatePair;
import dev.flowlane.core.placement.Closable;
import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Lane;
import dev.flowlane.core.placement.Pairs;
import dev.flowlane.core.placement.Placement;
import dev.flowlane.core.placement.PlacementOutcome;
import dev.flowlane.core.placement.PlacementRequest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** CONNECTING: asks for candidates until the placement is content, or cannot become so. */
final class Searching {
    private Searching() {}

    /** A queued run's turn has come. */
    static void begin(Turn turn, RunRecord run, RunState.Queued queued) {
        RunState.Connecting connecting = queued.connect(turn.now(), instances(turn, run));
        RunRecord changed = turn.enter(run, connecting, "opens candidate connections");
        decide(turn, changed, connecting);
    }

    /** The lanes that were found are not what the workers see. */
    static void again(Turn turn, RunRecord run, RunState.Placed placed, String why) {
        int before = run.history().givenUp().size() + run.history().trials().size();
        if (run.attempt() >= Bounds.ATTEMPTS + before) {
            Ending.stop(turn, run, List.of(why, "given up after " + run.attempt() + " placements"), false);
            return;
        }
        turn.event(run, RunEvent.Type.WARNING, null, null, why + "; searches again");
        anew(turn, run, placed.searchAgain(turn.now(), instances(turn, run)), "the run is placed again: " + why);
    }

    /** Gives the attempt up at every host and begins another one. */
    static void anew(Turn turn, RunRecord run, RunState.Connecting connecting, String why) {
        Ending.release(turn, run, why);
        RunRecord changed = turn.enter(run.nextAttempt(), connecting, "opens candidate connections again");
        decide(turn, changed, connecting);
    }

    /** After a restart nothing is known of what a search had found. */
    static void afterRestart(Turn turn, RunRecord run, RunState.Connecting before) {
        anew(
                turn,
                run,
                before.searchAgain(turn.now(), instances(turn, run)),
                "the coordinator was restarted during the search");
    }

    /** The daemons of the run's hosts. */
    static Map<String, String> instances(Turn turn, RunRecord run) {
        Map<String, String> instances = new HashMap<>();
        for (String hostId : RunHosts.of(run.spec())) {
            HostView host = turn.host(hostId);
            if (host != null) {
                instances.put(hostId, host.instanceId());
            }
        }
        return instances;
    }

    static void candidates(Turn turn, Input.CandidatesReported report) {
        RunRecord run = turn.run(report.runId());
        if (run != null
                && run.state() instanceof RunState.Connecting connecting
                && run.attempt() == report.attempt()) {
            Foresight.compare(turn, run, connecting.candidates(), report);
            know(turn, run, connecting.know(connecting.candidates().hear(report.hostId(), report.candidates())));
        }
    }

    /** The time of the newest batch is over. */
    static void batchDue(Turn turn, RunRecord run, RunState.Connecting connecting) {
        RunState.Connecting next = connecting.know(connecting.candidates().giveUpHalfOpen());
        if (next.candidates().outstanding()) {
            turn.arm(new TimerKey.Batch(run.runId()), turn.now().plus(Bounds.BATCH));
        }
        know(turn, run, next);
    }

    private static void know(Turn turn, RunRecord run, RunState.Connecting connecting) {
        RunRecord changed = run.with(connecting);
        turn.put(changed);
        decide(turn, changed, connecting);
    }

    private static void decide(Turn turn, RunRecord run, RunState.Connecting connecting) {
        CandidateBook book = connecting.candidates();
        boolean outstanding = book.outstanding();
        if (outstanding && book.pairs().size() < run.spec().flowCount()) {
            return;
        }
        HostPair unconnected = book.unconnected();
        if (!outstanding && unconnected != null) {
            List<String> why = new ArrayList<>();
            why.add("no connection from " + unconnected.source() + " to " + unconnected.destination()
                    + " could be opened; see routes and firewalls between their data addresses");
            why.addAll(book.failures());
            Ending.end(turn, run, connecting, StateName.FAILED, why);
            return;
        }
        if (!run.history().trials().isEmpty()) {
            decideForSameLanes(turn, run, connecting);
            return;
        }
        List<FlowLane> wanted = Like.wanted(turn, run.spec());
        if (!wanted.isEmpty() && decideForLike(turn, run, connecting, wanted)) {
            return;
        }
        switch (Placement.place(request(turn, run, book.pairs(), book))) {
            case PlacementOutcome.Placed placed ->
                place(turn, run, connecting, placed, wanted);
            case PlacementOutcome.NeedMore more -> {
                if (!outstanding) {
                    // Many connections that lead to the same few CPUs would only fill the hosts' tables.
                    ask(turn, run, connecting, more.demands(), Closable.of(request(turn, run, book.pairs(), book)));
                }
            }
            case PlacementOutcome.Blocked blocked -> {
                if (!outstanding) {
                    Queue.putBack(turn, run, connecting, blocked);
                }
            }
            case PlacementOutcome.Refused refused -> {
                if (!outstanding) {
                    List<String> why = new ArrayList<>(refused.explanation().lines());
                    why.addAll(book.failures());
                    Ending.end(turn, run, connecting, StateName.REJECTED, why);
                }
            }
        }
    }

    /** A trial after the first: the claims are held, only connections for them are missing. */
    private static void decideForSameLanes(Turn turn, RunRecord run, RunState.Connecting connecting) {
        CandidateBook book = connecting.candidates();
        SameLanes same = SameLanes.match(connecting.flows(), book.pairs());
        if (same.complete()) {
            Preparing.begin(turn, run, connecting, same.lanes(), List.of());
        } else if (!book.outstanding() && book.size() < run.spec().placement().maxCandidates()) {
            ask(turn, run, connecting, same.demands(book.pairs(), book.size() == 0), Set.of());
        } else if (!book.outstanding()) {
            List<String> why = new ArrayList<>();
            why.add(same.problem(book.size()));
            why.addAll(book.failures());
            Ending.end(turn, run, connecting, StateName.FAILED, why);
        }
    }

    /**
     * Asks for the lanes of an earlier run, with half of the connections at most: what they do not lead to is found
     * without it.
     *
     * @return whether that is all for now
     */
    private static boolean decideForLike(
            Turn turn, RunRecord run, RunState.Connecting connecting, List<FlowLane> wanted) {
        CandidateBook book = connecting.candidates();
        SameLanes same = SameLanes.match(wanted, book.pairs());
        if (same.complete()) {
            Set<Integer> fitting = same.lanes().stream().map(Lane::candidateId).collect(Collectors.toSet());
            List<CandidatePair> pairs = book.pairs().stream()
                    .filter(pair -> fitting.contains(pair.candidateId()))
                    .toList();
            // The policy and the claims of others decide as ever.
            if (Placement.place(request(turn, run, pairs, book)) instanceof PlacementOutcome.Placed placed) {
                place(turn, run, connecting, placed, wanted);
                return true;
            }
            return false;
        }
        boolean more = book.size() < run.spec().placement().maxCandidates() / 2;
        if (more && !book.outstanding()) {
            ask(turn, run, connecting, same.demands(book.pairs(), book.size() == 0), Set.of());
        }
        return more;
    }

    private static void place(
            Turn turn,
            RunRecord run,
            RunState.Connecting connecting,
            PlacementOutcome.Placed placed,
            List<FlowLane> wanted) {
        List<String> notes = new ArrayList<>(placed.notes());
        notes.addAll(Like.notes(run.spec(), wanted, placed.lanes(), connecting.candidates().size()));
        Preparing.begin(turn, run, connecting, placed.lanes(), notes);
    }

    private static PlacementRequest request(
            Turn turn, RunRecord run, List<CandidatePair> pairs, CandidateBook book) {
        return new PlacementRequest(
                run.runId(),
                run.spec(),
                Pairs.of(run.spec()),
                pairs,
                book.closedPairs(),
                turn.cpus(run.spec()),
                turn.ledger(),
                book.size());
    }

    private static void ask(
            Turn turn,
            RunRecord run,
            RunState.Connecting connecting,
            List<CandidateDemand> demands,
            Set<Integer> close) {
        CandidateBook book = connecting.candidates();
        int left = run.spec().placement().maxCandidates() - book.size();
        int next = book.size();
        Foresight foresight = new Foresight(turn, run, book);
        TreeMap<Integer, CandidateBook.Entry> asked = new TreeMap<>();
        Map<String, List<HostOrder.ConnectTarget>> targets = new LinkedHashMap<>();
        for (CandidateDemand demand : demands) {
            HostPair pair = demand.pair();
            HostView source = turn.host(pair.source());
            HostView destination = turn.host(pair.destination());
            Optional<Routes.Route> route = source == null || destination == null
                    ? Optional.empty()
                    : Routes.between(run.spec(), source, destination);
            int wanted = Math.min(demand.count(), left);
            if (route.isEmpty() || wanted <= 0 || source == null || destination == null) {
                continue;
            }
            List<Integer> known = demand.sourcePorts().subList(0, Math.min(demand.sourcePorts().size(), wanted));
            List<Integer> ports = known.isEmpty() || foresight.choosesAll()
                    ? foresight.ports(source, destination, route.get(), wanted)
                    : known;
            int count = foresight.choosesAll() || !ports.isEmpty() ? ports.size() : wanted;
            if (count == 0) {
                continue;
            }
            targets.computeIfAbsent(pair.source(), host -> new ArrayList<>())
                    .add(new HostOrder.ConnectTarget(
                            pair.destination(),
                            route.get().destination().address(),
                            route.get().destination().port(),
                            route.get().source().address(),
                            next,
                            count,
                            ports));
            for (int i = 0; i < count; i++) {
                asked.put(next++, CandidateBook.Entry.of(pair));
            }
            left -= count;
        }
        if (asked.isEmpty()) {
            List<String> why = new ArrayList<>();
            why.add(foresight.choosesAll() && left > 0
                    ? "no lanes were found with " + Counted.of(book.size(), "candidate connection") + " from the "
                            + Counted.of(run.spec().placement().sourcePorts().size(), "port")
                            + " of source-ports; name more of them or ask for fewer flows"
                    : "no lanes were found with " + Counted.of(book.size(), "candidate connection")
                            + "; raise max-candidates ("
                            + run.spec().placement().maxCandidates() + ") or ask for fewer flows");
            why.addAll(book.failures());
            Ending.end(turn, run, connecting, StateName.REJECTED, why);
            return;
        }
        List<CandidateBook.Batch> batches = targets.entrySet().stream()
                .map(entry -> new CandidateBook.Batch(
                        entry.getKey(), entry.getValue(), book.openedBy(entry.getKey(), close)))
                .toList();
        RunRecord changed =
                run.opened(asked.size()).with(connecting.know(book.ask(batches, asked)));
        if (book.size() == 0) {
            turn.save(changed);
            RunHosts.destinations(run.spec()).forEach(hostId -> expect(turn, changed, connecting, hostId));
        } else {
            turn.put(changed);
        }
        batches.forEach(batch -> connect(turn, changed, connecting, batch));
        turn.arm(new TimerKey.Batch(run.runId()), turn.now().plus(Bounds.BATCH));
    }

    /** Sends a host again what it may have missed; daemons know candidates by their number. */
    static void resend(Turn turn, RunRecord run, RunState.Connecting connecting, String hostId) {
        if (RunHosts.destinations(run.spec()).contains(hostId)) {
            expect(turn, run, connecting, hostId);
        }
        for (CandidateBook.Batch batch : connecting.candidates().connects()) {
            if (batch.sourceHostId().equals(hostId)) {
                connect(turn, run, connecting, batch);
            }
        }
    }

    private static void expect(Turn turn, RunRecord run, RunState.Connecting connecting, String hostId) {
        turn.send(
                run,
                hostId,
                new HostOrder.Expect(key(turn, run), run.spec().placement().maxCandidates()),
                connecting.deadline());
    }

    private static void connect(
            Turn turn, RunRecord run, RunState.Connecting connecting, CandidateBook.Batch batch) {
        turn.send(
                run,
                batch.sourceHostId(),
                new HostOrder.Connect(key(turn, run), batch.targets(), run.spec(), batch.close()),
                connecting.deadline());
    }

    private static OpaqueBytes key(Turn turn, RunRecord run) {
        return RunKeys.derive(turn.secret(), run.runId(), run.attempt());
    }

    /** The bound of the search is over. */
    static void timedOut(Turn turn, RunRecord run, RunState.Connecting connecting) {
        CandidateBook book = connecting.candidates();
        List<String> why = new ArrayList<>();
        String within = " within " + Ending.seconds(Bounds.CONNECT) + " of CONNECTING";
        for (String hostId : book.silentHosts()) {
            why.add("host " + hostId + " did not report its candidate connections" + within
                    + "; see the log of its daemon, and whether its data addresses can be reached");
        }
        if (why.isEmpty()) {
            why.add("no lanes for " + Counted.of(run.spec().flowCount(), "flow") + " were found" + within + " with "
                    + Counted.of(book.pairs().size(), "candidate connection") + "; ask for fewer flows");
        }
        why.addAll(book.failures());
        Ending.end(turn, run, connecting, StateName.FAILED, why);
    }
}
