package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.run.RunEvent.AnswerCode;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.NotBefore;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.WhenBusy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

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

    @Test
    void theHigherPriorityIsServedFirstAndEqualOnesInOrder() {
        fleet.submit("low", Specs.stream().flows(4).priority(-1).build());
        fleet.submit("first", four);
        fleet.submit("second", four);
        fleet.submit("high", Specs.stream().flows(4).priority(100).build());

        List<String> served = new ArrayList<>();
        for (String running = "r1"; served.size() < 4; running = served.getLast()) {
            fleet.done(running);
            String next = Stream.of("low", "first", "second", "high")
                    .filter(run -> fleet.stateOf(run) == StateName.CONNECTING)
                    .findFirst()
                    .orElseThrow();
            served.add(next);
            fleet.open(next, id -> id % 4);
            fleet.ready(next);
        }

        assertThat(served).containsExactly("high", "first", "second", "low");
    }

    @Test
    void aRunThatIsNotDueStandsInNobodysWayAndSaysWhenItBegins() {
        FleetDriver free = FleetDriver.twoHosts();
        free.submit("later", Specs.stream().flows(4).priority(100)
                .notBefore(new NotBefore.Delay(Duration.ofSeconds(60))).build());

        free.submit("now", four);

        RunState.Queued later = (RunState.Queued) free.run("later").state();
        assertThat(later.notBefore()).isEqualTo(free.run("later").submittedAt().plusSeconds(60));
        assertThat(later.waitingFor()).isEmpty();
        assertThat(later.reasons()).containsExactly("not before " + later.notBefore());
        assertThat(free.stateOf("now")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void aRunBeginsWhenItIsDueAndOvertakesNobodyWhoWaitedBefore() {
        fleet.submit("later", Specs.stream().flows(4).notBefore(new NotBefore.Delay(Duration.ofSeconds(10))).build());
        fleet.submit("waiting", four);

        fleet.passWithHeartbeats(Duration.ofSeconds(11), Set.of("r1"), "host-a", "host-b");

        RunState.Queued later = (RunState.Queued) fleet.run("later").state();
        assertThat(later.notBefore()).isNull();
        assertThat(later.waitingFor()).containsExactly("waiting");
        fleet.done("r1");
        assertThat(fleet.stateOf("waiting")).isEqualTo(StateName.CONNECTING);
        assertThat(fleet.stateOf("later")).isEqualTo(StateName.QUEUED);
    }

    @Test
    void aTimeInThePastIsNow() {
        FleetDriver free = FleetDriver.twoHosts();

        free.submit("r1", Specs.stream().notBefore(new NotBefore.At(FleetDriver.START.minusSeconds(5))).build());

        assertThat(free.stateOf("r1")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void aRunTooFarAheadIsRejected() {
        FleetDriver free = FleetDriver.twoHosts();
        Instant far = FleetDriver.START.plus(Duration.ofDays(400));

        free.submit("r1", Specs.stream().notBefore(new NotBefore.At(far)).build());

        assertThat(free.answer().code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(free.answer().message()).contains("not-before", far.toString());
    }

    @Test
    void aRunThatIsNotDueCanBeCancelledAndLeavesNoTimer() {
        fleet.submit("later", Specs.stream().notBefore(new NotBefore.Delay(Duration.ofSeconds(10))).build());

        fleet.cancel("later");

        assertThat(fleet.stateOf("later")).isEqualTo(StateName.CANCELLED);
        assertThat(fleet.timers).doesNotContainKey(new TimerKey.Due("later"));
    }

    @Test
    void aRestartedCoordinatorStillKnowsWhenARunIsDue() {
        FleetDriver free = FleetDriver.twoHosts();
        free.submit("later", Specs.stream().notBefore(new NotBefore.Delay(Duration.ofSeconds(10))).build());

        free.restart();

        assertThat(free.timers).containsEntry(new TimerKey.Due("later"), free.run("later").dueAt());
        free.passWithHeartbeats(Duration.ofSeconds(11), Set.of(), "host-a", "host-b");
        assertThat(free.stateOf("later")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void aRunThatSharesAMachineWithAWaitingOneWaitsEvenIfItsOwnCpusAreFree() {
        // b waits for r1 on machine-a and machine-b; c could begin, but b would then wait for it on machine-c.
        fleet.announce("host-c", "machine-c", 4);
        fleet.announce("host-d", "machine-d", 4);
        fleet.submit("b", Specs.stream().flows(4).between("host-a", "host-c").build());

        fleet.submit("c", Specs.stream().between("host-c", "host-d").build());

        assertThat(fleet.stateOf("c")).isEqualTo(StateName.QUEUED);
        assertThat(((RunState.Queued) fleet.run("c").state()).waitingFor()).containsExactly("b");
    }
}
