package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.run.RunEvent.AnswerCode;
import dev.flowlane.core.spec.Pace;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Topology;
import dev.flowlane.core.spec.Traffic;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;

class LimitsTest {
    private static final Pace GIGABIT = new Pace(1_000_000_000, Pace.Unit.BITS, Pace.Arrival.CONSTANT, 1);

    private static FleetDriver limited(Map<String, Map<Limit, Long>> limits) {
        FleetDriver fleet = FleetDriver.empty();
        fleet.step(new Input.CoordinatorStarted(
                2, OpaqueBytes.of(new byte[32]), List.of(), List.of(), new Limits(limits)));
        fleet.announce("host-a", "machine-a", 8);
        fleet.announce("host-b", "machine-b", 8);
        return fleet;
    }

    private static FleetDriver limited(Limit limit, long most) {
        return limited(Map.of(Limits.EVERYBODY, Map.of(limit, most)));
    }

    private static RunEvent submit(FleetDriver fleet, String runId, String requestedBy, RunSpec spec) {
        fleet.step(new Input.SubmitRun("of-" + runId, runId, requestedBy, spec, fleet.now, null));
        return fleet.answer();
    }

    private static RunEvent submit(FleetDriver fleet, Specs spec) {
        return submit(fleet, "r1", "ann@laptop", spec.build());
    }

    private static void assertRefused(RunEvent answer, String... words) {
        assertThat(answer.code()).isEqualTo(AnswerCode.REJECTED);
        assertThat(answer.message()).contains(words).contains("whoever runs the coordinator can raise it");
    }

    @Test
    void whatIsWithinIsAcceptedAndOneMoreNamesLimitValueAndWhoCanRaiseIt() {
        FleetDriver fleet = limited(Limit.FLOWS, 4);

        assertThat(submit(fleet, Specs.stream().flows(4)).code()).isEqualTo(AnswerCode.ACCEPTED);
        RunEvent answer = submit(fleet, "r2", "ann@laptop", Specs.stream().flows(5).build());

        assertRefused(answer, "limits.*.flows: ann may have at most 4 flows in one run, this would be 5");
        assertThat(fleet.stateOf("r2")).isEqualTo(StateName.REJECTED);
    }

    @Test
    void flowsAreCountedOverAllPairs() {
        FleetDriver fleet = limited(Limit.FLOWS, 3);

        RunEvent answer = submit(fleet, Specs.stream()
                .over(Topology.MESH, List.of("host-a", "host-b"), List.of())
                .flows(2));

        assertRefused(answer, "at most 3 flows", "this would be 4");
    }

    @Test
    void aRateIsThatOfAllFlowsAndBothDirections() {
        FleetDriver fleet = limited(Limit.RATE, 2_000_000_000);

        assertThat(submit(fleet, Specs.stream().traffic(new Traffic.Stream(GIGABIT)).flows(2)).code())
                .isEqualTo(AnswerCode.ACCEPTED);
        RunEvent three = submit(fleet, "r2", "ann",
                Specs.stream().traffic(new Traffic.Stream(GIGABIT)).flows(3).build());
        // 100,000 requests of 1,000 bytes and as many responses of 9,000: 8 Gbit/s.
        RunEvent requests = submit(fleet, "r3", "ann", Specs.stream()
                .traffic(new Traffic.RequestResponse(
                        1_000, 9_000, 1, new Pace(100_000, Pace.Unit.MESSAGES, Pace.Arrival.CONSTANT, 1)))
                .build());

        assertRefused(three, "limits.*.rate: ann may have at most 2Gbit/s", "this would be 3Gbit/s");
        assertRefused(requests, "this would be 8Gbit/s");
    }

    @Test
    void whatHasNoPaceIsMoreThanAnyRate() {
        FleetDriver fleet = limited(Limit.RATE, 10_000_000_000L);

        assertRefused(submit(fleet, Specs.stream()), "as much as goes", "traffic.rate");
        assertRefused(
                submit(fleet, "r2", "ann", Specs.stream().traffic(new Traffic.DatagramStream(1_400, null)).build()),
                "as much as goes");
    }

