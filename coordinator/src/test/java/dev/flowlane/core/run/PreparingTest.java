package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.RunSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Set;

class PreparingTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();
    private final RunSpec spec = Specs.stream().build();

    @BeforeEach
    void placed() {
        fleet.submit("r1", spec);
        fleet.open("r1", id -> 1);
    }

    private FlowEnd source() {
        return fleet.flow("r1", "r1.0").source();
    }

    private FlowEnd destination() {
        return fleet.flow("r1", "r1.0").destination();
    }

    @Test
    void whenEveryEndIsReadyEveryHostStartsDestinationsFirst() {
        fleet.ready("r1", "r1.0", source(), 1);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.PLACED);

        fleet.ready("r1", "r1.0", destination(), 1);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
        assertThat(fleet.orders()).containsExactly("START host-b", "START host-a");
        assertThat(fleet.run("r1").startedAt()).isEqualTo(fleet.now);
        assertThat(fleet.timers).containsEntry(
                new TimerKey.Phase("r1", StateName.RUNNING), fleet.now.plus(Duration.ofSeconds(25)));
    }

    @Test
    void theSameReadyTwiceStartsOnce() {
        FlowEnd source = source();
        FlowEnd destination = destination();
        fleet.ready("r1", "r1.0", source, 1);
        fleet.ready("r1", "r1.0", source, 1);
        fleet.ready("r1", "r1.0", destination, 1);

        fleet.ready("r1", "r1.0", destination, 1);

        assertThat(fleet.effects).isEmpty();
        assertThat(fleet.sent("r1").stream().filter(sent -> sent.order() instanceof HostOrder.Start)).hasSize(2);
    }

    @Test
    void aHashedFlowThatReceivesElsewhereIsPlacedAgain() {
        fleet.ready("r1", "r1.0", destination(), 3);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
        assertThat(fleet.run("r1").attempt()).isEqualTo(2);
        assertThat(fleet.orders())
                .containsExactly("RELEASE host-b", "RELEASE host-a", "EXPECT host-b", "CONNECT host-a");
        assertThat(FleetDriver.events(fleet.effects))
                .anySatisfy(event -> assertThat(event.message()).contains("CPU 3 instead of 1", "irqbalance"));
    }

    @Test
    void wordsAboutAnEarlierAttemptAreOfNoInterest() {
        EndLane old = new EndLane("r1.0", FlowRole.SOURCE, 1, 1, "1", Steering.HASHED, 100, 101);
        fleet.ready("r1", "r1.0", destination(), 3);
        fleet.open("r1", id -> 1);
        RunRecord before = fleet.run("r1");

        fleet.step(new Input.FlowEndsReady("host-a", "host-a-1", fleet.now, "r1", 1, List.of(old)));
        fleet.step(new Input.FlowEndEnded(
                "host-a",
                "host-a-1",
                fleet.now,
                "r1",
                1,
                Reports.ended(EndOutcome.NEVER_STARTED, null).of("r1.0", FlowRole.SOURCE)));

        assertThat(before.attempt()).isEqualTo(2);
        assertThat(fleet.run("r1")).isEqualTo(before);
        assertThat(fleet.effects).isEmpty();
    }

    @Test
    void claimsStayWhileARunIsPlacedAgain() {
        List<Claim> claims = fleet.run("r1").claims();

        fleet.ready("r1", "r1.0", destination(), 3);

        assertThat(fleet.run("r1").claims()).isEqualTo(claims);
    }

    @Test
    void theThirdWrongLaneFailsTheRun() {
        fleet.ready("r1", "r1.0", destination(), 3);
        fleet.open("r1", id -> 1);
        fleet.ready("r1", "r1.0", destination(), 3);
        fleet.open("r1", id -> 1);

        fleet.ready("r1", "r1.0", destination(), 3);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.ended(EndOutcome.NEVER_STARTED, null));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.ended(EndOutcome.NEVER_STARTED, null));
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.FAILED);
        assertThat(fleet.result("r1").reasons())
                .hasSize(2)
                .anySatisfy(reason -> assertThat(reason).contains("CPU 3 instead of 1"))
                .anySatisfy(reason -> assertThat(reason).contains("3 placements"));
    }

    @Test
    void anApplicationThatRunsElsewhereIsPlacedAgain() {
        fleet.ready("r1", "r1.0", source(), 2, 1, Steering.HASHED);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
        assertThat(FleetDriver.events(fleet.effects))
                .anySatisfy(event -> assertThat(event.message()).contains("runs on CPU 2 instead of 1", "cpuset"));
    }

    @Test
    void aReceiveCpuThatFollowsTheReceiverBecomesTheLanes() {
        fleet.ready("r1", "r1.0", destination(), 1, 2, Steering.FOLLOWS_RECEIVER);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.PLACED);
        assertThat(fleet.run("r1").claims())
                .anySatisfy(claim -> assertThat(claim.machineId() + " " + claim.cpu()).isEqualTo("machine-b 2"));
    }

    @Test
    void aReceiveCpuThatAnotherRunHasClaimedIsNotTaken() {
        fleet.submit("r2", spec);
        fleet.open("r2", id -> 2);

        fleet.ready("r1", "r1.0", destination(), 1, 2, Steering.FOLLOWS_RECEIVER);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
        assertThat(FleetDriver.events(fleet.effects))
                .anySatisfy(event -> assertThat(event.message()).contains("claimed by another flow of r2"));
    }

    @Test
    void aReceiveCpuThatFollowsTheSenderMayBeEitherEndsCpu() {
        FleetDriver one = FleetDriver.empty();
        for (String hostId : List.of("host-a", "host-b")) {
            one.announce(Announcements.of(
                    hostId, "machine-a", hostId + "-1", one.now, 4, Steering.FOLLOWS_SENDER, List.of("127.0.0.1")));
        }
        one.submit("r1", spec);
        int attempt = one.run("r1").attempt();
        while (one.run("r1").state() instanceof RunState.Connecting connecting
                && connecting.candidates().outstanding()) {
            for (int id : connecting.candidates().opened().keySet()) {
                one.candidates("host-a", "r1", attempt, List.of(
                        FleetDriver.candidate(id, FlowRole.SOURCE, 0, Steering.FOLLOWS_SENDER)));
                one.candidates("host-b", "r1", attempt, List.of(
                        FleetDriver.candidate(id, FlowRole.DESTINATION, 0, Steering.FOLLOWS_SENDER)));
            }
        }
        FlowLane flow = one.flow("r1", "r1.0");
        int sourceCpu = flow.source().applicationCpu();
        int destinationCpu = flow.destination().applicationCpu();

        one.ready("r1", "r1.0", flow.source(), sourceCpu, destinationCpu, Steering.FOLLOWS_SENDER);
        one.ready("r1", "r1.0", flow.destination(), destinationCpu, sourceCpu, Steering.FOLLOWS_SENDER);

        assertThat(sourceCpu).isNotEqualTo(destinationCpu);
        assertThat(one.stateOf("r1")).isEqualTo(StateName.RUNNING);
    }

    @Test
    void anEndThatCannotBeMadeReadyStopsTheRunAndWaitsForTheOtherEnd() {
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.ended(EndOutcome.ERROR, "sched_setaffinity: EINVAL"));

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(fleet.orders()).containsExactly("STOP host-b");
        assertThat(fleet.run("r1").claims()).isNotEmpty();
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.ended(EndOutcome.NEVER_STARTED, null));
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.FAILED);
        assertThat(fleet.result("r1").reasons().getFirst()).contains("host-a", "sched_setaffinity: EINVAL");
        assertThat(fleet.run("r1").claims()).isEmpty();
    }

    @Test
    void aConnectionThatIsGoneByThenIsSearchedForAgain() {
        fleet.refuse("host-b", "r1", "ASSIGN", "UNKNOWN_CANDIDATE");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
        assertThat(fleet.run("r1").attempt()).isEqualTo(2);
    }

    @Test
    void aHostWithoutAWorkerStopsTheRun() {
        fleet.refuse("host-b", "r1", "ASSIGN", "NO_WORKER");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(fleet.run("r1").state().reasons().getFirst()).contains("host-b refused ASSIGN", "NO_WORKER");
    }

    @Test
    void anEndThatIsNotReadyInTimeStopsTheRunNamingHostPhaseAndMend() {
        fleet.ready("r1", "r1.0", source(), 1);

        fleet.passWithHeartbeats(Duration.ofSeconds(21), Set.of("r1"), "host-a", "host-b");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(fleet.run("r1").state().reasons())
                .singleElement()
                .asString()
                .contains("host-b did not make flow r1.0 ready within 20 s of PLACED", "workers");
    }

    @Test
    void anUnpinnedEndMayRunAnywhere() {
        fleet.submit("r2", Specs.stream().applicationCpu(new ApplicationCpu.Unpinned()).build());
        fleet.open("r2", id -> 3);
        FlowLane flow = fleet.flow("r2", "r2.0");

        fleet.ready("r2", "r2.0", flow.source(), 0, 3, Steering.HASHED);
        fleet.ready("r2", "r2.0", flow.destination(), 2, 3, Steering.HASHED);

        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.RUNNING);
    }
}
