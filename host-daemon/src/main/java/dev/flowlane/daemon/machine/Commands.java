package dev.flowlane.daemon.machine;

import dev.flowlane.worker.protocol.Role;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Which commands are obeyed, which are repeated, which are refused. */
final class Commands {
    private Commands() {}

    static void receive(Draft draft, Command command, Instant brokerTime) {
        CommandOutcome outcome = outcome(draft, command, brokerTime);
        draft.emit(new Effect.CountCommand(command.order().type(), outcome));
    }

    static void refuseMalformed(Draft draft, Input.CommandMalformed command) {
        if (command.epoch() < draft.epoch) {
            draft.emit(new Effect.CountCommand(command.commandType(), CommandOutcome.LOWER_EPOCH));
            return;
        }
        draft.publish(new News.Refused(
                new RunRef(command.runId(), command.attempt()),
                command.commandId(),
                command.commandType(),
                RefusalCode.ERROR,
                command.message()));
        draft.emit(new Effect.CountCommand(command.commandType(), CommandOutcome.REFUSED));
    }

    private static CommandOutcome outcome(Draft draft, Command command, Instant brokerTime) {
        if (command.epoch() < draft.epoch) {
            return CommandOutcome.LOWER_EPOCH;
        }
        draft.epoch = command.epoch();
        RunState held = draft.runs.get(command.runId());
        if (held != null && held.ref().attempt() > command.attempt()) {
            return CommandOutcome.OLD_ATTEMPT;
        }
        if (draft.shutdown != null) {
            return CommandOutcome.STOPPING;
        }
        Context context = new Context(draft, command, brokerTime);
        return switch (command.order()) {
            case Order.Expect order -> draft.isOver(command.run()) ? CommandOutcome.RUN_OVER : expect(context, order);
            case Order.Connect order -> draft.isOver(command.run()) ? CommandOutcome.RUN_OVER : connect(context, order);
            case Order.Assign order ->
                draft.isOver(command.run()) ? answerOver(context, order) : assign(context, order);
            case Order.Start _ -> draft.isOver(command.run()) ? CommandOutcome.RUN_OVER : start(context);
            case Order.Stop(String reason) -> stop(context, reason);
            case Order.Release _ -> release(context);
        };
    }

    /** The state, the command, and the broker's clock. */
    private record Context(Draft draft, Command command, Instant brokerTime) {
        @Nullable RunState run() {
            return draft.run(command.run());
        }

        boolean isExpired() {
            Instant expiresAt = command.expiresAt();
            return expiresAt != null && brokerTime.isAfter(expiresAt);
        }

        CommandOutcome refuse(RefusalCode code, String message) {
            draft.publish(new News.Refused(
                    command.run(), command.commandId(), command.order().type(), code, message));
            return code == RefusalCode.EXPIRED ? CommandOutcome.EXPIRED : CommandOutcome.REFUSED;
        }

        CommandOutcome expired() {
            return refuse(
                    RefusalCode.EXPIRED,
                    command.order().type() + " arrived at " + brokerTime + " by the broker's clock, its deadline was "
                            + command.expiresAt() + "; look at the lag of this daemon's consumer");
        }

        /** What is held of this attempt, after giving up any lower one. */
        RunState renew() {
            RunState held = draft.runs.get(command.runId());
            if (held != null && held.ref().attempt() < command.attempt()) {
                Runs.release(draft, held);
                held = null;
            }
            return held == null ? RunState.of(command.run()) : held;
        }
    }

    private static CommandOutcome expect(Context context, Order.Expect order) {
        Draft draft = context.draft;
        RunState held = context.run();
        if (held != null && held.key() != null && !held.key().equals(order.key())) {
            return context.refuse(RefusalCode.ERROR, "this attempt of the run has another run_key");
        }
        if (held != null && (held.assign() != null || held.expectedMax() == order.candidatesMax())) {
            tellAgain(draft, held.reportAgain(candidate -> candidate.role() == Role.DESTINATION));
            return CommandOutcome.REPEATED;
        }
        if (context.isExpired()) {
            return context.expired();
        }
        if (order.candidatesMax() < 1 || order.candidatesMax() > draft.limits.maxCandidates()) {
            return context.refuse(
                    RefusalCode.LIMIT,
                    "candidates_max is " + order.candidatesMax() + ", this daemon allows 1 to "
                            + draft.limits.maxCandidates());
        }
        RunState run = context.renew().withKey(order.key(), order.candidatesMax());
        draft.put(run);
        draft.emit(new Effect.Expect(run.ref(), order.key(), order.candidatesMax()));
        draft.arm(new TimerKey.Abandoned(run.ref()), Bounds.ABANDONED_NS);
        return CommandOutcome.DONE;
    }

