package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.Role;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Connections that are open and not chosen yet: which the coordinator is told of, and when. */
final class Candidates {
    /** Reported at once when so many are waiting. */
    private static final int REPORT_AT_ONCE = 64;

    private Candidates() {}

    static void known(Draft draft, RunRef ref, List<Candidate> news) {
        RunState run = draft.run(ref);
        if (run == null || run.assign() != null) {
            return;
        }
        run = run.knowing(news);
        draft.put(run);
        boolean asked = news.stream().anyMatch(candidate -> candidate.role() == Role.SOURCE);
        boolean accepted = news.stream().anyMatch(candidate -> candidate.role() == Role.DESTINATION);
        if (run.unreported().size() >= REPORT_AT_ONCE || (asked && run.opening().isEmpty())) {
            report(draft, ref);
        } else if (accepted) {
            draft.arm(new TimerKey.ReportAccepted(ref), Bounds.REPORT_ACCEPTED_NS);
        } else if (run.unreported().size() == news.size()) {
            // The first of a batch arms the timer; those that follow do not move it.
            draft.arm(new TimerKey.ReportOpened(ref), Bounds.REPORT_OPENED_NS);
        }
    }

    /** The peer closed it: the coordinator may have counted on it. */
    static void lost(Draft draft, RunRef ref, CandidateKey key) {
        RunState run = draft.run(ref);
        if (run == null || run.assign() != null) {
            return;
        }
        Candidate candidate = run.candidates().get(key);
        if (candidate == null || !candidate.isOpen()) {
            return;
        }
        Candidate failed = Candidate.failed(
                key.candidateId(),
                key.role(),
                candidate.local(),
                candidate.remote(),
                "closed by its peer before it was chosen");
        known(draft, ref, List.of(failed));
    }

    /** The coordinator has no use for these any more, and needs no word about them. */
    static RunState close(Draft draft, RunState run, List<Integer> candidateIds) {
        Set<CandidateKey> closing = new LinkedHashSet<>();
        for (int candidateId : candidateIds) {
            CandidateKey key = new CandidateKey(candidateId, Role.SOURCE);
            Candidate candidate = run.candidates().get(key);
            if (candidate != null && candidate.isOpen()) {
                closing.add(key);
            }
        }
        if (closing.isEmpty()) {
            return run;
        }
        RunState without = run.closing(closing);
        draft.put(without);
        draft.emit(new Effect.CloseConnections(run.ref(), closing));
        return without;
    }

    static void report(Draft draft, RunRef ref) {
        RunState run = draft.run(ref);
        if (run == null) {
            return;
        }
        List<Candidate> news = run.unreportedCandidates();
        draft.cancel(new TimerKey.ReportOpened(ref));
        draft.cancel(new TimerKey.ReportAccepted(ref));
        if (!news.isEmpty()) {
            draft.put(run.reported());
            draft.publish(new News.Candidates(ref, news));
        }
    }
}
