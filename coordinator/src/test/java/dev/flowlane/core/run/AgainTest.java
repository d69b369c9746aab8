package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.Ledger;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Traffic;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs that are measured more than once: lanes that were left, and trials. */
class AgainTest {
    private static final RunSpec REHUNTING = Specs.stream().rehunting().build();

    private final FleetDriver fleet = FleetDriver.twoHosts();

    @Test
    void aDriftIsNewsAtOnceAndOnlyOnce() {
        fleet.running("r1", Specs.stream().build());

        fleet.drifted("r1", "r1.0", FlowRole.DESTINATION, 7);

        assertThat(FleetDriver.events(fleet.effects)).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo(RunEvent.Type.LANE_DRIFT);
            assertThat(event.hostId()).isEqualTo("host-b");
            assertThat(event.flowId()).isEqualTo("r1.0");
            assertThat(event.drift()).isNotNull();
            assertThat(event.message()).isEqualTo("destination: receive CPU was 3, lane is {0}, from interval 7");
        });
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
        fleet.drifted("r1", "r1.0", FlowRole.DESTINATION, 7);
        assertThat(fleet.effects).isEmpty();
    }

    @Test
    void everyKindThatOneIntervalShowsIsToldOnce() {
        fleet.running("r1", Specs.stream().build());
        List<RunEvent> told = new ArrayList<>();

        for (int twice = 0; twice < 2; twice++) {
            for (LaneDrift.Kind kind : LaneDrift.Kind.values()) {
                fleet.drifted("r1", 1, "host-a", new LaneDrift("r1.0", FlowRole.SOURCE, 3, false, kind, "0", "0-1"));
                told.addAll(FleetDriver.events(fleet.effects));
            }
        }

        assertThat(told).extracting(RunEvent::message).containsExactly(
                "source: affinity was 0-1, lane is {0}, from interval 3",
                "source: ran on CPU 0-1, lane is {0}, from interval 3",
                "source: receive CPU was 0-1, lane is {0}, from interval 3");
    }

    @Test
    void aDisturbedRunSaysWhichEndWhatAndSinceWhen() {
        fleet.running("r1", Specs.stream().build());
        fleet.drifted("r1", "r1.0", FlowRole.DESTINATION, 7);
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));

        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(0, 1000).intervals(10, 10, 0, 3));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.DISTURBED);
        assertThat(fleet.result("r1").reasons())
                .containsExactly("flow r1.0: host-b left its lane in 3 of 10 measured intervals, destination: "
                        + "receive CPU was 3, lane is {1}, from interval 7");
        assertThat(FleetDriver.events(fleet.effects)).noneMatch(event -> event.type() == RunEvent.Type.LANE_DRIFT);
    }

    @Test
    void aDriftOfARunThatRehuntsGivesTheMeasurementUpAndFindsLanesAnew() {
        fleet.running("r1", REHUNTING);

        fleet.drifted("r1", "r1.0", FlowRole.DESTINATION, 7);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
        assertThat(fleet.orders()).startsWith("RELEASE host-b", "RELEASE host-a");
        assertThat(fleet.run("r1").claims()).as("nobody may take its CPUs meanwhile").isNotEmpty();
        fleet.open("r1", id -> 2);
        fleet.ready("r1");
        assertThat(fleet.run("r1").flows().getFirst().flowId()).isEqualTo("r1.0~2");
        assertThat(fleet.run("r1").claims()).isNotEmpty().allMatch(claim -> claim.flowId().equals("r1.0~2"));
        fleet.done("r1");
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.COMPLETED);
        assertThat(fleet.result("r1").reasons()).isEmpty();
        assertThat(fleet.result("r1").history().givenUp()).singleElement().satisfies(given -> {
            assertThat(given.attempt()).isEqualTo(1);
            assertThat(given.reason()).contains("flow r1.0", "host-b", "destination", "from interval 7");
        });
    }

    @Test
    void aDriftThatOnlyTheReportsShowIsRehuntedToo() {
        fleet.running("r1", REHUNTING);
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0));

        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(0, 1000).intervals(10, 10, 0, 1));

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
        assertThat(fleet.results("r1")).isEmpty();
    }

    @Test
    void theLastMeasurementStandsWithItsDrift() {
        fleet.running("r1", REHUNTING);
        for (int i = 1; i < Bounds.ATTEMPTS; i++) {
            fleet.drifted("r1", fleet.run("r1").flows().getFirst().flowId(), FlowRole.SOURCE, 1);
            fleet.open("r1", id -> id % 4);
            fleet.ready("r1");
        }
        String flowId = fleet.run("r1").flows().getFirst().flowId();

        fleet.drifted("r1", flowId, FlowRole.SOURCE, 1);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
        fleet.ended("r1", flowId, FlowRole.SOURCE, Reports.done(1000, 0).intervals(10, 10, 0, 1));
        fleet.ended("r1", flowId, FlowRole.DESTINATION, Reports.done(0, 1000));
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.DISTURBED);
        assertThat(fleet.result("r1").history().givenUp()).hasSize(Bounds.ATTEMPTS - 1);
        assertThat(fleet.result("r1").reasons()).anyMatch(reason -> reason.startsWith("attempt 2 was given up"));
    }

    @Test
    void aRunThatFindsNoOtherLanesIsFailedAndSaysWhyItLooked() {
        fleet.running("r1", REHUNTING);
        fleet.drifted("r1", "r1.0", FlowRole.SOURCE, 1);

        fleet.passWithHeartbeats(Bounds.CONNECT.plusSeconds(4), Set.of("r1"), "host-a", "host-b");

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.FAILED);
        assertThat(fleet.result("r1").reasons())
                .anyMatch(reason -> reason.contains("attempt 1 was given up: flow r1.0"));
        fleet.passWithHeartbeats(Duration.ofSeconds(3), Set.of(), "host-a", "host-b");
        assertThat(fleet.run("r1").claims()).isEmpty();
    }

    @Test
    void aDriftOfAnEarlierMeasurementIsNoneOfThisOne() {
        fleet.running("r1", REHUNTING);
        fleet.drifted("r1", "r1.0", FlowRole.SOURCE, 1);
        fleet.open("r1", id -> 2);
        fleet.ready("r1");

        fleet.drifted("r1", 1, "r1.0", "host-a", FlowRole.SOURCE, 2);

        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.RUNNING);
        assertThat(fleet.effects).isEmpty();
    }

    @Test
    void aRestartDoesNotForgetWhatWasGivenUp() {
        fleet.running("r1", REHUNTING);
        fleet.drifted("r1", "r1.0", FlowRole.SOURCE, 1);

        fleet.restart();

        assertThat(fleet.run("r1").history().givenUp()).hasSize(1);
        fleet.open("r1", id -> 2);
        fleet.ready("r1");
        fleet.done("r1");
        assertThat(fleet.result("r1").state()).isEqualTo(StateName.COMPLETED);
    }

    @Test
    void trialsAreMadeOnTheSameLanesWithTheClaimsHeldThroughout() {
        fleet.running("r1", Specs.stream().flows(2).trials(3).build());
        List<String> first = lanes();
        fleet.submit("r2", Specs.stream().flows(4).build());

        for (int trial = 1; trial < 3; trial++) {
            fleet.done("r1");
            assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CONNECTING);
            assertThat(fleet.stateOf("r2")).isEqualTo(StateName.QUEUED);
            fleet.open("r1", id -> 3 - id % 4);
            fleet.ready("r1");
            assertThat(lanes()).isEqualTo(first);
        }
        fleet.done("r1");

        RunOutcome result = fleet.result("r1");
        assertThat(result.state()).isEqualTo(StateName.COMPLETED);
        assertThat(result.reasons()).isEmpty();
        assertThat(result.history().trials()).extracting(Trial::state).containsOnly(StateName.COMPLETED).hasSize(3);
        assertThat(result.history().trials()).extracting(Trial::attempt).containsExactly(1, 2, 3);
        assertThat(result.statistics()).hasSize(3).allSatisfy(statistic -> {
            assertThat(statistic.trials()).isEqualTo(3);
            assertThat(statistic.variationRatio()).isZero();
        });
        assertThat(fleet.allEffects.stream().filter(Effect.WriteTrial.class::isInstance)).hasSize(2);
        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.CONNECTING);
    }

    @Test
    void flowsThatSwapCpusSwapThemInEveryTrial() {
        fleet.running("r1", Specs.stream().flows(2).applicationCpu(new ApplicationCpu.Cross()).trials(2).build());
        List<String> first = lanes();

        fleet.done("r1");
        fleet.open("r1", id -> id % 4);
        fleet.ready("r1");

        assertThat(lanes()).isEqualTo(first);
        assertThat(fleet.run("r1").claims()).extracting(Claim::flowId, Claim::sharedWithFlowId)
                .containsOnly(tuple("r1.0~2", "r1.1~2"), tuple("r1.1~2", "r1.0~2"));
        assertThat(Ledger.of(Map.of("r1", fleet.run("r1").claims())).violations()).isEmpty();
        fleet.done("r1");
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.COMPLETED);
    }

    @Test
    void requestResponseTrialsAreComparedByRateAndRoundTripsToo() {
        RunSpec spec = Specs.stream().traffic(new Traffic.RequestResponse(1, 1)).trials(2).build();
        fleet.running("r1", spec);
        answered();
        fleet.open("r1", id -> id % 4);
        fleet.ready("r1");

        answered();

        assertThat(fleet.result("r1").statistics())
                .filteredOn(statistic -> statistic.flowNumber() == null)
                .extracting(TrialStatistic::metric)
                .containsExactly(TrialStatistic.Metric.values());
    }

    @Test
    void aDisturbedTrialMakesTheWholeDisturbedAndIsNamed() {
        fleet.running("r1", Specs.stream().trials(2).build());
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(1000, 0).intervals(10, 10, 0, 1));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(0, 1000));
        fleet.open("r1", id -> id % 4);
        fleet.ready("r1");

        fleet.done("r1");

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.DISTURBED);
        assertThat(fleet.result("r1").reasons()).singleElement().asString().startsWith("trial 1 of 2, DISTURBED: flow");
    }

    @Test
    void aTrialThatFailsEndsTheRunWithWhatWasMeasured() {
        fleet.running("r1", Specs.stream().trials(4).build());
        fleet.done("r1");
        fleet.open("r1", id -> id % 4);
        fleet.ready("r1");

        fleet.ended("r1", "r1.0~2", FlowRole.SOURCE, Reports.ended(EndOutcome.WORKER_LOST, "gone"));
        fleet.ended("r1", "r1.0~2", FlowRole.DESTINATION, Reports.ended(EndOutcome.PEER_GONE, null));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.PARTIAL);
        assertThat(fleet.result("r1").reasons())
                .anyMatch(reason -> reason.startsWith("trial 2 of 4, FAILED: "))
                .contains("1 of 4 trials was measured");
        assertThat(fleet.result("r1").statistics()).allMatch(statistic -> statistic.trials() == 1);
    }

    @Test
    void aTrialWhoseLanesAreNotReachedAgainSaysSo() {
        fleet.running("r1", Specs.stream().trials(2).maxCandidates(16).build());
        fleet.done("r1");

        fleet.open("r1", id -> 3);

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.PARTIAL);
        assertThat(fleet.result("r1").reasons().getFirst())
                .startsWith("trial 2 of 2 was not made: none of 16 connections is received on the CPUs");
        assertThat(fleet.run("r1").claims()).isEmpty();
    }

    @Test
    void aCancelledTrialCancelsTheRunAndKeepsWhatWasMeasured() {
        fleet.running("r1", Specs.stream().trials(3).build());
        fleet.done("r1");

        fleet.cancel("r1");

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.CANCELLED);
        assertThat(fleet.result("r1").history().trials()).hasSize(1);
        assertThat(fleet.result("r1").statistics()).isNotEmpty();
    }

    @Test
    void aRunLikeAnotherIsOnTheSameLanesHoweverItsConnectionsCome() {
        fleet.running("r1", Specs.stream().flows(2).build());
        List<String> first = lanes();
        List<Integer> ports = fleet.run("r1").flows().stream().map(flow -> flow.source().port()).toList();
        fleet.done("r1");
        fleet.submit("r2", Specs.stream().flows(2).like("r1").build());

        HostOrder.Connect connect = (HostOrder.Connect) fleet.sent("r2").get(1).order();
        assertThat(connect.targets().getFirst().sourcePorts()).isEqualTo(ports);
        fleet.open("r2", id -> 3 - id % 4);

        assertThat(lanes("r2")).containsExactlyInAnyOrderElementsOf(first);
        assertThat(fleet.run("r2").history().notes()).isEmpty();
    }

    @Test
    void aRunWhoseConnectionsAreNotSentThereTakesOtherLanesAndSaysSo() {
        fleet.running("r1", Specs.stream().build());
        fleet.done("r1");
        fleet.submit("r2", Specs.stream().like("r1").maxCandidates(16).build());

        fleet.open("r2", id -> 3);
        fleet.ready("r2");
        fleet.done("r2");

        assertThat(fleet.result("r2").state()).isEqualTo(StateName.COMPLETED);
        assertThat(fleet.result("r2").history().notes()).singleElement().asString()
                .startsWith("like: no flow is on the lane of r1.0, host-a rx 0 app 0 to host-b rx 0 app 0: the hash"
                        + " sent none of ");
    }

    @Test
    void aRunLikeOneThatIsUnknownOrBetweenOtherHostsIsRejected() {
        fleet.running("r1", Specs.stream().build());

        fleet.submit("r2", Specs.stream().like("nobody").build());
        String unknown = fleet.answer().message();
        fleet.submit("r3", Specs.stream().between("host-b", "host-a").like("r1").build());

        assertThat(unknown).startsWith("like: there is no run nobody");
        assertThat(fleet.answer().message()).startsWith("like: the flows of run r1 were not between the same hosts");
    }

    private void answered() {
        String flowId = fleet.run("r1").flows().getFirst().flowId();
        Histogram histogram = new Histogram(3);
        histogram.recordValue(50_000);
        fleet.ended("r1", flowId, FlowRole.SOURCE,
                Reports.done(1000, 0).transactions(7, Histograms.encode(histogram)));
        fleet.ended("r1", flowId, FlowRole.DESTINATION, Reports.done(0, 1000).transactions(7, null));
    }

    private List<String> lanes() {
        return lanes("r1");
    }

    private List<String> lanes(String runId) {
        return fleet.run(runId).flows().stream()
                .map(flow -> flow.source().applicationCpu() + " " + flow.source().receiveCpu() + " "
                        + flow.destination().applicationCpu() + " " + flow.destination().receiveCpu())
                .toList();
    }
}