    private static CommandOutcome connect(Context context, Order.Connect order) {
        Draft draft = context.draft;
        RunState held = context.run();
        if (held != null && held.key() != null && !held.key().equals(order.key())) {
            return context.refuse(RefusalCode.ERROR, "this attempt of the run has another run_key");
        }
        // Before anything is counted out: the numbers come from outside.
        for (Order.Target target : order.targets()) {
            if (target.count() < 1
                    || target.count() > draft.limits.maxCandidates()
                    || target.firstCandidateId() < 0
                    || target.firstCandidateId() > Integer.MAX_VALUE - target.count()) {
                return context.refuse(
                        RefusalCode.LIMIT,
                        target.count() + " candidates from number " + target.firstCandidateId()
                                + " were asked for at once, this daemon allows 1 to " + draft.limits.maxCandidates());
            }
        }
        if (held != null && held.assign() == null) {
            held = Candidates.close(draft, held, order.close());
        }
        List<Effect.Attempt> attempts = new ArrayList<>();
        List<CandidateKey> keys = new ArrayList<>();
        for (Order.Target target : order.targets()) {
            for (int i = 0; i < target.count(); i++) {
                CandidateKey key = new CandidateKey(target.firstCandidateId() + i, Role.SOURCE);
                if (held == null
                        || (!held.opening().contains(key) && !held.candidates().containsKey(key))) {
                    keys.add(key);
                    attempts.add(new Effect.Attempt(key.candidateId(), target.destination(), target.source(i)));
                }
            }
        }
        if (held != null && attempts.isEmpty()) {
            tellAgain(draft, held.reportAgain(candidate -> candidate.role() == Role.SOURCE));
            return CommandOutcome.REPEATED;
        }
        if (context.isExpired()) {
            return context.expired();
        }
        if (held != null && held.assign() != null) {
            return context.refuse(RefusalCode.ERROR, "the flows of this attempt are assigned already");
        }
        int open = openCandidates(draft);
        if (attempts.size() > draft.limits.maxCandidates() - open) {
            return context.refuse(
                    RefusalCode.LIMIT,
                    "asked for " + attempts.size() + " connections, " + open + " are open and this daemon allows "
                            + draft.limits.maxCandidates() + " in all; lower placement.max-candidates");
        }
        long pairs = order.targets().stream()
                .map(Order.Target::destinationHostId)
                .distinct()
                .count();
        int workers = Math.clamp(pairs * order.flowsPerPair(), 0, draft.limits.maxWorkers());
        RunState fresh = context.renew();
        RunState run = fresh.withKey(order.key(), fresh.expectedMax()).opening(keys, workers);
        draft.put(run);
        draft.emit(new Effect.Connect(
                run.ref(), order.key(), List.copyOf(attempts), order.options(), order.datagrams()));
        draft.arm(new TimerKey.Abandoned(run.ref()), Bounds.ABANDONED_NS);
        return CommandOutcome.DONE;
    }

    private static int openCandidates(Draft draft) {
        return draft.runs.values().stream()
                .mapToInt(run -> run.opening().size()
                        + (int) run.candidates().values().stream()
                                .filter(Candidate::isOpen)
                                .count())
                .sum();
    }

    /** Candidates are of no use to anybody once flows are assigned. */
    private static void tellAgain(Draft draft, RunState run) {
        if (run.assign() == null) {
            draft.put(run);
            if (run.opening().isEmpty()) {
                Candidates.report(draft, run.ref());
            }
        }
    }

    private static CommandOutcome assign(Context context, Order.Assign order) {
        Draft draft = context.draft;
        RunState run = context.run();
        if (run == null) {
            return context.isExpired() ? context.expired() : unknownRun(context);
        }
        Order.Assign before = run.assign();
        if (before != null) {
            if (!before.flowEnds().equals(order.flowEnds()) || !before.settings().equals(order.settings())) {
                return context.refuse(
                        RefusalCode.ERROR, "this attempt's flows are assigned already, and otherwise than this");
            }
            FlowEnds.tellAgain(draft, run);
            return CommandOutcome.REPEATED;
        }
        if (context.isExpired()) {
            return context.expired();
        }
        Refusal refusal = Refusal.of(draft, run, order);
        if (refusal != null) {
            return context.refuse(refusal.code(), refusal.message());
        }
        Runs.assign(draft, run, order);
        return CommandOutcome.DONE;
    }

