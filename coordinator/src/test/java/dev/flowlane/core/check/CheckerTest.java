package dev.flowlane.core.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.check.CheckReport.Judgement;
import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.FlowEnd;
import dev.flowlane.core.run.FlowLane;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.History;
import dev.flowlane.core.run.Input;
import dev.flowlane.core.run.RunEvent;
import dev.flowlane.core.run.RunEvent.AnswerCode;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Each invariant once kept and once broken, by nothing but records. */
class CheckerTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private RunSpec spec = spec("");

    private final Checker checker = new Checker();
    private final Map<String, Long> offsets = new HashMap<>();

    @Test
    void aRunAsItShouldBeIsCleanAndEveryInvariantIsJudged() {
        cleanRun();

        CheckReport report = checker.report();

        assertThat(report.findings()).isEmpty();
        for (Invariant invariant : Invariant.values()) {
            assertThat(report.judgement(invariant)).as(invariant.name()).isEqualTo(Judgement.CLEAN);
        }
        assertThat(report.intervals()).isEqualTo(4);
        assertThat(report.flowEnds()).isEqualTo(2);
        assertThat(report.claims()).isEqualTo(2);
    }

    @Test
    void nothingOnTheTopicsIsNotJudgedWhichIsNotClean() {
        CheckReport report = checker.report();

        assertThat(report.judgement(Invariant.EXCLUSIVE_CPUS)).isEqualTo(Judgement.NOT_JUDGED);
        assertThat(report.judgement(Invariant.BYTES)).isEqualTo(Judgement.NOT_JUDGED);
    }

    @Test
    void twoRunsOnOneCpu() {
        written("run-1", StateName.RUNNING, 3);
        endTransaction();
        written("run-2", StateName.PLACED, 3);

        assertFound(Invariant.EXCLUSIVE_CPUS, "run-2", "claims CPU 3 of machine", "run-1.0", "runs-0@0");
    }

    @Test
    void withinOneTransactionACpuMayChangeHandsInAnyOrder() {
        written("run-1", StateName.RUNNING, 3);
        endTransaction();
        written("run-2", StateName.PLACED, 3);
        written("run-1", StateName.COMPLETED);
        endTransaction();

        checker.transactionEnded();

        assertThat(checker.findings()).isEmpty();
    }

    @Test
    void aTerminalStateThatIsLeft() {
        written("run-1", StateName.COMPLETED);
        written("run-1", StateName.FAILED);

        assertFound(Invariant.ONE_END, "run-1", "was COMPLETED at runs-0@0 and is FAILED");
    }

    @Test
    void anEndWithoutResultAndTwoResults() {
        written("run-1", StateName.COMPLETED);
        result("run-2", StateName.FAILED, 0, 0, 0);
        result("run-2", StateName.FAILED, 0, 0, 0);

        assertFound(Invariant.ONE_END, "run-1", "is COMPLETED and has no result");
        assertThat(checker.findings()).anyMatch(finding -> "run-2".equals(finding.runId())
                && finding.message().equals("has another result at run-results-0@0"));
    }

    @Test
    void aRunThatIsForgottenWhileTheCoordinatorGoesOn() {
        written("run-1", StateName.RUNNING, 3);
        told("c-9", "run-9", AnswerCode.REJECTED, NOON.plusSeconds(600));

        assertFound(Invariant.ONE_END, "run-1", "is RUNNING with a bound of");
    }

    @Test
    void aRunOfAnAbsentCoordinatorIsNotJudged() {
        written("run-1", StateName.RUNNING, 3);

        assertThat(checker.report().findings()).isEmpty();
    }

    @Test
    void aWorkerThatMeasuresForEver() {
        cleanRun();
        interval(FlowRole.SOURCE, 7, 0, Duration.ofMinutes(5));

        assertFound(Invariant.BOUNDED_WORKERS, "run-1", "together");
    }

    @Test
    void epochsThatGoBack() {
        checker.take(new Fact.EpochTaken(next("runs"), 5));
        checker.take(new Fact.EpochTaken(next("runs"), 5));
        ordered(7);
        ordered(6);
        heard(9, ready(1));
        heard(8, ready(1));

        List<Finding> found = checker.report().findings();

        assertThat(found).allMatch(finding -> finding.invariant() == Invariant.EPOCHS).hasSize(3);
    }

    @Test
    void anIntervalThatIsNeitherThereNorDeclaredMissing() {
        cleanRunButOneInterval(StateName.COMPLETED);
        result("run-1", StateName.COMPLETED, 30, 30, 0);

        assertFound(Invariant.EVERY_INTERVAL, "run-1",
                "1 of 4 intervals are not in flow-stats, 0 are declared missing");
    }

    @Test
    void aMissingIntervalThatIsDeclaredIsRight() {
        cleanRunButOneInterval(StateName.PARTIAL);
        result("run-1", StateName.PARTIAL, 30, 30, 1);
        told("c-1", "run-1", AnswerCode.ACCEPTED, NOON);

        assertThat(checker.report().findings()).isEmpty();
    }

    @Test
    void aCopyWithAnotherContent() {
        interval(FlowRole.SOURCE, 0, 10, Duration.ofSeconds(1));
        interval(FlowRole.SOURCE, 0, 10, Duration.ofSeconds(1));
        assertThat(checker.findings()).isEmpty();

        interval(FlowRole.SOURCE, 0, 11, Duration.ofSeconds(1));

        assertFound(Invariant.EVERY_INTERVAL, "run-1", "interval 0 is there a second time with another content");
    }

    @Test
    void completedAlthoughALaneWasLeft() {
        cleanRun();
        lane(FlowRole.SOURCE, 9, true, 77);

        assertFound(Invariant.HONEST_VERDICT, "run-1", "1 of them outside the lane", "cpu-placement");
    }

    @Test
    void aFailureWithoutAReason() {
        checker.take(new Fact.ResultWritten(next("run-results"), new RunFigures(
                "run-1", StateName.FAILED, List.of(), NOON, NOON, 1, 0, 0, 0, 0, 0, 0, 2, List.of())));

        assertFound(Invariant.HONEST_VERDICT, "run-1", "is FAILED without a reason");
    }

    @Test
    void theDestinationOfAReversedRunIsTheOneThatSends() {
        spec = spec(", traffic: {reverse: true}");

        cleanRunWithResult(30, 30);

        assertThat(checker.report().findings()).isEmpty();
    }

    @Test
    void aRunThatMayEndEarlyHasFewerIntervalsWithoutLosingAny() {
        spec = spec(", traffic: {bytes: 30}");

        cleanRunButOneInterval(StateName.COMPLETED);
        result("run-1", StateName.COMPLETED, 30, 30, 0);

        assertThat(checker.report().findings()).isEmpty();
    }

    @Test
    void moreReceivedThanSentAndSumsThatAreNone() {
        cleanRunWithResult(30, 31);

        List<Finding> found = checker.report().findings();

        assertThat(found).extracting(Finding::message)
                .contains(
                        "received 31 bytes of 30 sent",
                        "the measured intervals add up to 30 bytes received, the result says 31");
    }

    @Test
    void aBadRecordThatIsNoDeadLetter() {
        checker.take(new Fact.Unreadable(new Position("commands", 0, 4), NOON, "not Avro"));
        checker.take(new Fact.Unreadable(new Position("commands", 0, 5), NOON, "not Avro"));
        checker.take(new Fact.DeadLettered(next("dead-letters"), new Position("commands", 0, 5), 1));
        told("c-9", "run-9", AnswerCode.REJECTED, NOON.plusSeconds(600));

        List<Finding> found = checker.report().findings();

        assertThat(found).singleElement().satisfies(finding -> {
            assertThat(finding.invariant()).isEqualTo(Invariant.BAD_RECORDS);
            assertThat(finding.at()).hasToString("commands-0@4");
        });
    }

    @Test
    void aCommandThatWasPassedOver() {
        checker.take(new Fact.Asked(next("commands"), NOON, "c-1", "run-1"));
        checker.take(new Fact.Asked(next("commands"), NOON, "c-2", "run-2"));
        told("c-2", "run-2", AnswerCode.REJECTED, NOON);

        assertFound(Invariant.BAD_RECORDS, "run-1", "command c-1 was never answered, later ones were");
    }

    @Test
    void twoAnswersThatContradict() {
        told("c-1", "run-1", AnswerCode.ACCEPTED, NOON);
        told("c-1", "run-1", AnswerCode.UNCHANGED, NOON);
        assertThat(checker.findings()).isEmpty();

        told("c-1", "run-1", AnswerCode.REJECTED, NOON);

        assertFound(Invariant.SAME_COMMAND, "run-1", "was answered ACCEPTED");
    }

    @Test
    void aSecondWorkerForOneEnd() {
        heard(1, ready(77));
        heard(1, ready(78));

        assertFound(Invariant.SAME_COMMAND, "run-1", "is READY in process 78", "was in process 77");
    }

    @Test
    void claimsThatAreNeverGivenBack() {
        written("run-1", StateName.FAILED, 3);
        result("run-1", StateName.FAILED, 0, 0, 0);
        told("c-9", "run-9", AnswerCode.REJECTED, NOON.plusSeconds(600));

        assertFound(Invariant.CLAIMS_RETURNED, "run-1", "still holds 1 claims");
    }

    @Test
    void ofOneRunOnlyThatRunIsJudged() {
        Checker ofRun2 = new Checker("run-2");
        ofRun2.take(new Fact.RunWritten(new Position("runs", 0, 0), record("run-1", StateName.RUNNING, 3)));
        ofRun2.take(new Fact.RunWritten(new Position("runs", 0, 2), record("run-2", StateName.RUNNING, 3)));
        ofRun2.take(new Fact.RunWritten(new Position("runs", 0, 4), record("run-1", StateName.COMPLETED)));
        ofRun2.take(new Fact.RunWritten(new Position("runs", 0, 6), record("run-1", StateName.QUEUED)));

        assertThat(ofRun2.report().findings()).singleElement().satisfies(finding -> {
            assertThat(finding.invariant()).isEqualTo(Invariant.EXCLUSIVE_CPUS);
            assertThat(finding.runId()).isEqualTo("run-2");
        });
    }

    @Test
    void whatIsAboutNoRunIsNoFindingAboutOne() {
        Fact letter = new Fact.DeadLettered(new Position("dead-letters", 0, 0), new Position("runs", 0, 1), 1);
        Fact other = new Fact.DeadLettered(new Position("dead-letters", 0, 1), new Position("runs", 0, 1), 2);
        Checker ofAll = new Checker();
        Checker ofOne = new Checker("run-1");
        for (Checker each : List.of(ofAll, ofOne)) {
            each.take(letter);
            each.take(other);
        }

        assertThat(ofAll.report().findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.invariant()).isEqualTo(Invariant.BAD_RECORDS));
        CheckReport one = ofOne.report();
        assertThat(one.findings()).isEmpty();
        assertThat(one.judgement(Invariant.BAD_RECORDS)).isEqualTo(CheckReport.Judgement.NOT_JUDGED);
    }

    // ---- records ----

    private void cleanRun() {
        cleanRunWithResult(30, 30);
    }

    private void cleanRunWithResult(long sentBytes, long receivedBytes) {
        cleanRunButOneInterval(StateName.COMPLETED);
        interval(FlowRole.DESTINATION, 1, 20, Duration.ofSeconds(1));
        result("run-1", StateName.COMPLETED, sentBytes, receivedBytes, 0);
    }

    /** Everything of run-1 apart from its result, and from interval 1 of the destination. */
    private void cleanRunButOneInterval(StateName end) {
        checker.take(new Fact.EpochTaken(next("runs"), 1));
        endTransaction();
        written("run-1", StateName.PLACED, 3, 4);
        endTransaction();
        written("run-1", end);
        checker.take(new Fact.Asked(next("commands"), NOON, "c-1", "run-1"));
        told("c-1", "run-1", AnswerCode.ACCEPTED, NOON);
        ordered(1);
        heard(1, ready(77));
        for (FlowRole role : FlowRole.values()) {
            interval(role, 0, 10, Duration.ofSeconds(1));
            lane(role, 0, false, 77);
            lane(role, 1, false, 77);
        }
        interval(FlowRole.SOURCE, 1, 20, Duration.ofSeconds(1));
    }

    private void assertFound(Invariant invariant, String runId, String... words) {
        assertThat(checker.report().findings()).anySatisfy(finding -> {
            assertThat(finding.invariant()).isEqualTo(invariant);
            assertThat(finding.runId()).isEqualTo(runId);
            assertThat(finding.toString()).contains(words);
        });
    }

    private Position next(String topic) {
        return new Position(topic, 0, offsets.merge(topic, 1L, Long::sum) - 1);
    }

    private void endTransaction() {
        offsets.merge("runs", 1L, Long::sum);
    }

    private void written(String runId, StateName state, int... cpus) {
        checker.take(new Fact.RunWritten(next("runs"), record(runId, state, cpus)));
    }

    private RunRecord record(String runId, StateName state, int... cpus) {
        List<Claim> claims = Arrays.stream(cpus)
                .mapToObj(cpu ->
                        new Claim("machine", cpu, runId + ".0", Exclusive.STRICT, Claim.Part.WHOLE))
                .toList();
        FlowLane flow = new FlowLane(
                runId + ".0", new HostPair("a", "b"), 0, end(FlowRole.SOURCE), end(FlowRole.DESTINATION), claims);
        return new RunRecord(
                runId,
                "c-1",
                "me",
                spec,
                NOON,
                1,
                1,
                0,
                null,
                History.NONE,
                RunState.replayed(
                        state, NOON, NOON.plusSeconds(30), List.of(), List.of(flow), List.of(), null, false));
    }

    private static FlowEnd end(FlowRole role) {
        return new FlowEnd(role, "a", "10.0.0.1", 1, 3, 3, null, null, null);
    }

    private void told(String commandId, String runId, AnswerCode code, Instant at) {
        checker.take(new Fact.Told(next("run-events"), at, runId, RunEvent.Type.ANSWER, commandId, code));
    }

    private void ordered(long epoch) {
        checker.take(new Fact.Ordered(next("host-commands"), NOON, "a", "run-1", 1, epoch, "START"));
    }

    private void heard(long epoch, Input.HostWord word) {
        checker.take(new Fact.Heard(next("host-events"), NOON, epoch, word));
    }

    private static Input.HostWord ready(int pid) {
        EndLane lane = new EndLane("run-1.0", FlowRole.SOURCE, 3, 3, "3", Steering.HASHED, pid, pid);
        return new Input.FlowEndsReady("a", "instance", NOON, "run-1", 1, List.of(lane));
    }

    private void interval(FlowRole role, int seq, long bytes, Duration length) {
        boolean sends = (role == FlowRole.SOURCE) != spec.course().reverse();
        checker.take(new Fact.IntervalPublished(
                next("flow-stats"),
                "run-1",
                "run-1.0",
                role,
                "a",
                seq,
                false,
                length.toNanos(),
                sends ? bytes : 0,
                sends ? 0 : bytes,
                bytes));
    }

    private void lane(FlowRole role, int seq, boolean drifted, int pid) {
        checker.take(new Fact.LanePublished(
                next("cpu-placement"), "run-1", "run-1.0", role, "a", seq, false, drifted, pid, pid, seq));
    }

    private void result(String runId, StateName state, long sentBytes, long receivedBytes, int missing) {
        boolean traffic = sentBytes > 0;
        List<FlowFigures> flows = traffic
                ? List.of(new FlowFigures(runId + ".0", sentBytes, receivedBytes, 4 - missing, missing, 0, true))
                : List.of();
        checker.take(new Fact.ResultWritten(next("run-results"), new RunFigures(
                runId,
                state,
                state == StateName.COMPLETED ? List.of() : List.of("why"),
                NOON,
                NOON,
                1,
                traffic ? 1 : 0,
                sentBytes,
                receivedBytes,
                traffic ? 4 - missing : 0,
                missing,
                0,
                2,
                flows)));
    }

    private static RunSpec spec(String more) {
        return switch (SpecParser.parse("{sources: [a], destinations: [b], duration: 2s, warmup: 0" + more + "}")) {
            case SpecResult.Parsed parsed -> parsed.spec();
            case SpecResult.Invalid invalid -> throw new AssertionError(invalid.toString());
        };
    }
}
