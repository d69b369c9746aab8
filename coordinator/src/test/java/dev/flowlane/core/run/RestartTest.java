package dev.flowlane.core.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.run.RunEvent.AnswerCode;
import dev.flowlane.core.spec.RunSpec;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Set;

class RestartTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();
    private final RunSpec spec = Specs.stream().build();

    @Test
    void aSearchBeginsAnewUnderANewAttemptAndKey() {
        fleet.submit("r1", spec);

        fleet.restart();

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
        assertThat(fleet.run("r1").attempt()).isEqualTo(2);
        assertThat(fleet.run("r1").epoch()).isEqualTo(2);
        assertThat(fleet.orders())
                .containsExactly("RELEASE host-b", "RELEASE host-a", "EXPECT host-b", "CONNECT host-a");
        assertThat(fleet.sent("r1").stream()
                        .map(Effect.SendHostCommand::order)
                        .filter(HostOrder.Expect.class::isInstance)
                        .map(order -> ((HostOrder.Expect) order).runKey())
                        .distinct())
                .hasSize(2);
        fleet.open("r1", id -> 1);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.PLACED);
    }

    @Test
    void aPlacedRunIsAssignedAgainUnderTheSameAttempt() {
        fleet.submit("r1", spec);
        fleet.open("r1", id -> 1);
        fleet.ready("r1", "r1.0", fleet.flow("r1", "r1.0").source(), 1);

        fleet.restart();

        assertThat(fleet.orders()).containsExactly("ASSIGN host-b", "ASSIGN host-a");
        assertThat(fleet.run("r1").attempt()).isEqualTo(1);
        assertThat(fleet.timers)
                .containsEntry(new TimerKey.Phase("r1", StateName.PLACED), fleet.now.plus(Bounds.PREPARE));
        fleet.ready("r1");
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
    }

    @Test
    void aRunningRunGoesOn() {
        fleet.running("r1", spec);
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));

        fleet.restart();
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(0, 1000));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.COMPLETED);
        assertThat(fleet.result("r1").epoch()).isEqualTo(2);
    }

    @Test
    void aRunWhoseBoundPassedMeanwhileGetsTimeForItsReports() {
        fleet.running("r1", spec);
        fleet.now = fleet.now.plusSeconds(600);

        fleet.restart();

        assertThat(fleet.timers)
                .containsEntry(new TimerKey.Phase("r1", StateName.RUNNING), fleet.now.plus(Bounds.GRACE));
    }

    @Test
    void aCancelledRunStaysCancelled() {
        fleet.running("r1", spec);
        fleet.cancel("r1");

        fleet.restart();
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.ended(EndOutcome.STOPPED, null));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.ended(EndOutcome.STOPPED, null));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.CANCELLED);
        assertThat(fleet.result("r1").reasons()).containsExactly("cancelled by ann: enough");
    }

    @Test
    void queuedRunsKeepTheirOrder() {
        fleet.running("r1", Specs.stream().flows(4).build());
        fleet.submit("r3", spec);
        fleet.submit("r2", spec);

        fleet.restart();
        fleet.done("r1");

        assertThat(fleet.stateOf("r3")).isEqualTo(StateName.CONNECTING);
        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.QUEUED);
    }

    @Test
    void claimsAreThoseOfTheLiveRuns() {
        fleet.running("r1", Specs.stream().flows(4).build());

        fleet.restart();
        fleet.submit("r2", spec);

        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.QUEUED);
    }

    @Test
    void claimsThatWereHeldBeyondTheEndAreStillHeld() {
        fleet.running("r1", spec);
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));
        fleet.passWithHeartbeats(Duration.ofSeconds(17), Set.of("r1"), "host-a", "host-b");

        fleet.restart();

        assertThat(fleet.run("r1").claims()).isNotEmpty();
        fleet.heartbeat("host-b", Set.of());
        assertThat(fleet.run("r1").claims()).isEmpty();
    }

    @Test
    void anIdIsRememberedAndItsAnswerTheSame() {
        fleet.running("r1", spec);
        fleet.done("r1");

        fleet.restart();
        fleet.submit("r1", spec);

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.UNCHANGED);
        assertThat(fleet.answer().state()).isEqualTo(StateName.COMPLETED);
    }

    @Test
    void aDaemonThatRestartedMeanwhileEndsTheRun() {
        fleet.running("r1", spec);
        fleet.restart();

        // The host record that was replayed is the new daemon's already, so nothing but its list tells.
        fleet.hello("host-b", "host-b-1", Set.of());

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
    }

    @Test
    void aHostThatWasShutDownMeanwhileEndsTheRun() {
        fleet.running("r1", spec);
        FleetDriver later = new FleetDriver();
        later.now = fleet.now.plusSeconds(5);
        HostAnnouncement alive = requireNonNull(fleet.state.hosts().get("host-a")).announced();
        HostAnnouncement down = Announcements.offline(
                requireNonNull(fleet.state.hosts().get("host-b")).announced(), later.now);

        later.step(new Input.CoordinatorStarted(
                2,
                OpaqueBytes.of(new byte[32]),
                List.of(FleetDriver.replayed(fleet.run("r1"))),
                List.of(alive, down)));

        assertThat(later.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(later.run("r1").state().reasons().getFirst()).contains("HOST_LOST host-b");
    }
}