    @Test
    void requestsPerSecondAreThoseOfAllFlows() {
        Traffic paced =
                new Traffic.RequestResponse(1, 1, 1, new Pace(600, Pace.Unit.MESSAGES, Pace.Arrival.POISSON, 1));
        FleetDriver fleet = limited(Limit.REQUESTS, 1_000);

        assertThat(submit(fleet, Specs.stream().traffic(paced)).code()).isEqualTo(AnswerCode.ACCEPTED);
        assertThat(submit(fleet, "r2", "ann", Specs.stream().build()).code()).isEqualTo(AnswerCode.ACCEPTED);
        assertRefused(
                submit(fleet, "r3", "ann", Specs.stream().traffic(paced).flows(2).build()),
                "limits.*.requests: ann may have at most 1000 requests a second", "this would be 1200");
        assertRefused(
                submit(fleet, "r4", "ann", Specs.stream().traffic(new Traffic.RequestResponse(1, 1)).build()),
                "as many as go");
    }

    @Test
    void aDurationIsThatOfAllTrialsWithTheirWarmUps() {
        FleetDriver fleet = limited(Limit.DURATION, Duration.ofSeconds(32).toNanos());
        Specs twelve = Specs.stream().lasting(Duration.ofSeconds(2), Duration.ofSeconds(10));

        assertThat(submit(fleet, twelve.trials(2)).code()).isEqualTo(AnswerCode.ACCEPTED);
        assertRefused(
                submit(fleet, "r2", "ann", twelve.trials(3).build()),
                "limits.*.duration: ann may have at most 32s", "this would be 36s");
    }

    @Test
    void runsAtATimeAreCountedByRequesterWhateverTheHostAndComeBackAtTheirEnd() {
        FleetDriver fleet = limited(Limit.RUNS, 1);
        RunSpec spec = Specs.stream().build();
        assertThat(submit(fleet, "r1", "ann@laptop", spec).code()).isEqualTo(AnswerCode.ACCEPTED);

        assertRefused(
                submit(fleet, "r2", "ann@desk", spec),
                "limits.*.runs: ann may have at most 1 run at a time, this would be 2");
        assertThat(submit(fleet, "r3", "bob@desk", spec).code()).isEqualTo(AnswerCode.ACCEPTED);
        // The same command again is no second run.
        assertThat(submit(fleet, "r1", "ann@laptop", spec).code()).isEqualTo(AnswerCode.UNCHANGED);
        fleet.step(new Input.CancelRun("cancel", "r1", "ann", null, null));
        fleet.pass(Duration.ofMinutes(2));
        assertThat(fleet.stateOf("r1")).isEqualTo(StateName.CANCELLED);
        // Whether its hosts still live is another matter.
        assertThat(submit(fleet, "r4", "ann@desk", spec).message()).doesNotContain("limits.");
    }

    @Test
    void anAmountOfOnesOwnStandsAboveEverybodysAndTheOthersRemain() {
        FleetDriver fleet = limited(Map.of(
                Limits.EVERYBODY, Map.of(Limit.FLOWS, 1L, Limit.DURATION, Duration.ofSeconds(10).toNanos()),
                "ann", Map.of(Limit.FLOWS, 4L)));

        assertThat(submit(fleet, Specs.stream().flows(4)).code()).isEqualTo(AnswerCode.ACCEPTED);
        assertRefused(submit(fleet, "r2", "bob", Specs.stream().flows(2).build()), "limits.*.flows: bob");
        assertRefused(
                submit(
                        fleet,
                        "r3",
                        "ann",
                        Specs.stream().flows(5).lasting(Duration.ZERO, Duration.ofSeconds(11)).build()),
                "limits.ann.flows", "limits.*.duration");
    }

    @Test
    void withoutLimitsEverythingIsAllowed() {
        assertThat(Limits.NONE.of("ann", Limit.FLOWS)).isNull();
    }
}
