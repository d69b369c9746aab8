package dev.flowlane.core.run;

import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Pairs;
import dev.flowlane.core.run.RunEvent.AnswerCode;
import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecValidator;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What becomes of a run that is asked for. */
final class Submission {
    private Submission() {}

    static void submit(Turn turn, Input.SubmitRun submit) {
        String runId = submit.runId();
        Problem idProblem = SpecValidator.runIdProblem(runId);
        if (idProblem != null) {
            turn.answer(runId, submit.commandId(), AnswerCode.REJECTED, null, "run id: " + idProblem.message());
            return;
        }
        RunRecord existing = turn.run(runId);
        if (existing != null) {
            again(turn, submit, existing);
            return;
        }
        RunRecord run = new RunRecord(
                runId,
                submit.commandId(),
                submit.requestedBy(),
                submit.spec(),
                submit.submittedAt(),
                turn.epoch(),
                1,
                0,
                null,
                History.NONE,
                new RunState.Queued(turn.now(), new TreeSet<>(), List.of(), false, null));
        int mark = turn.mark();
        if (submit.expiresAt() != null && turn.now().isAfter(submit.expiresAt())) {
            Ending.end(turn, run, StateName.EXPIRED, List.of("the command was read after its expiry at "
                    + submit.expiresAt() + "; was the coordinator away? submit again"));
        } else {
            List<String> problems = problems(turn, run);
            if (problems.isEmpty()) {
                turn.save(run);
                turn.wakeQueue(run);
                Queue.serve(turn);
            } else {
                Ending.end(turn, run, StateName.REJECTED, problems);
            }
        }
        answer(turn, mark, submit);
    }

    /** The answer tells what the run is by now, and comes before the news of how it got there. */
    private static void answer(Turn turn, int mark, Input.SubmitRun submit) {
        RunRecord run = turn.run(submit.runId());
        if (run == null) {
            throw new IllegalStateException("run " + submit.runId() + " was just put in");
        }
        StateName state = run.state().name();
        AnswerCode code =
                switch (state) {
                    case REJECTED, FAILED -> AnswerCode.REJECTED;
                    case EXPIRED -> AnswerCode.EXPIRED;
                    case QUEUED,
                            CONNECTING,
                            PLACED,
                            RUNNING,
                            FINISHING,
                            COMPLETED,
                            DISTURBED,
                            PARTIAL,
                            CANCELLED -> AnswerCode.ACCEPTED;
                };
        turn.answerAt(
                mark,
                run.runId(),
                submit.commandId(),
                code,
                state,
                String.join("; ", run.state().reasons()));
    }

    private static void again(Turn turn, Input.SubmitRun submit, RunRecord existing) {
        StateName state = existing.state().name();
        if (existing.spec().equals(submit.spec())) {
            String why = existing.state().reasons().isEmpty()
                    ? ""
                    : ": " + String.join("; ", existing.state().reasons());
            turn.answer(
                    submit.runId(),
                    submit.commandId(),
                    AnswerCode.UNCHANGED,
                    state,
                    "the run was submitted before and is " + state + why);
        } else {
            turn.answer(
                    submit.runId(),
                    submit.commandId(),
                    AnswerCode.CONFLICT,
                    state,
                    "run id " + submit.runId() + " is taken by a run with another spec (" + state
                            + "); choose another id, or leave it out to get a new one");
        }
    }

    static void unreadable(Turn turn, Input.UnreadableSubmit submit) {
        RunRecord existing = turn.run(submit.runId());
        turn.answer(
                submit.runId(),
                submit.commandId(),
                existing == null ? AnswerCode.REJECTED : AnswerCode.CONFLICT,
                existing == null ? null : existing.state().name(),
                String.join("; ", submit.problems().stream().map(Problem::toString).toList()));
    }

    /** What speaks against the run whatever other runs do. */
    static List<String> problems(Turn turn, RunRecord run) {
        List<String> problems = new ArrayList<>(
                SpecValidator.problems(run.spec()).stream().map(Problem::toString).toList());
        if (problems.isEmpty() && run.dueAt().isAfter(run.submittedAt().plus(Bounds.NOT_BEFORE))) {
            problems.add("not-before: " + run.dueAt() + " is more than " + Bounds.NOT_BEFORE.toDays()
                    + " days after the submission at " + run.submittedAt());
        }
        if (problems.isEmpty()) {
            problems.addAll(turn.limits().problems(run, liveRuns(turn, run.requestedBy())));
        }
        if (problems.isEmpty()) {
            problems.addAll(hostProblems(turn, run.spec()));
            Like.problem(turn, run.spec()).ifPresent(problems::add);
        }
        return problems;
    }

    private static int liveRuns(Turn turn, String requestedBy) {
        String account = Limits.account(requestedBy);
        return Math.toIntExact(turn.runs().byId().values().stream()
                .filter(run -> run.state().live() && Limits.account(run.requestedBy()).equals(account))
                .count());
    }

    /** Hosts that cannot take part; empty as well while a restarted daemon's host record is on its way. */
    static List<String> hostProblems(Turn turn, RunSpec spec) {
        List<String> problems = new ArrayList<>();
        for (String hostId : RunHosts.of(spec)) {
            HostView host = turn.host(hostId);
            if (host == null) {
                problems.add("host " + hostId + " is not known; " + known(turn));
            } else {
                switch (host.liveness()) {
                    case ONLINE -> {}
                    case OFFLINE ->
                        problems.add("host " + hostId + " is offline: its daemon was shut down; start it on that host");
                    case LOST ->
                        problems.add("host " + hostId + " is lost: nothing was heard of it since " + host.lastWordAt()
                                + "; see whether its daemon runs and reaches Kafka");
                }
            }
        }
        if (problems.isEmpty()) {
            problems.addAll(FeatureNeeds.problems(spec, hostId -> {
                HostView host = turn.host(hostId);
                // The record of a restarted daemon is on its way: what its kernel can do has not changed meanwhile.
                return host == null ? null : host.announced();
            }));
            for (HostPair pair : Pairs.of(spec)) {
                HostView source = turn.host(pair.source());
                HostView destination = turn.host(pair.destination());
                if (source != null
                        && destination != null
                        && Routes.between(spec, source, destination).isEmpty()) {
                    problems.add(Routes.missing(spec, pair, source, destination));
                }
            }
        }
        return problems;
    }

    private static String known(Turn turn) {
        List<String> online = turn.hosts().stream()
                .filter(host -> host.liveness() == HostView.Liveness.ONLINE)
                .map(HostView::hostId)
                .toList();
        return online.isEmpty()
                ? "no host is online: start a daemon with `flowlane host-daemon`"
                : "online are " + String.join(", ", online);
    }
}