    private record Refusal(RefusalCode code, String message) {
        static @Nullable Refusal of(Draft draft, RunState run, Order.Assign order) {
            int inUse = draft.runs.values().stream()
                    .mapToInt(other -> (int) other.ends().values().stream()
                            .filter(end -> end.workerId() >= 0 && !draft.seats.containsKey(end.workerId()))
                            .count())
                    .sum();
            int needed = Together.workers(order.flowEnds(), order.settings().flowsPerWorker());
            if (inUse + needed > draft.limits.maxWorkers()) {
                return new Refusal(
                        RefusalCode.LIMIT,
                        needed + " workers are needed, " + inUse + " are busy and this daemon allows "
                                + draft.limits.maxWorkers() + "; ask for fewer flows or raise --max-workers");
            }
            for (Order.Assignment assignment : order.flowEnds()) {
                Candidate candidate = run.candidates().get(assignment.candidate());
                if (candidate == null || !candidate.isOpen()) {
                    String why = candidate == null ? "is not known" : candidate.failure();
                    return new Refusal(
                            RefusalCode.UNKNOWN_CANDIDATE,
                            "candidate " + assignment.candidateId() + " of flow "
                                    + assignment.end().flowId() + " " + why);
                }
                int cpu = assignment.applicationCpu();
                if (cpu >= 0 && !draft.limits.allowedCpus().contains(cpu)) {
                    return new Refusal(
                            RefusalCode.BAD_CPU,
                            "CPU " + cpu + " of flow " + assignment.end().flowId()
                                    + " is not among the CPUs this daemon may use, which are "
                                    + draft.limits.allowedCpus() + "; look at its cpuset and affinity");
                }
            }
            return null;
        }
    }

    /** STOP came first. */
    private static CommandOutcome answerOver(Context context, Order.Assign order) {
        Draft draft = context.draft;
        RunState run = context.run();
        HostState.Over over = draft.over.get(context.command.runId());
        if (run != null) {
            FlowEnds.tellAgain(draft, run);
        } else if (over != null && over.stopReason() != null) {
            for (Order.Assignment assignment : order.flowEnds()) {
                draft.publish(new News.Ended(
                        context.command.run(),
                        new EndedFlow(
                                assignment.end(),
                                EndOutcome.NEVER_STARTED,
                                over.stopReason(),
                                null,
                                Accounting.NONE,
                                order.settings().warmupIntervals()
                                        + order.settings().measuredIntervals())));
            }
        }
        return CommandOutcome.RUN_OVER;
    }

    private static CommandOutcome start(Context context) {
        RunState run = context.run();
        if (run != null && run.started()) {
            FlowEnds.tellAgain(context.draft, run);
            return CommandOutcome.REPEATED;
        }
        if (context.isExpired()) {
            return context.expired();
        }
        if (run == null) {
            return unknownRun(context);
        }
        if (run.assign() == null) {
            return context.refuse(RefusalCode.ERROR, "START before ASSIGN");
        }
        Runs.start(context.draft, run);
        return CommandOutcome.DONE;
    }

    /** However late: ending something early is always safe, and a lost command would leave traffic running. */
    private static CommandOutcome stop(Context context, String reason) {
        Draft draft = context.draft;
        RunState held = draft.runs.get(context.command.runId());
        boolean known = draft.isOver(context.command.run());
        if (held != null && held.ref().attempt() < context.command.attempt()) {
            Runs.release(draft, held);
        } else if (held != null) {
            Runs.stop(draft, held, reason);
        }
        if (!known) {
            draft.remember(context.command.run(), reason);
        }
        return known ? CommandOutcome.REPEATED : CommandOutcome.DONE;
    }

    private static CommandOutcome release(Context context) {
        Draft draft = context.draft;
        RunState held = draft.runs.get(context.command.runId());
        if (held != null) {
            Runs.release(draft, held);
        }
        draft.remember(context.command.run(), null);
        return held == null ? CommandOutcome.REPEATED : CommandOutcome.DONE;
    }

    private static CommandOutcome unknownRun(Context context) {
        return context.refuse(
                RefusalCode.UNKNOWN_RUN,
                "nothing of attempt " + context.command.attempt()
                        + " of this run is held here; the daemon may have been restarted since");
    }
}
