package dev.flowlane.core.check;

import dev.flowlane.core.Counted;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.spec.Course;
import dev.flowlane.core.spec.RunSpec;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What flow ends published beside what the results say of it (3, 5, 6, 7, 9). */
final class IntervalsCheck {
    /** Intervals are kept for 30 days. */
    private static final Duration KEPT = Duration.ofDays(29);

    /** The drain, and the daemon's slack before it kills. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    /** What one flow end published. */
    private static final class Published {
        final Map<Integer, Long> hashes = new HashMap<>();
        final Map<Integer, Long> laneHashes = new HashMap<>();
        long sentBytes;
        long receivedBytes;
        int drifted;
        @Nullable Position firstDrift;
        @Nullable Integer workerPid;
        @Nullable Integer threadId;
        long lengthNs;
        Position last;

        Published(Position first) {
            this.last = first;
        }
    }

    private record FlowOf(FlowFigures figures, Position at) {}

    private final Findings findings;
    private final RunsCheck runs;
    private final Map<FlowEndName, Published> ends = new LinkedHashMap<>();
    /** By run id, then by flow id. */
    private final Map<String, Map<String, FlowOf>> flows = new LinkedHashMap<>();
    private final Map<String, Position> resultAt = new HashMap<>();

    IntervalsCheck(Findings findings, RunsCheck runs) {
        this.findings = findings;
        this.runs = runs;
    }

    void interval(Fact.IntervalPublished fact) {
        FlowEndName name = new FlowEndName(fact.runId(), fact.flowId(), fact.role());
        Published end = ends.computeIfAbsent(name, _ -> new Published(fact.at()));
        boolean copy = same(end.hashes, name, fact.seq(), fact.contentHash(), fact.at());
        if (copy) {
            return;
        }
        end.last = fact.at();
        end.lengthNs += fact.lengthNs();
        if (!fact.warmup()) {
            end.sentBytes += fact.sentBytes();
            end.receivedBytes += fact.receivedBytes();
        }
    }

    void lane(Fact.LanePublished fact) {
        FlowEndName name = new FlowEndName(fact.runId(), fact.flowId(), fact.role());
        Published end = ends.computeIfAbsent(name, _ -> new Published(fact.at()));
        boolean copy = same(end.laneHashes, name, fact.seq(), fact.contentHash(), fact.at());
        Integer pid = end.workerPid;
        Integer thread = end.threadId;
        findings.judge(
                (pid == null || pid == fact.workerPid()) && (thread == null || thread == fact.threadId()),
                Invariant.SAME_COMMAND,
                fact.runId(),
                name,
                fact.at(),
                () -> "ran in process " + fact.workerPid() + " thread " + fact.threadId() + " after process " + pid
                        + " thread " + thread);
        end.workerPid = fact.workerPid();
        end.threadId = fact.threadId();
        if (!copy && fact.drifted() && !fact.warmup()) {
            end.drifted++;
            end.firstDrift = end.firstDrift == null ? fact.at() : end.firstDrift;
        }
    }

    /** Whether the interval was there before; if so, it has to be the same. */
    private boolean same(Map<Integer, Long> known, FlowEndName name, int seq, long hash, Position at) {
        Long before = known.putIfAbsent(seq, hash);
        findings.judge(
                before == null || before == hash,
                Invariant.EVERY_INTERVAL,
                name.runId(),
                name,
                at,
                () -> "interval " + seq + " is there a second time with another content");
        return before != null;
    }

    void result(Fact.ResultWritten fact) {
        RunFigures run = fact.figures();
        resultAt.put(run.runId(), fact.at());
        run.flows().forEach(flow -> flow(run.runId(), flow, fact.at()));
        sums(run, fact.at());
        verdict(run, fact.at());
    }

    void flowResult(Fact.FlowResultWritten fact) {
        flow(fact.runId(), fact.figures(), fact.at());
    }

    private void flow(String runId, FlowFigures flow, Position at) {
        flows.computeIfAbsent(runId, _ -> new LinkedHashMap<>()).putIfAbsent(flow.flowId(), new FlowOf(flow, at));
        findings.judge(
                !flow.measured() || flow.receivedBytes() <= flow.sentBytes(),
                Invariant.BYTES,
                runId,
                "flow " + flow.flowId(),
                at,
                () -> "received " + Counted.of(flow.receivedBytes(), "byte") + " of " + flow.sentBytes() + " sent");
    }

    private void sums(RunFigures run, Position at) {
        List<FlowFigures> parts = run.flows();
        boolean right = run.sentBytes() == parts.stream().mapToLong(FlowFigures::sentBytes).sum()
                && run.receivedBytes()
                        == parts.stream().mapToLong(FlowFigures::receivedBytes).sum()
                && run.intervals() == parts.stream().mapToInt(FlowFigures::intervals).sum()
                && run.intervalsMissing()
                        == parts.stream().mapToInt(FlowFigures::intervalsMissing).sum()
                && run.driftedIntervals()
                        == parts.stream().mapToInt(FlowFigures::driftedIntervals).sum()
                && run.flowsMeasured()
                        == parts.stream().filter(FlowFigures::measured).count();
        findings.judge(
                right,
                Invariant.BYTES,
                run.runId(),
                null,
                at,
                () -> "sent " + run.sentBytes() + ", received " + run.receivedBytes() + ", "
                        + Counted.of(run.intervals(), "interval")
                        + ", " + run.intervalsMissing() + " missing, " + run.driftedIntervals() + " drifted, "
                        + run.flowsMeasured() + " measured is not the sum of its flows");
    }

