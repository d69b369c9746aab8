package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.run.RunEvent.AnswerCode;
import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

class SubmissionTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();
    private final RunSpec spec = Specs.stream().build();

    @Test
    void aSoundRunIsAcceptedAndTheAnswerComesBeforeTheNews() {
        fleet.submit("r1", spec);

        List<RunEvent> events = FleetDriver.events(fleet.effects);
        assertThat(events.getFirst().type()).isEqualTo(RunEvent.Type.ANSWER);
        assertThat(events.getFirst().code()).isEqualTo(AnswerCode.ACCEPTED);
        assertThat(events.getFirst().state()).isEqualTo(StateName.CONNECTING);
        assertThat(events.get(1).type()).isEqualTo(RunEvent.Type.STATE);
        assertThat(fleet.written("r1")).isEqualTo(fleet.run("r1"));
    }

    @Test
    void theSameRunAgainIsUnchangedAndHasNoOtherEffect() {
        fleet.submit("r1", spec);
        FleetState before = fleet.state;

        fleet.submit("r1", Specs.stream().build());

        assertThat(fleet.effects).hasSize(1);
        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.UNCHANGED);
        assertThat(fleet.answer().state()).isEqualTo(StateName.CONNECTING);
        assertThat(fleet.state).isEqualTo(before);
    }

    @Test
    void theSameIdWithAnotherSpecIsAConflictAndLeavesTheRunAlone() {
        fleet.submit("r1", spec);
        FleetState before = fleet.state;

        fleet.submit("r1", Specs.stream().flows(2).build());

        assertThat(fleet.effects).hasSize(1);
        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.CONFLICT);
        assertThat(fleet.answer().message()).contains("another spec", "choose another id");
        assertThat(fleet.state).isEqualTo(before);
    }

    @Test
    void aCommandReadTooLateIsExpired() {
        fleet.step(new Input.SubmitRun("c9", "r1", "ann", spec, fleet.now, fleet.now.minusMillis(1)));

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.EXPIRED);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.EXPIRED);
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.EXPIRED);
    }

    @Test
    void aLateDuplicateOfAnAcceptedCommandDoesNotExpireTheRun() {
        fleet.step(new Input.SubmitRun("c9", "r1", "ann", spec, fleet.now, fleet.now.plusSeconds(1)));
        fleet.pass(Duration.ofSeconds(2));

        fleet.step(new Input.SubmitRun("c9", "r1", "ann", spec, fleet.now, fleet.now.minusSeconds(1)));

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.UNCHANGED);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void anUnknownHostIsRejectedAndTheKnownOnesAreNamed() {
        fleet.submit("r1", Specs.stream().between("host-a", "host-x").build());

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message()).contains("host-x is not known", "host-a, host-b");
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.REJECTED);
        assertThat(fleet.orders()).isEmpty();
    }

    @Test
    void aFeatureThatAHostLacksIsRejectedByNameBeforeAnythingStarts() {
        SpecResult tls = SpecParser.parse(
                "sources: [host-a]\ndestinations: [host-b]\ntls: {directions: both, cipher: aes-gcm-256}");
        fleet.submit("r1", ((SpecResult.Parsed) tls).spec());

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message())
                .contains("tls.directions: host host-a does not say whether it has tls", "host host-b");
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.REJECTED);
        assertThat(fleet.orders()).isEmpty();
    }

    @Test
    void withoutAnyHostTheMendIsNamed() {
        FleetDriver empty = FleetDriver.empty();

        empty.submit("r1", spec);

        assertThat(empty.answer().message()).contains("flowlane host-daemon");
    }

    @Test
    void aHostThatWasShutDownIsRejected() {
        fleet.goodbye("host-b");

        fleet.submit("r1", spec);

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message()).contains("host-b is offline");
    }

    @Test
    void aLostHostIsRejected() {
        fleet.passWithHeartbeats(Duration.ofSeconds(20), Set.of(), "host-a");

        fleet.submit("r1", spec);

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message()).contains("host-b is lost");
    }

    @Test
    void hostsWithoutACommonIpVersionAreRejectedWithTheirAddresses() {
        fleet.announce(Announcements.of(
                "host-c", "machine-c", "host-c-1", fleet.now, 4, Steering.HASHED, List.of("fd00::3")));

        fleet.submit("r1", Specs.stream().between("host-a", "host-c").build());

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message()).contains("do not share an IP version", "fd00::3", "--data-address");
    }

    @Test
    void anIpVersionThatIsAskedForMustBeThere() {
        fleet.submit("r1", Specs.stream().ipVersion(6).build());

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message()).contains("do not share IPv6");
    }

    @Test
    void aSpecOutOfRangeIsRejectedWithTheField() {
        fleet.submit("r1", Specs.stream().flows(0).build());

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message()).contains("flows");
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.REJECTED);
    }

    @Test
    void aBadRunIdLeavesNoTrace() {
        fleet.submit("__coordinator", spec);

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message()).contains("run id");
        assertThat(fleet.effects).hasSize(1);
        assertThat(fleet.state.runs()).isEmpty();
    }

    @Test
    void anUnreadableSpecIsRejectedWithItsProblems() {
        fleet.step(new Input.UnreadableSubmit(
                "c9", "r1", List.of(new Problem("traffic.kind", "UNKNOWN", "stream, request-response", ""))));

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message()).contains("traffic.kind", "request-response");
        assertThat(fleet.state.runs()).isEmpty();
    }

    @Test
    void onlyTheNewestTerminalRunsAreRemembered() {
        for (int i = 0; i < Bounds.TERMINAL_RUNS + 10; i++) {
            fleet.submit("r" + i, Specs.stream().between("host-a", "host-x").build());
        }

        assertThat(fleet.state.runs()).hasSizeBetween(Bounds.TERMINAL_RUNS, Bounds.TERMINAL_RUNS + 1);
        assertThat(fleet.state.runs()).doesNotContainKey("r0").containsKey("r" + (Bounds.TERMINAL_RUNS + 9));
    }

    @Test
    void ofTerminalRunsTheNewestKeepTheirLanesAndNoneKeepsWhatOnlyTheResultNeeds() {
        fleet.running("r1", Specs.stream().build());
        fleet.done("r1");
        RunRecord one = fleet.run("r1");
        FlowLane lane = one.flows().getFirst();
        EndReport reported = Reports.done(1, 1).of(lane.flowId(), FlowRole.SOURCE);
        FlowLane whole = lane.with(FlowRole.SOURCE, end -> end.ended(reported));
        List<RunRecord> many = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            RunState over = new RunState.Terminal(StateName.COMPLETED, fleet.now.plusSeconds(i), List.of(),
                    Collections.nCopies(Bounds.TERMINAL_FLOWS / 5, whole));
            many.add(new RunRecord("many-" + i, "c", "ann", one.spec(), fleet.now, 1, 1, 1, null, History.NONE, over));
        }
        FleetState before = fleet.state;
        fleet.state = new FleetState(before.epoch(), before.secret(), before.commands(), before.hosts(), Runs.of(many),
                before.trust(), before.limits());

        fleet.submit("last", Specs.stream().between("host-a", "host-x").build());
        fleet.submit("like", Specs.stream().like("many-1").build());

        assertThat(reported.socketOptions()).isNotEmpty();
        assertThat(one.flows()).flatExtracting(flow -> flow.ends().toList())
                .allSatisfy(end -> assertThat(end.report()).isNotNull()
                        .satisfies(slim -> assertThat(slim.socketOptions()).isEmpty()));
        assertThat(many).extracting(run -> run.flows().size())
                .containsOnly(Bounds.TERMINAL_FLOWS / 5)
                .hasSize(8);
        assertThat(many).extracting(run -> fleet.run(run.runId()).flows().isEmpty())
                .containsExactly(true, true, true, false, false, false, false, false);
        assertThat(fleet.run("many-7").flows().getFirst().source().report()).isEqualTo(reported.slim());
        assertThat(fleet.answer().message()).startsWith("like: no lanes of run many-1 are known, it is COMPLETED");
    }
}
