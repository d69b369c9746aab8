package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.run.RunEvent.AnswerCode;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.WhenBusy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueueTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();
    private final RunSpec four = Specs.stream().flows(4).build();
    private final RunSpec one = Specs.stream().build();

    @BeforeEach
    void allCpusAreTaken() {
        fleet.running("r1", four);
    }

    @Test
    void aRunWhoseCpusAreClaimedWaitsAndNamesTheOther() {
        fleet.submit("r2", one);

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.ACCEPTED);
        assertThat(fleet.answer().state()).isEqualTo(StateName.QUEUED);
        assertThat(((RunState.Queued) fleet.run("r2").state()).waitingFor()).containsExactly("r1");
        assertThat(fleet.orders()).isEmpty();
    }

    @Test
    void aQueuedRunStartsWhenTheClaimsComeBack() {
        fleet.submit("r2", one);

        fleet.done("r1");

        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void runsAreServedInTheOrderOfTheirSubmission() {
        fleet.submit("r3", four);
        fleet.submit("r2", four);

        fleet.done("r1");

        assertThat(fleet.stateOf("r3")).isEqualTo(StateName.CONNECTING);
        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.QUEUED);
        assertThat(((RunState.Queued) fleet.run("r2").state()).waitingFor()).containsExactly("r3");
    }

    @Test
    void aSmallRunDoesNotPassABigOneThatCameFirst() {
        FleetDriver half = FleetDriver.twoHosts();
        half.running("r1", one);
        half.submit("big", four);

        half.submit("small", one);

        assertThat(half.stateOf("big")).isEqualTo(StateName.QUEUED);
        assertThat(half.stateOf("small")).isEqualTo(StateName.QUEUED);
        assertThat(((RunState.Queued) half.run("small").state()).waitingFor()).containsExactly("big");
    }

    @Test
    void runsOnOtherMachinesPass() {
        fleet.announce("host-c", "machine-c", 4);
        fleet.announce("host-d", "machine-d", 4);
        fleet.submit("r2", one);

        fleet.submit("r3", Specs.stream().between("host-c", "host-d").build());

        assertThat(fleet.stateOf("r3")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void twoSearchesOnOneMachineComeOneAfterTheOther() {
        FleetDriver free = FleetDriver.twoHosts();
        free.submit("r1", one);

        free.submit("r2", one);

        assertThat(free.stateOf("r2")).isEqualTo(StateName.QUEUED);
        free.open("r1", id -> id % 4);
        assertThat(free.stateOf("r1")).isEqualTo(StateName.PLACED);
        assertThat(free.stateOf("r2")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void runsThatShareEverythingSearchTogether() {
        RunSpec shared = Specs.stream().exclusive(Exclusive.NONE).build();
        FleetDriver free = FleetDriver.twoHosts();
        free.submit("r1", shared);

        free.submit("r2", shared);

        assertThat(free.stateOf("r2")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void aRunThatDoesNotWantToWaitIsRejectedWithTheRunInTheWay() {
        fleet.submit("r2", Specs.stream().whenBusy(WhenBusy.REJECT).build());

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(fleet.answer().message()).contains("r1", "when-busy");
        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.REJECTED);
    }

    @Test
    void aSearchThatFindsOnlyClaimedCpusGoesBackIntoTheLineAndIsNotRepeatedInVain() {
        FleetDriver busy = FleetDriver.twoHosts();
        busy.submit("r1", one);
        busy.open("r1", id -> 0);
        busy.ready("r1");
        busy.submit("r2", one);
        busy.open("r2", id -> 0);

        assertThat(busy.stateOf("r2")).isEqualTo(StateName.QUEUED);
        assertThat(((RunState.Queued) busy.run("r2").state()).waitingFor()).containsExactly("r1");
        int commands = busy.sent("r2").size();
        busy.announce("host-c", "machine-c", 4);
        assertThat(busy.sent("r2")).hasSize(commands);
        busy.done("r1");
        assertThat(busy.stateOf("r2")).isEqualTo(StateName.CONNECTING);
        assertThat(busy.run("r2").attempt()).isEqualTo(2);
    }

    @Test
    void aQueuedRunWhoseHostIsGoneWhenItsTurnComesIsRejected() {
        fleet.announce("host-c", "machine-b", 4);
        fleet.submit("r2", Specs.stream().between("host-a", "host-c").build());
        fleet.goodbye("host-c");
        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.QUEUED);

        fleet.done("r1");

        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.REJECTED);
        assertThat(fleet.result("r2").reasons().getFirst()).contains("host-c is offline");
    }
}
