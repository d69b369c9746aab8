package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.spec.RunSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Set;

class MeasuringTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();
    private final RunSpec spec = Specs.stream().flows(2).build();

    @BeforeEach
    void running() {
        fleet.running("r1", spec);
    }

    @Test
    void whenTheSourcesHaveEndedTheDestinationsDrain() {
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);

        fleet.ended("r1", "r1.1", FlowRole.SOURCE, Reports.done(1000, 0));

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(fleet.orders()).isEmpty();
        assertThat(fleet.timers)
                .containsEntry(new TimerKey.Phase("r1", StateName.FINISHING), fleet.now.plus(Bounds.FINISH));
    }

    @Test
    void whenAllEndsHaveReportedTheRunIsOverInOneStep() {
        fleet.done("r1");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.COMPLETED);
        assertThat(fleet.orders()).containsExactly("RELEASE host-b", "RELEASE host-a");
        assertThat(fleet.effects).hasAtLeastOneElementOfType(Effect.WriteRun.class);
        assertThat(fleet.effects).hasAtLeastOneElementOfType(Effect.WriteResult.class);
        assertThat(FleetDriver.events(fleet.effects))
                .anySatisfy(event -> assertThat(event.state()).isEqualTo(StateName.COMPLETED));
        assertThat(fleet.result("r1").reasons()).isEmpty();
        assertThat(fleet.run("r1").claims()).isEmpty();
        assertThat(fleet.timers.keySet()).allMatch(TimerKey.Lease.class::isInstance);
    }

    @Test
    void anotherOrderOfReportsLeadsToTheSameEnd() {
        fleet.ended("r1", "r1.1", FlowRole.DESTINATION, Reports.done(0, 1000));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(0, 1000));
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));

        fleet.ended("r1", "r1.1", FlowRole.SOURCE, Reports.done(1000, 0));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.COMPLETED);
    }

    @Test
    void aReportTwiceCountsOnce() {
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));
        FleetState before = fleet.state;

        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(5, 0));

        assertThat(fleet.effects).isEmpty();
        assertThat(fleet.state.runs()).isEqualTo(before.runs());
    }

    @Test
    void everyReportIsWrittenAtOnce() {
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));

        assertThat(fleet.written("r1").flows().getFirst().source().report()).isNotNull();
    }

    @Test
    void driftIsTold() {
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0).intervals(10, 10, 0, 3));

        assertThat(FleetDriver.events(fleet.effects)).anySatisfy(event -> {
            assertThat(event.type()).isEqualTo(RunEvent.Type.LANE_DRIFT);
            assertThat(event.hostId()).isEqualTo("host-a");
            assertThat(event.message()).contains("3 of 10");
        });
    }

    @Test
    void aRunThatDoesNotEndIsStoppedAfterItsTime() {
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));

        fleet.passWithHeartbeats(Duration.ofSeconds(26), Set.of("r1"), "host-a", "host-b");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(fleet.run("r1").state().reasons())
                .anySatisfy(reason -> assertThat(reason)
                        .contains("host-a did not report the end of flow r1.1 within 25 s of START", "log"));
        assertThat(fleet.sent("r1").stream().map(sent -> sent.order().type()).filter("STOP"::equals)).hasSize(2);
    }

    @Test
    void anEndThatIsNeverReportedKeepsItsClaimsUntilTheHostLetsGo() {
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));
        fleet.ended("r1", "r1.1", FlowRole.SOURCE, Reports.done(1000, 0));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(0, 1000));
        fleet.passWithHeartbeats(Duration.ofSeconds(17), Set.of("r1"), "host-a", "host-b");

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.PARTIAL);
        assertThat(fleet.result("r1").reasons().getFirst())
                .contains("host-b did not report the end of flow r1.1", "FINISHING");
        assertThat(fleet.run("r1").claims()).isNotEmpty().allMatch(claim -> claim.flowId().equals("r1.1"));
        fleet.heartbeat("host-b", Set.of("r1"));
        assertThat(fleet.orders()).containsExactly("RELEASE host-b");
        fleet.heartbeat("host-b", Set.of());
        assertThat(fleet.run("r1").claims()).isEmpty();
        assertThat(fleet.written("r1").claims()).isEmpty();
        assertThat(fleet.results("r1")).hasSize(1);
    }

    @Test
    void aLateReportReturnsTheClaimsAndLeavesTheVerdict() {
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));
        fleet.ended("r1", "r1.1", FlowRole.SOURCE, Reports.done(1000, 0));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(0, 1000));
        fleet.passWithHeartbeats(Duration.ofSeconds(17), Set.of("r1"), "host-a", "host-b");

        fleet.ended("r1", "r1.1", FlowRole.DESTINATION, Reports.done(0, 1000));

        assertThat(fleet.run("r1").claims()).isEmpty();
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.PARTIAL);
        assertThat(fleet.results("r1")).hasSize(1);
    }

    @Test
    void aRefusedStartStopsTheRun() {
        fleet.refuse("host-a", "r1", "START", "EXPIRED");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.FINISHING);
        assertThat(fleet.orders()).containsExactlyInAnyOrder("STOP host-a", "STOP host-b");
    }

    @Test
    void aHostThatNoLongerKnowsARunThatIsStoppedHasEnded() {
        fleet.cancel("r1");

        fleet.refuse("host-a", "r1", "STOP", "UNKNOWN_RUN");
        fleet.refuse("host-b", "r1", "STOP", "UNKNOWN_RUN");

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CANCELLED);
        assertThat(fleet.run("r1").claims()).isEmpty();
    }

    @Test
    void oneEarlyEndDoesNotStopTheOtherFlows() {
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.ended(EndOutcome.WORKER_LOST, "killed by signal 9"));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.ended(EndOutcome.PEER_GONE, "reset"));

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
        fleet.ended("r1", "r1.1", FlowRole.SOURCE, Reports.done(1000, 0));
        fleet.ended("r1", "r1.1", FlowRole.DESTINATION, Reports.done(0, 1000));
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.PARTIAL);
        assertThat(fleet.result("r1").flowsMeasured()).isEqualTo(1);
        assertThat(fleet.result("r1").reasons().getFirst())
                .isEqualTo("flow r1.0: host-a (source) ended WORKER_LOST: killed by signal 9");
    }
}
