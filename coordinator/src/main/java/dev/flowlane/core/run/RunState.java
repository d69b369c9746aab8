package dev.flowlane.core.run;

import dev.flowlane.core.placement.Claim;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Where a run is in its life. Only the state that may be left in a way has the method for it. */
public sealed interface RunState {

    /** As the bus calls it. */
    StateName name();

    /** When it was entered. */
    Instant since();

    /** When the coordinator ends it by itself; null where it waits for other runs, or for ever. */
    @Nullable Instant deadline();

    /** Why, for people, most important first. */
    List<String> reasons();

    /** Chosen flows. */
    List<FlowLane> flows();

    /** Rights that the run holds. */
    default List<Claim> claims() {
        return flows().stream().flatMap(flow -> flow.claims().stream()).toList();
    }

    /** Whether the run still goes on. */
    default boolean live() {
        return !name().terminal();
    }

    /**
     * The state of a run record that was written earlier. What a search had found is not in the record; a search begins
     * anew after a restart.
     *
     * @param waitingFor of QUEUED
     * @param notBefore of QUEUED
     * @param cancelRequested of FINISHING
     */
    static RunState replayed(
            StateName name,
            Instant since,
            @Nullable Instant deadline,
            List<String> reasons,
            List<FlowLane> flows,
            List<String> waitingFor,
            @Nullable Instant notBefore,
            boolean cancelRequested) {
        Instant due = deadline == null ? since : deadline;
        return switch (name) {
            case QUEUED -> new Queued(since, new TreeSet<>(waitingFor), reasons, false, notBefore);
            case CONNECTING -> new Connecting(since, due, CandidateBook.EMPTY, flows, Map.of());
            case PLACED -> new Placed(since, due, flows);
            case RUNNING -> new Running(since, due, flows);
            case FINISHING -> new Finishing(since, due, reasons, flows, cancelRequested);
            case COMPLETED, DISTURBED, PARTIAL, FAILED, CANCELLED, REJECTED, EXPIRED ->
                new Terminal(name, since, reasons, flows);
        };
    }

    /**
     * Waits for claims.
     *
     * @param waitingFor runs in the way
     * @param searched whether a search found their claims in the way; another one would be in vain while they all hold
     * @param notBefore set while the run is not due and stands in nobody's way
     */
    record Queued(
            Instant since,
            SortedSet<String> waitingFor,
            List<String> reasons,
            boolean searched,
            @Nullable Instant notBefore)
            implements RunState {
        public Queued {
            waitingFor = Collections.unmodifiableSortedSet(new TreeSet<>(waitingFor));
            reasons = List.copyOf(reasons);
        }

        @Override
        public StateName name() {
            return StateName.QUEUED;
        }

        @Override
        public @Nullable Instant deadline() {
            return null;
        }

        @Override
        public List<FlowLane> flows() {
            return List.of();
        }

        Queued waitFor(SortedSet<String> inTheWay, List<String> why) {
            return new Queued(since, inTheWay, why, false, null);
        }

        Queued waitUntil(Instant due, List<String> why) {
            return new Queued(since, new TreeSet<>(), why, false, due);
        }

        Connecting connect(Instant now, Map<String, String> instances) {
            return new Connecting(now, now.plus(Bounds.CONNECT), CandidateBook.EMPTY, List.of(), instances);
        }

        Terminal end(StateName verdict, Instant now, List<String> why) {
            return new Terminal(verdict, now, why, List.of());
        }
    }

    /**
     * Candidates are opened and looked at.
     *
     * @param candidates what was asked for and what came back; empty in a replayed record
     * @param flows flows of the attempt before, which was given up after ASSIGN; their claims stay until a new choice
     *     or until the hosts are known to have dropped them
     * @param instances daemon instance by host id at the begin of the search; empty in a replayed record
     */
    record Connecting(
            Instant since,
            Instant deadline,
            CandidateBook candidates,
            List<FlowLane> flows,
            Map<String, String> instances)
            implements RunState {
        public Connecting {
            flows = List.copyOf(flows);
            instances = Collections.unmodifiableSortedMap(new TreeMap<>(instances));
        }

        @Override
        public StateName name() {
            return StateName.CONNECTING;
        }

        @Override
        public List<String> reasons() {
            return List.of();
        }

        Connecting know(CandidateBook book) {
            return new Connecting(since, deadline, book, flows, instances);
        }

        Connecting waitUntil(Instant newDeadline) {
            return new Connecting(since, newDeadline, candidates, flows, instances);
        }

        Connecting searchAgain(Instant now, Map<String, String> newInstances) {
            return new Connecting(now, now.plus(Bounds.CONNECT), CandidateBook.EMPTY, flows, newInstances);
        }

        Placed place(Instant now, List<FlowLane> chosen) {
            return new Placed(now, now.plus(Bounds.PREPARE), chosen);
        }

        Queued queue(Instant now, SortedSet<String> waitingFor, List<String> why) {
            return new Queued(now, waitingFor, why, true, null);
        }

        Terminal end(StateName verdict, Instant now, List<String> why) {
            return new Terminal(verdict, now, why, flows);
        }
    }

