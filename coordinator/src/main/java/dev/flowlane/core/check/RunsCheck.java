package dev.flowlane.core.check;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.spec.RunSpec;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The runs as the coordinator wrote them: claims, states, epochs and bounds (1, 2, 4, 10). */
final class RunsCheck {
    /** A timer that comes late is put off, and a host gets its lease: what is longer over its bound was forgotten. */
    private static final Duration BOUND_SLACK = Duration.ofSeconds(60);

    /** Results are kept for a year. */
    private static final Duration RESULTS_KEPT = Duration.ofDays(300);

    /** Compaction keeps a run's last record for ever, and a run id may be used again when it is long forgotten. */
    private record Life(String runId, Instant submittedAt) {
        static Life of(RunRecord run) {
            return new Life(run.runId(), Instant.ofEpochMilli(run.submittedAt().toEpochMilli()));
        }

        static Life of(RunFigures run) {
            return new Life(run.runId(), Instant.ofEpochMilli(run.submittedAt().toEpochMilli()));
        }
    }

    private record Cpu(String machineId, int cpu) {}

    private record Held(String runId, Claim claim, Position at) {}

    private record Written(RunRecord run, Position at) {}

    private final Findings findings;
    private final Map<String, Written> latest = new TreeMap<>();
    private final Map<Cpu, List<Held>> held = new HashMap<>();
    private final Set<Cpu> touched = new HashSet<>();
    private final Map<Life, Position> results = new HashMap<>();
    private final Map<String, RunFigures> figures = new TreeMap<>();
    private long epoch;
    private long nextOffset = -1;
    private long claims;
    private Instant coordinatorSpokeAt = Instant.MIN;

    RunsCheck(Findings findings) {
        this.findings = findings;
    }

    void written(Fact.RunWritten fact) {
        transactionOf(fact.at());
        RunRecord run = fact.run();
        epoch(run.epoch(), run.runId(), fact.at());
        coordinatorSpoke(run.state().since());
        Written before = latest.put(run.runId(), new Written(run, fact.at()));
        if (before != null && Life.of(before.run()).equals(Life.of(run))) {
            findings.judge(
                    before.run().state().live() || before.run().state().name() == run.state().name(),
                    Invariant.ONE_END,
                    run.runId(),
                    null,
                    fact.at(),
                    () -> "was " + before.run().state().name() + " at " + before.at() + " and is "
                            + run.state().name());
        }
        giveBack(before);
        for (Claim claim : run.claims()) {
            Cpu cpu = new Cpu(claim.machineId(), claim.cpu());
            held.computeIfAbsent(cpu, _ -> new ArrayList<>()).add(new Held(run.runId(), claim, fact.at()));
            touched.add(cpu);
            claims++;
        }
    }

    void forgotten(Fact.RunForgotten fact) {
        transactionOf(fact.at());
        giveBack(latest.remove(fact.runId()));
    }

    void epochTaken(Fact.EpochTaken fact) {
        transactionOf(fact.at());
        findings.judge(
                fact.epoch() > epoch,
                Invariant.EPOCHS,
                null,
                null,
                fact.at(),
                () -> "epoch " + fact.epoch() + " was taken after epoch " + epoch);
        epoch = Math.max(epoch, fact.epoch());
    }

    void result(Fact.ResultWritten fact) {
        RunFigures run = fact.figures();
        figures.put(run.runId(), run);
        coordinatorSpoke(run.endedAt());
        Position other = results.putIfAbsent(Life.of(run), fact.at());
        findings.judge(
                other == null,
                Invariant.ONE_END,
                run.runId(),
                null,
                fact.at(),
                () -> "has another result at " + other);
    }

    /** The coordinator was alive then, by the broker's clock. */
    void coordinatorSpoke(Instant at) {
        if (at.isAfter(coordinatorSpokeAt)) {
            coordinatorSpokeAt = at;
        }
    }

    Instant coordinatorSpokeAt() {
        return coordinatorSpokeAt;
    }

    /**
     * All records of one transaction are true at once. Its end is a record of Kafka's own, which readers are not shown:
     * the gap that it leaves is.
     */
    private void transactionOf(Position at) {
        if (at.offset() != nextOffset) {
            settle();
        }
        nextOffset = at.offset() + 1;
    }

    /** Everything that was fed is true at once. */
    void settle() {
        for (Cpu cpu : touched) {
            List<Held> here = held.getOrDefault(cpu, List.of());
            for (int i = 0; i < here.size(); i++) {
                for (int j = i + 1; j < here.size(); j++) {
                    exclusive(cpu, here.get(i), here.get(j));
                }
            }
            if (here.size() == 1) {
                Held alone = here.getFirst();
                findings.judge(true, Invariant.EXCLUSIVE_CPUS, alone.runId(), null, alone.at(), () -> "");
            }
        }
        touched.clear();
    }

