package dev.flowlane.core.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Threshold;
import dev.flowlane.core.spec.Traffic;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;

class OutcomesTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();
    private final RunSpec two = Specs.stream().flows(2).build();
    private final RunSpec asking =
            Specs.stream().traffic(new Traffic.RequestResponse(1, 1)).flows(2).build();

    private static OpaqueBytes roundTrips(long fromNs, long toNs) {
        Histogram histogram = new Histogram(3);
        for (long ns = fromNs; ns <= toNs; ns += 1000) {
            histogram.recordValue(ns);
        }
        return Histograms.encode(histogram);
    }

    private void end(String flowId, Reports source, Reports destination) {
        fleet.ended("r1", flowId, FlowRole.SOURCE, source);
        fleet.ended("r1", flowId, FlowRole.DESTINATION, destination);
    }

    @Test
    void throughputIsWhatTheDestinationReceivedOverItsOwnWindow() {
        fleet.running("r1", two);

        end("r1.0", Reports.done(5_000, 0), Reports.done(0, 5_000).windowNs(8_000_000_000L));
        end("r1.1", Reports.done(3_000, 0), Reports.done(0, 3_000));

        RunOutcome result = fleet.result("r1");
        assertThat(result.flows().getFirst().throughputBitsPerSecond()).isCloseTo(5_000, within(1e-6));
        assertThat(result.flows().getFirst().durationNs()).isEqualTo(8_000_000_000L);
        assertThat(result.throughputBitsPerSecond()).isCloseTo(7_400, within(1e-6));
        assertThat(result.sentBytes()).isEqualTo(8_000);
        assertThat(result.receivedBytes()).isEqualTo(8_000);
        assertThat(result.flowsRequested()).isEqualTo(2);
        assertThat(result.flowsMeasured()).isEqualTo(2);
        assertThat(result.intervals()).isEqualTo(40);
        assertThat(result.retransmittedSegments()).isZero();
        assertThat(result.roundTrips()).isNull();
    }

    @Test
    void thresholdsAreJudgedByTheFiguresOfTheResult() throws Threshold.BadThresholdException {
        Threshold kept = Threshold.parse("throughput >= 6400");
        Threshold missed = Threshold.parse("throughput > 6400");
        Threshold counted = Threshold.parse("drifted-intervals <= 0");
        fleet.running("r1", Specs.stream().flows(2).thresholds(kept, missed, counted).build());

        end("r1.0", Reports.done(5_000, 0), Reports.done(0, 5_000));
        end("r1.1", Reports.done(3_000, 0), Reports.done(0, 3_000));

        assertThat(ThresholdVerdict.of(fleet.result("r1")))
                .containsExactly(
                        new ThresholdVerdict(kept, 6400.0, 0),
                        new ThresholdVerdict(missed, 6400.0, 0),
                        new ThresholdVerdict(counted, 0.0, 0))
                .extracting(ThresholdVerdict::met)
                .containsExactly(true, false, true);
    }

    @Test
    void whatNeverRanKeepsNoThreshold() throws Threshold.BadThresholdException {
        fleet.submit("r1", Specs.stream().flows(2).thresholds(Threshold.parse("throughput <= 1Gbit/s")).build());
        fleet.cancel("r1");

        assertThat(ThresholdVerdict.of(fleet.result("r1")))
                .singleElement()
                .satisfies(verdict -> {
                    assertThat(verdict.figure()).isNull();
                    assertThat(verdict.met()).isFalse();
                });
    }

    @Test
    void theResultHasTheEnvironmentThatWasAnnouncedLast() {
        HostEnvironment before = new HostEnvironment("f1", List.of(new HostEnvironment.Fact("mtu", "1500")));
        HostEnvironment after = new HostEnvironment("f2", List.of(new HostEnvironment.Fact("mtu", "9000")));
        fleet.announce(Announcements.with(fleet.announced("host-a"), before, 1));
        fleet.running("r1", two);
        fleet.announce(Announcements.with(fleet.announced("host-a"), after, 2));

        end("r1.0", Reports.done(5_000, 0), Reports.done(0, 5_000));
        end("r1.1", Reports.done(3_000, 0), Reports.done(0, 3_000));

        assertThat(fleet.result("r1").hosts())
                .containsExactly(
                        new HostEnvironment.Of("host-a", after),
                        new HostEnvironment.Of("host-b", HostEnvironment.UNKNOWN));
    }

    @Test
    void roundTripsOfAllFlowsAreMergedSampleBySample() {
        fleet.running("r1", asking);

        end(
                "r1.0",
                Reports.done(100, 100).transactions(100, roundTrips(1_000, 100_000)),
                Reports.done(100, 100).transactions(100, null));
        end(
                "r1.1",
                Reports.done(100, 100).transactions(100, roundTrips(901_000, 1_000_000)),
                Reports.done(100, 100).transactions(100, null));

        RunOutcome result = fleet.result("r1");
        RoundTrips merged = requireNonNull(result.roundTrips());
        assertThat(result.state()).isEqualTo(StateName.COMPLETED);
        assertThat(requireNonNull(result.flows().getFirst().roundTrips()).maxNs()).isBetween(100_000L, 100_100L);
        assertThat(merged.p25Ns()).isBetween(49_000L, 51_000L);
        assertThat(merged.p75Ns()).isBetween(949_000L, 951_500L);
        assertThat(merged.maxNs()).isBetween(1_000_000L, 1_001_000L);
        assertThat(requireNonNull(Histograms.decode(merged.histogram())).getTotalCount()).isEqualTo(200);
        assertThat(result.transactions()).isEqualTo(200);
        assertThat(result.transactionsPerSecond()).isCloseTo(20, within(1e-9));
        assertThat(result.flows().getFirst().durationNs()).isEqualTo(10_000_000_000L);
    }

    @Test
    void timeToTrafficIsCorrectedByTheClockOfTheSource() {
        fleet.submit("r1", Specs.stream().build());
        long submittedNs = fleet.now.getEpochSecond() * 1_000_000_000L + fleet.now.getNano();
        long behindNs = Duration.ofMinutes(5).toNanos();
        fleet.step(new Input.HostHeartbeat(
                "host-a", "host-a-1", fleet.now.plusMillis(1), Set.of("r1"), 0, behindNs));
        fleet.open("r1", id -> 1);
        fleet.ready("r1");

        end(
                "r1.0",
                Reports.done(10, 0).trafficStartedNs(submittedNs - behindNs + 42_000_000),
                Reports.done(0, 10));

        assertThat(fleet.result("r1").submitToTrafficNs()).isEqualTo(42_000_000);
    }

    @Test
    void withoutAClockComparisonTimeToTrafficIsNotKnown() {
        fleet.running("r1", Specs.stream().build());

        fleet.done("r1");

        assertThat(fleet.result("r1").submitToTrafficNs()).isNull();
    }

    @Test
    void intervalsAreRoundedUpForWarmupAndDurationEach() {
        RunSpec spec =
                Specs.stream().lasting(Duration.ofMillis(1500), Duration.ofMillis(2100)).build();

        assertThat(Outcomes.intervals(spec)).isEqualTo(5);
    }

    @Test
    void garbageInPlaceOfAHistogramIsSaidAndHarmsNothing() {
        fleet.running("r1", asking);
        OpaqueBytes garbage = OpaqueBytes.of("no histogram at all, but long enough to look at".getBytes(
                StandardCharsets.UTF_8));

        end(
                "r1.0",
                Reports.done(100, 100).transactions(100, garbage),
                Reports.done(100, 100).transactions(100, null));
        end(
                "r1.1",
                Reports.done(100, 100).transactions(100, roundTrips(1_000, 100_000)),
                Reports.done(100, 100).transactions(100, null));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.PARTIAL);
        assertThat(fleet.result("r1").reasons())
                .containsExactly("flow r1.0: there is no readable round-trip histogram of host-a");
    }

    @Test
    void histogramsAreInTheResultAndNotKeptInMemory() {
        fleet.running("r1", asking);
        for (String flowId : List.of("r1.0", "r1.1")) {
            end(
                    flowId,
                    Reports.done(100, 100).transactions(100, roundTrips(1_000, 100_000)),
                    Reports.done(100, 100).transactions(100, null));
        }

        assertThat(requireNonNull(fleet.run("r1").flows().getFirst().source().report()).roundTripHistogram())
                .isNull();
    }
}