    /** Claims are held, workers take the chosen connections. */
    record Placed(Instant since, Instant deadline, List<FlowLane> flows) implements RunState {
        public Placed {
            flows = List.copyOf(flows);
        }

        @Override
        public StateName name() {
            return StateName.PLACED;
        }

        @Override
        public List<String> reasons() {
            return List.of();
        }

        Placed know(List<FlowLane> newFlows) {
            return new Placed(since, deadline, newFlows);
        }

        Placed waitUntil(Instant newDeadline) {
            return new Placed(since, newDeadline, flows);
        }

        Placed prepareAgain(Instant now) {
            List<FlowLane> unready = flows.stream().map(FlowLane::unready).toList();
            return new Placed(since, now.plus(Bounds.PREPARE), unready);
        }

        Connecting searchAgain(Instant now, Map<String, String> instances) {
            return new Connecting(now, now.plus(Bounds.CONNECT), CandidateBook.EMPTY, flows, instances);
        }

        Running start(Instant now, Instant deadline) {
            return new Running(now, deadline, flows);
        }

        Finishing finish(Instant now, List<String> why, boolean cancelRequested) {
            return new Finishing(now, now.plus(Bounds.FINISH), why, flows, cancelRequested);
        }
    }

    /** START was sent. */
    record Running(Instant since, Instant deadline, List<FlowLane> flows) implements RunState {
        public Running {
            flows = List.copyOf(flows);
        }

        @Override
        public StateName name() {
            return StateName.RUNNING;
        }

        @Override
        public List<String> reasons() {
            return List.of();
        }

        Running know(List<FlowLane> newFlows) {
            return new Running(since, deadline, newFlows);
        }

        Running waitUntil(Instant newDeadline) {
            return new Running(since, newDeadline, flows);
        }

        Connecting searchAgain(Instant now, Map<String, String> instances) {
            return new Connecting(now, now.plus(Bounds.CONNECT), CandidateBook.EMPTY, flows, instances);
        }

        Finishing finish(Instant now, List<String> why, boolean cancelRequested) {
            return new Finishing(now, now.plus(Bounds.FINISH), why, flows, cancelRequested);
        }
    }

    /**
     * The source ends are over, or the run was stopped; the other ends are waited for.
     *
     * @param reasons why it was stopped; empty when the sources simply came to their end
     * @param cancelRequested whether the run becomes CANCELLED
     */
    record Finishing(
            Instant since, Instant deadline, List<String> reasons, List<FlowLane> flows, boolean cancelRequested)
            implements RunState {
        public Finishing {
            reasons = List.copyOf(reasons);
            flows = List.copyOf(flows);
        }

        @Override
        public StateName name() {
            return StateName.FINISHING;
        }

        Finishing know(List<FlowLane> newFlows) {
            return new Finishing(since, deadline, reasons, newFlows, cancelRequested);
        }

        Finishing waitUntil(Instant newDeadline) {
            return new Finishing(since, newDeadline, reasons, flows, cancelRequested);
        }

        Finishing because(List<String> why, boolean cancel) {
            return new Finishing(since, deadline, why, flows, cancel);
        }

        Connecting searchAgain(Instant now, Map<String, String> instances) {
            List<FlowLane> slim = flows.stream().map(FlowLane::slim).toList();
            return new Connecting(now, now.plus(Bounds.CONNECT), CandidateBook.EMPTY, slim, instances);
        }

        Terminal end(StateName verdict, Instant now, List<String> why) {
            return new Terminal(verdict, now, why, flows);
        }
    }

    /**
     * Over. A flow whose end was never reported keeps its claims until its host is known to have let go.
     *
     * @param name COMPLETED, DISTURBED, PARTIAL, FAILED, CANCELLED, REJECTED or EXPIRED
     * @param flows without what only the result needs, since many of these are kept in memory
     * @param claims those of the flows that are not known to have ended
     */
    record Terminal(StateName name, Instant since, List<String> reasons, List<FlowLane> flows, List<Claim> claims)
            implements RunState {
        public Terminal {
            if (!name.terminal()) {
                throw new IllegalArgumentException(name + " is not terminal");
            }
            reasons = List.copyOf(reasons);
            flows = flows.stream().map(FlowLane::slim).toList();
            claims = List.copyOf(claims);
        }

        Terminal(StateName name, Instant since, List<String> reasons, List<FlowLane> flows) {
            this(
                    name,
                    since,
                    reasons,
                    flows,
                    flows.stream()
                            .filter(flow -> !flow.ended())
                            .flatMap(flow -> flow.claims().stream())
                            .toList());
        }

        @Override
        public @Nullable Instant deadline() {
            return null;
        }

        /** Without its flows, which it must not hold anything for any more. */
        Terminal withoutFlows() {
            if (!claims.isEmpty()) {
                throw new IllegalStateException("claims are held for these flows");
            }
            return new Terminal(name, since, reasons, List.of(), List.of());
        }

        /** Late knowledge about ends; the verdict stays. */
        Terminal know(List<FlowLane> newFlows) {
            return new Terminal(name, since, reasons, newFlows);
        }
    }
}