    private void exclusive(Cpu cpu, Held first, Held second) {
        boolean aboutFirst = first.at().compareTo(second.at()) > 0
                ? findings.wants(first.runId())
                : !findings.wants(second.runId());
        Held later = aboutFirst ? first : second;
        Held earlier = aboutFirst ? second : first;
        findings.judge(
                !first.claim().conflictsWith(second.claim()),
                Invariant.EXCLUSIVE_CPUS,
                later.runId(),
                "flow " + later.claim().flowId(),
                later.at(),
                () -> "claims CPU " + cpu.cpu() + " of " + cpu.machineId() + " (" + later.claim().exclusive() + ", "
                        + later.claim().part() + "), which flow " + earlier.claim().flowId() + " holds by "
                        + earlier.at() + " (" + earlier.claim().exclusive() + ", " + earlier.claim().part() + ")");
    }

    private void giveBack(@Nullable Written before) {
        if (before == null) {
            return;
        }
        for (Claim claim : before.run().claims()) {
            Cpu cpu = new Cpu(claim.machineId(), claim.cpu());
            List<Held> here = held.get(cpu);
            if (here != null) {
                here.removeIf(other -> other.runId().equals(before.run().runId()));
                if (here.isEmpty()) {
                    held.remove(cpu);
                }
            }
        }
    }

    private void epoch(long written, String runId, Position at) {
        findings.judge(
                written >= epoch,
                Invariant.EPOCHS,
                runId,
                null,
                at,
                () -> "was written in epoch " + written + " after epoch " + epoch);
        epoch = Math.max(epoch, written);
    }

    /** What shows only when everything was fed. */
    void atTheEnd(Duration lease) {
        settle();
        for (Written last : latest.values()) {
            RunRecord run = last.run();
            if (run.state().live()) {
                inTime(run, last.at());
            } else {
                ended(run, last.at(), lease);
            }
        }
    }

    private void inTime(RunRecord run, Position at) {
        Instant deadline = run.state().deadline();
        if (deadline != null && coordinatorSpokeAt.isAfter(deadline)) {
            findings.judge(
                    !coordinatorSpokeAt.isAfter(deadline.plus(BOUND_SLACK)),
                    Invariant.ONE_END,
                    run.runId(),
                    null,
                    at,
                    () -> "is " + run.state().name() + " with a bound of " + deadline
                            + ", and the coordinator still spoke at " + coordinatorSpokeAt);
        }
    }

    private void ended(RunRecord run, Position at, Duration lease) {
        Instant since = run.state().since();
        boolean kept = since.isAfter(latestPossible().minus(RESULTS_KEPT));
        if (kept) {
            RunFigures result = figures.get(run.runId());
            boolean there = results.containsKey(Life.of(run));
            findings.judge(
                    there && (result == null || result.state() == run.state().name()),
                    Invariant.ONE_END,
                    run.runId(),
                    null,
                    at,
                    () -> there
                            ? "is " + run.state().name() + ", its result says " + state(result)
                            : "is " + run.state().name() + " and has no result");
        }
        Duration over = Duration.between(since, coordinatorSpokeAt);
        if (run.claims().isEmpty() || over.compareTo(lease.plus(BOUND_SLACK)) > 0) {
            findings.judge(
                    run.claims().isEmpty(),
                    Invariant.CLAIMS_RETURNED,
                    run.runId(),
                    null,
                    at,
                    () -> "ended " + since + " and still holds " + run.claims().size() + " claims at "
                            + coordinatorSpokeAt);
        }
    }

    private static String state(@Nullable RunFigures result) {
        return result == null ? "nothing" : result.state().name();
    }

    private Instant latestPossible() {
        return coordinatorSpokeAt.equals(Instant.MIN) ? Instant.EPOCH : coordinatorSpokeAt;
    }

    /** Nothing goes on any more and nothing goes wrong: nothing may be left. */
    void atRest() {
        for (Written last : latest.values()) {
            RunRecord run = last.run();
            findings.judge(
                    !run.state().live(),
                    Invariant.ONE_END,
                    run.runId(),
                    null,
                    last.at(),
                    () -> "is " + run.state().name() + " when nothing is to come any more");
            findings.judge(
                    run.claims().isEmpty(),
                    Invariant.CLAIMS_RETURNED,
                    run.runId(),
                    null,
                    last.at(),
                    () -> "holds " + run.claims() + " when nothing is to come any more");
        }
    }

    @Nullable RunSpec spec(String runId) {
        Written written = latest.get(runId);
        return written == null ? null : written.run().spec();
    }

    Collection<RunFigures> results() {
        return figures.values();
    }

    @Nullable RunFigures result(String runId) {
        return figures.get(runId);
    }

    int runs() {
        return latest.size();
    }

    int goingOn() {
        return (int) latest.values().stream().filter(last -> last.run().state().live()).count();
    }

    long claims() {
        return claims;
    }
}
