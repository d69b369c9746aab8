package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.spec.RunSpec;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

class SearchTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();
    private final RunSpec spec = Specs.stream().build();

    @Test
    void destinationsExpectAndSourcesConnectInOneStepWithTheSameKey() {
        fleet.submit("r1", spec);

        assertThat(fleet.orders()).containsExactly("EXPECT host-b", "CONNECT host-a");
        OpaqueBytes expected = ((HostOrder.Expect) fleet.sent("r1").getFirst().order()).runKey();
        HostOrder.Connect connect = (HostOrder.Connect) fleet.sent("r1").get(1).order();
        assertThat(connect.runKey()).isEqualTo(expected);
        assertThat(expected.sizeBytes()).isEqualTo(32);
        assertThat(connect.targets()).hasSize(1);
        assertThat(connect.targets().getFirst().destinationHostId()).isEqualTo("host-b");
        assertThat(connect.targets().getFirst().firstCandidateId()).isZero();
    }

    @Test
    void commandsExpireWithThePhaseAndCarryEpochAndAttempt() {
        fleet.submit("r1", spec);

        assertThat(fleet.sent("r1")).allSatisfy(sent -> {
            assertThat(sent.expiresAt()).isEqualTo(fleet.now.plus(Bounds.CONNECT));
            assertThat(sent.epoch()).isEqualTo(1);
            assertThat(sent.attempt()).isEqualTo(1);
        });
        assertThat(fleet.sent("r1").stream().map(Effect.SendHostCommand::commandId)).doesNotHaveDuplicates();
    }

    @Test
    void noKeyIsWrittenIntoTheRun() {
        fleet.submit("r1", spec);
        OpaqueBytes key = ((HostOrder.Expect) fleet.sent("r1").getFirst().order()).runKey();

        assertThat(key.toString()).isEqualTo("32 bytes");
        assertThat(key).isEqualTo(RunKeys.derive(fleet.state.secret(), "r1", 1));
        assertThat(key).isNotEqualTo(RunKeys.derive(fleet.state.secret(), "r1", 2));
        assertThat(key).isNotEqualTo(RunKeys.derive(OpaqueBytes.of(new byte[] {1}), "r1", 1));
    }

    @Test
    void enoughCandidatesGetLanesClaimsAndAssign() {
        fleet.submit("r1", Specs.stream().flows(2).build());

        fleet.open("r1", id -> id % 4);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.PLACED);
        assertThat(fleet.orders()).containsExactly("ASSIGN host-b", "ASSIGN host-a");
        assertThat(fleet.run("r1").flows())
                .extracting(FlowLane::flowId)
                .containsExactly("r1.0", "r1.1");
        assertThat(fleet.run("r1").claims()).extracting(Claim::machineId).contains("machine-a", "machine-b");
        assertThat(fleet.written("r1").claims()).isEqualTo(fleet.run("r1").claims());
    }

    @Test
    void assignNamesTheHostsEndsAndTheCpusThatNoLaneClaims() {
        fleet.submit("r1", spec);

        fleet.open("r1", id -> 2);

        HostOrder.Assign assign = (HostOrder.Assign) fleet.sent("r1").getLast().order();
        assertThat(assign.flowEnds())
                .containsExactly(new HostOrder.Assignment("r1.0", FlowRole.SOURCE, 0, 2, -1, "host-b"));
        assertThat(String.valueOf(assign.housekeepingCpus())).isEqualTo("0-1,3");
    }

    @Test
    void onePlaceForTwoFlowsMakesTheSearchGrow() {
        fleet.submit("r1", Specs.stream().flows(2).build());
        int first = fleet.run("r1").candidatesOpened();

        fleet.open("r1", id -> id < first ? 0 : id % 4);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.PLACED);
        assertThat(fleet.run("r1").candidatesOpened()).isGreaterThan(first);
    }

    @Test
    void connectionsThatCannotHelpAnyMoreAreClosedWithTheNextBatch() {
        fleet.submit("r1", Specs.stream().flows(2).build());
        int first = fleet.run("r1").candidatesOpened();

        // All of the first batch lead to CPU 0: one of them may become a flow, never two.
        fleet.open("r1", id -> id < first ? 0 : id % 4);

        List<HostOrder.Connect> connects = fleet.sent("r1").stream()
                .map(Effect.SendHostCommand::order)
                .filter(HostOrder.Connect.class::isInstance)
                .map(HostOrder.Connect.class::cast)
                .toList();
        assertThat(connects.get(0).close()).isEmpty();
        assertThat(connects.get(1).close()).hasSize(first - 1).allMatch(id -> id < first);
        assertThat(fleet.run("r1").flows()).extracting(FlowLane::candidateId)
                .doesNotContainAnyElementsOf(connects.get(1).close());
    }

    @Test
    void aSearchThatNeverFindsEnoughIsRejectedWithAnExplanation() {
        fleet.submit("r1", Specs.stream().flows(2).maxCandidates(40).build());

        fleet.open("r1", id -> 3);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.REJECTED);
        assertThat(fleet.result("r1").reasons()).isNotEmpty();
        assertThat(fleet.result("r1").placementCandidates()).isEqualTo(40);
        assertThat(fleet.orders()).containsExactly("RELEASE host-b", "RELEASE host-a");
        assertThat(fleet.timers.keySet()).allMatch(TimerKey.Lease.class::isInstance);
    }

    @Test
    void connectionsThatAllFailTwiceEndTheRunWithTheirReason() {
        fleet.submit("r1", spec);
        fleet.candidates("host-a", "r1", 1, refused(0, fleet.run("r1").candidatesOpened()));
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
        int again = fleet.run("r1").candidatesOpened();

        fleet.candidates("host-a", "r1", 1, refused(1, again));

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FAILED);
        assertThat(String.join("\n", fleet.result("r1").reasons()))
                .contains("no connection from host-a to host-b", "ECONNREFUSED 10.0.0.2:7411");
    }

    private static List<CandidateReport> refused(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(id -> new CandidateReport(
                        id, FlowRole.SOURCE, -1, Steering.HASHED, "", 0, "", 0, "connect: ECONNREFUSED 10.0.0.2:7411"))
                .toList();
    }

    @Test
    void aHostThatNeverAnswersEndsTheRunNamingHostPhaseAndMend() {
        fleet.submit("r1", spec);

        fleet.passWithHeartbeats(Duration.ofSeconds(11), Set.of("r1"), "host-a", "host-b");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FAILED);
        assertThat(fleet.result("r1").reasons().getFirst()).contains("host-a", "10 s", "CONNECTING", "log");
    }

    @Test
    void aConnectionOfWhichOnlyOneEndIsHeardIsGivenUpInTime() {
        fleet.submit("r1", spec);
        int asked = fleet.run("r1").candidatesOpened();
        fleet.candidates(
                "host-a", "r1", 1, List.of(FleetDriver.candidate(0, FlowRole.SOURCE, 1, Steering.HASHED)));
        fleet.candidates(
                "host-b",
                "r1",
                1,
                List.of(FleetDriver.candidate(asked - 1, FlowRole.DESTINATION, 1, Steering.HASHED)));

        fleet.passWithHeartbeats(Duration.ofSeconds(4), Set.of("r1"), "host-a", "host-b");

        assertThat(fleet.stateOf("r1")).isIn(StateName.FAILED, StateName.CONNECTING);
        assertThat(fleet.now).isBefore(FleetDriver.START.plus(Bounds.CONNECT));
    }

    @Test
    void reportsOfAnotherAttemptOrOfAStrangerAreOfNoInterest() {
        fleet.submit("r1", spec);
        fleet.announce("host-c", "machine-c", 4);
        RunRecord before = fleet.run("r1");

        fleet.candidates("host-a", "r1", 7, List.of(FleetDriver.candidate(0, FlowRole.SOURCE, 1, Steering.HASHED)));
        fleet.candidates("host-c", "r1", 1, List.of(FleetDriver.candidate(0, FlowRole.SOURCE, 1, Steering.HASHED)));
        fleet.candidates("host-a", "r1", 1, List.of(FleetDriver.candidate(900, FlowRole.SOURCE, 1, Steering.HASHED)));

        assertThat(fleet.run("r1")).isEqualTo(before);
    }

    @Test
    void aRefusedOrderEndsTheRunWithTheRefusal() {
        fleet.submit("r1", spec);

        fleet.refuse("host-b", "r1", "EXPECT", "LIMIT");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FAILED);
        assertThat(fleet.result("r1").reasons().getFirst()).contains("host-b refused EXPECT", "CONNECTING", "LIMIT");
    }
}
