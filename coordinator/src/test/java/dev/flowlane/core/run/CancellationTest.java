package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.run.RunEvent.AnswerCode;
import dev.flowlane.core.spec.RunSpec;
import org.junit.jupiter.api.Test;

class CancellationTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();
    private final RunSpec spec = Specs.stream().build();

    @Test
    void anUnknownRunIsNotFound() {
        fleet.cancel("r9");

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.NOT_FOUND);
        assertThat(fleet.effects).hasSize(1);
    }

    @Test
    void aQueuedRunIsCancelledAtOnce() {
        fleet.running("r1", Specs.stream().flows(4).build());
        fleet.submit("r2", spec);

        fleet.cancel("r2");

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.CANCELLING);
        assertThat(fleet.result("r2").state()).isEqualTo(StateName.CANCELLED);
        assertThat(fleet.result("r2").reasons()).containsExactly("cancelled by ann: enough");
        assertThat(fleet.orders()).isEmpty();
    }

    @Test
    void aSearchIsReleased() {
        fleet.submit("r1", spec);

        fleet.cancel("r1");

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.CANCELLED);
        assertThat(fleet.orders()).containsExactly("RELEASE host-b", "RELEASE host-a");
    }

    @Test
    void aPlacedRunIsStoppedAndKeepsItsClaimsUntilTheEndsReport() {
        fleet.submit("r1", spec);
        fleet.open("r1", id -> 1);

        fleet.cancel("r1");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(fleet.orders()).containsExactlyInAnyOrder("STOP host-b", "STOP host-a");
        assertThat(fleet.run("r1").claims()).isNotEmpty();
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.ended(EndOutcome.NEVER_STARTED, null));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.ended(EndOutcome.NEVER_STARTED, null));
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.CANCELLED);
        assertThat(fleet.result("r1").reasons()).containsExactly("cancelled by ann: enough");
    }

    @Test
    void aRunningRunEndsCancelledWithWhatWasMeasured() {
        fleet.running("r1", spec);

        fleet.cancel("r1");
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, stopped(500, 0));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, stopped(0, 500));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.CANCELLED);
        assertThat(fleet.result("r1").receivedBytes()).isEqualTo(500);
    }

    private static Reports stopped(long sent, long received) {
        return new Reports(
                EndOutcome.STOPPED, null, 1, 3_000_000_000L, sent, received, 0, null, EndReport.Intervals.NONE, 0,
                null);
    }

    @Test
    void aDrainingRunCanStillBeCancelled() {
        fleet.running("r1", spec);
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));

        fleet.cancel("r1");

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.CANCELLING);
        assertThat(fleet.orders()).containsExactly("STOP host-b");
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(0, 1000));
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.CANCELLED);
    }

    @Test
    void cancellingTwiceChangesNothing() {
        fleet.running("r1", spec);
        fleet.cancel("r1");

        fleet.cancel("r1");

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.UNCHANGED);
        assertThat(fleet.effects).hasSize(1);
    }

    @Test
    void aRunThatIsOverStaysAsItIs() {
        fleet.running("r1", spec);
        fleet.done("r1");

        fleet.cancel("r1");

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.UNCHANGED);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.COMPLETED);
        assertThat(fleet.effects).hasSize(1);
    }

    @Test
    void aCancelReadTooLateHasNoEffect() {
        fleet.running("r1", spec);

        fleet.step(new Input.CancelRun("c9", "r1", "ann", null, fleet.now.minusSeconds(1)));

        assertThat(fleet.answer().code()).isEqualTo(AnswerCode.EXPIRED);
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
    }
}