    private void verdict(RunFigures run, Position at) {
        boolean completed = run.state() == StateName.COMPLETED;
        boolean whole = run.reasons().isEmpty()
                && run.flowsMeasured() == run.flowsRequested()
                && run.intervalsMissing() == 0
                && run.driftedIntervals() == 0;
        findings.judge(
                completed ? whole : !run.reasons().isEmpty(),
                Invariant.HONEST_VERDICT,
                run.runId(),
                null,
                at,
                () -> completed
                        ? "is COMPLETED with reasons " + run.reasons() + ", " + run.flowsMeasured() + " of "
                                + Counted.of(run.flowsRequested(), "flow") + ", "
                                + Counted.of(run.intervalsMissing(), "interval") + " missing and "
                                + run.driftedIntervals() + " drifted"
                        : "is " + run.state() + " without a reason");
    }

    /** What shows only when everything was fed. */
    void atTheEnd() {
        flows.forEach((runId, some) -> {
            RunFigures result = runs.result(runId);
            int expected = expected(runId, result);
            boolean kept =
                    result == null || result.endedAt().isAfter(runs.coordinatorSpokeAt().minus(KEPT));
            RunSpec spec = runs.spec(runId);
            // Which way the traffic went, and whether it may have ended early; as usual where nothing tells any more.
            Course course = spec == null ? Course.USUAL : spec.course();
            if (expected >= 0 && kept) {
                some.values().forEach(flow -> intervals(runId, flow, expected, course));
            }
            if (result != null && kept && expected >= 0 && !course.limited() && result.state() == StateName.COMPLETED) {
                result.flows().forEach(flow -> held(result, flow, expected));
            }
        });
        ends.forEach(this::inTime);
    }

    private int expected(String runId, @Nullable RunFigures result) {
        if (result != null) {
            return result.intervalsOfAnEnd();
        }
        RunSpec spec = runs.spec(runId);
        return spec == null ? -1 : ofAnEnd(spec);
    }

    /** Intervals of one flow end of a clean run, warm-up included, each part rounded up. */
    static int ofAnEnd(RunSpec spec) {
        long intervalNs = spec.interval().toNanos();
        return Math.toIntExact(Math.ceilDiv(spec.warmup().toNanos(), intervalNs)
                + Math.ceilDiv(spec.duration().toNanos(), intervalNs));
    }

    private void intervals(String runId, FlowOf flow, int expected, Course course) {
        String flowId = flow.figures().flowId();
        Published source = ends.get(new FlowEndName(runId, flowId, FlowRole.SOURCE));
        Published destination = ends.get(new FlowEndName(runId, flowId, FlowRole.DESTINATION));
        int absent = absent(source, expected) + absent(destination, expected);
        if (!course.limited()) {
            findings.judge(
                    absent <= flow.figures().intervalsMissing(),
                    Invariant.EVERY_INTERVAL,
                    runId,
                    "flow " + flowId,
                    flow.at(),
                    () -> absent + " of " + 2 * expected + " intervals are not in flow-stats, "
                            + flow.figures().intervalsMissing() + " are declared missing");
        }
        if (!flow.figures().measured()) {
            return;
        }
        Published sender = course.reverse() ? destination : source;
        Published receiver = course.reverse() ? source : destination;
        long sent = flow.figures().sentBytes();
        long received = flow.figures().receivedBytes();
        if (sender != null) {
            add(runId, flow, sender.sentBytes, sent, absent(sender, expected) == 0, "sent");
        }
        if (receiver != null) {
            add(runId, flow, receiver.receivedBytes, received, absent(receiver, expected) == 0, "received");
        }
    }

    private void add(String runId, FlowOf flow, long ofIntervals, long ofResult, boolean all, String what) {
        findings.judge(
                all ? ofIntervals == ofResult : ofIntervals <= ofResult,
                Invariant.BYTES,
                runId,
                "flow " + flow.figures().flowId(),
                flow.at(),
                () -> "the measured intervals add up to " + Counted.of(ofIntervals, "byte") + " " + what
                        + ", the result says "
                        + ofResult);
    }

    private static int absent(@Nullable Published end, int expected) {
        return end == null ? expected : Math.max(0, expected - end.hashes.size());
    }

    private void held(RunFigures run, FlowFigures flow, int expected) {
        for (FlowRole role : FlowRole.values()) {
            FlowEndName name = new FlowEndName(run.runId(), flow.flowId(), role);
            Published end = ends.get(name);
            int lanes = end == null ? 0 : end.laneHashes.size();
            int drifted = end == null ? 0 : end.drifted;
            Position where = end == null || end.firstDrift == null
                    ? resultAt.getOrDefault(run.runId(), new Position("run-results", 0, 0))
                    : end.firstDrift;
            findings.judge(
                    lanes >= expected && drifted == 0,
                    Invariant.HONEST_VERDICT,
                    run.runId(),
                    name,
                    where,
                    () -> "the run is COMPLETED, but cpu-placement has " + lanes + " of " + expected
                            + " intervals, " + drifted + " of them outside the lane");
        }
    }

    /** Nothing was measured for longer than it may have lasted. */
    private void inTime(FlowEndName name, Published end) {
        RunSpec spec = runs.spec(name.runId());
        if (spec == null || end.hashes.isEmpty()) {
            return;
        }
        Duration bound = spec.warmup().plus(spec.duration()).plus(GRACE);
        Duration length = Duration.ofNanos(end.lengthNs);
        findings.judge(
                length.compareTo(bound) <= 0,
                Invariant.BOUNDED_WORKERS,
                name.runId(),
                name,
                end.last,
                () -> "its intervals are " + length + " together, the measurement was bound to end after " + bound);
    }

    int flowEnds() {
        return (int) ends.values().stream().filter(end -> !end.hashes.isEmpty()).count();
    }

    long intervals() {
        return ends.values().stream().mapToLong(end -> end.hashes.size()).sum();
    }
}
