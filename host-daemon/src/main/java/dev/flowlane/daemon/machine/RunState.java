package dev.flowlane.daemon.machine;

import dev.flowlane.posix.CpuSet;
import dev.flowlane.worker.protocol.FlowSettings;
import org.jspecify.annotations.Nullable;
import org.pcollections.OrderedPMap;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What this daemon holds of one attempt of one run.
 *
 * @param key what its connections prove; null before EXPECT or CONNECT
 * @param expectedMax connections that EXPECT allows; 0 before it
 * @param opening candidates asked for whose fate is not known yet
 * @param candidates known at this end, open or failed
 * @param unreported those of them that the coordinator was not told of
 * @param workersWanted as source, guessed from CONNECT
 * @param assign the order that was obeyed; null before
 * @param ends by id, in the order of the order
 * @param unreportedReady ready ends that the coordinator was not told of
 */
record RunState(
        RunRef ref,
        @Nullable RunKey key,
        int expectedMax,
        SequencedSet<CandidateKey> opening,
        SequencedMap<CandidateKey, Candidate> candidates,
        SequencedSet<CandidateKey> unreported,
        int workersWanted,
        Order.@Nullable Assign assign,
        OrderedPMap<FlowEndId, FlowEnd> ends,
        SequencedSet<FlowEndId> unreportedReady,
        boolean started) {

    RunState {
        opening = Collections.unmodifiableSequencedSet(opening);
        candidates = Collections.unmodifiableSequencedMap(candidates);
        unreported = Collections.unmodifiableSequencedSet(unreported);
        unreportedReady = Collections.unmodifiableSequencedSet(unreportedReady);
    }

    static RunState of(RunRef ref) {
        return new RunState(
                ref,
                null,
                0,
                new LinkedHashSet<>(),
                new LinkedHashMap<>(),
                new LinkedHashSet<>(),
                0,
                null,
                OrderedPMap.empty(),
                new LinkedHashSet<>(),
                false);
    }

    RunState withKey(RunKey runKey, int connectionsMax) {
        return new RunState(
                ref,
                runKey,
                connectionsMax,
                opening,
                candidates,
                unreported,
                workersWanted,
                assign,
                ends,
                unreportedReady,
                started);
    }

    RunState opening(List<CandidateKey> more, int workers) {
        SequencedSet<CandidateKey> all = new LinkedHashSet<>(opening);
        all.addAll(more);
        return new RunState(
                ref,
                key,
                expectedMax,
                all,
                candidates,
                unreported,
                Math.max(workersWanted, workers),
                assign,
                ends,
                unreportedReady,
                started);
    }

    RunState knowing(List<Candidate> news) {
        SequencedSet<CandidateKey> stillOpening = new LinkedHashSet<>(opening);
        SequencedMap<CandidateKey, Candidate> all = new LinkedHashMap<>(candidates);
        SequencedSet<CandidateKey> toReport = new LinkedHashSet<>(unreported);
        for (Candidate candidate : news) {
            stillOpening.remove(candidate.key());
            all.put(candidate.key(), candidate);
            toReport.add(candidate.key());
        }
        return new RunState(
                ref,
                key,
                expectedMax,
                stillOpening,
                all,
                toReport,
                workersWanted,
                assign,
                ends,
                unreportedReady,
                started);
    }

    /** Open candidates become closed ones, which are not reported again. */
    RunState closing(Set<CandidateKey> which) {
        SequencedMap<CandidateKey, Candidate> all = new LinkedHashMap<>(candidates);
        SequencedSet<CandidateKey> toReport = new LinkedHashSet<>(unreported);
        for (CandidateKey key : which) {
            all.computeIfPresent(key, (_, open) -> Candidate.failed(
                    key.candidateId(), key.role(), open.local(), open.remote(), "closed: it could not become a flow"));
            toReport.remove(key);
        }
        return new RunState(
                ref,
                key,
                expectedMax,
                opening,
                all,
                toReport,
                workersWanted,
                assign,
                ends,
                unreportedReady,
                started);
    }

    RunState reported() {
        return new RunState(
                ref,
                key,
                expectedMax,
                opening,
                candidates,
                new LinkedHashSet<>(),
                workersWanted,
                assign,
                ends,
                unreportedReady,
                started);
    }

    /** Makes every known candidate of this kind unreported again. */
    RunState reportAgain(Predicate<Candidate> which) {
        SequencedSet<CandidateKey> toReport = new LinkedHashSet<>(unreported);
        for (Candidate candidate : candidates.values()) {
            if (which.test(candidate)) {
                toReport.add(candidate.key());
            }
        }
        return new RunState(
                ref,
                key,
                expectedMax,
                opening,
                candidates,
                toReport,
                workersWanted,
                assign,
                ends,
                unreportedReady,
                started);
    }

    RunState assigned(Order.Assign order, List<FlowEnd> flowEnds) {
        OrderedPMap<FlowEndId, FlowEnd> all = OrderedPMap.empty();
        for (FlowEnd end : flowEnds) {
            all = all.plus(end.id(), end);
        }
        return new RunState(
                ref,
                key,
                expectedMax,
                new LinkedHashSet<>(),
                candidates,
                new LinkedHashSet<>(),
                workersWanted,
                order,
                all,
                unreportedReady,
                started);
    }

    RunState with(FlowEnd end) {
        return new RunState(
                ref,
                key,
                expectedMax,
                opening,
                candidates,
                unreported,
                workersWanted,
                assign,
                ends.plus(end.id(), end),
                unreportedReady,
                started);
    }

    RunState withReady(SequencedSet<FlowEndId> notReported) {
        return new RunState(
                ref,
                key,
                expectedMax,
                opening,
                candidates,
                unreported,
                workersWanted,
                assign,
                ends,
                notReported,
                started);
    }

    RunState begun() {
        return new RunState(
                ref,
                key,
                expectedMax,
                opening,
                candidates,
                unreported,
                workersWanted,
                assign,
                ends,
                unreportedReady,
                true);
    }

    /** Of the order that was obeyed; there is none before ASSIGN. */
    FlowSettings settings() {
        if (assign == null) {
            throw new IllegalStateException("run " + ref + " has no assignment");
        }
        return assign.settings();
    }

    @Nullable CpuSet housekeeping() {
        return assign == null ? null : assign.housekeeping();
    }

    /** Whether there is or may be traffic or a connection of it on this host. */
    boolean isLive() {
        return assign == null || ends.values().stream().anyMatch(end -> !end.isOver());
    }

    /** Workers that flow ends wait for. */
    int waiting() {
        List<Order.Assignment> waiting = new ArrayList<>();
        for (FlowEnd end : ends.values()) {
            if (end.phase() instanceof FlowEnd.Waiting) {
                waiting.add(end.assignment());
            }
        }
        return waiting.isEmpty() ? 0 : Together.workers(waiting, flowsPerWorker());
    }

    /** Flow ends that share a worker at most. */
    int flowsPerWorker() {
        return assign == null ? 1 : assign.settings().flowsPerWorker();
    }

    List<Candidate> unreportedCandidates() {
        List<Candidate> news = new ArrayList<>();
        for (Map.Entry<CandidateKey, Candidate> entry : candidates.entrySet()) {
            if (unreported.contains(entry.getKey())) {
                news.add(entry.getValue());
            }
        }
        return news;
    }
}
