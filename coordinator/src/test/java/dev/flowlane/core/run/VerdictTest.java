package dev.flowlane.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.spec.Course;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Traffic;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.stream.IntStream;

class VerdictTest {
    private final FleetDriver fleet = FleetDriver.twoHosts();

    private RunOutcome outcome(Reports source, Reports destination) {
        fleet.running("r1", Specs.stream().build());
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, source);
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, destination);
        return fleet.result("r1");
    }

    @Test
    void everythingThereIsCompletedWithoutReasons() {
        RunOutcome outcome = outcome(Reports.done(1000, 0), Reports.done(0, 1000));

        assertThat(outcome.state()).isEqualTo(StateName.COMPLETED);
        assertThat(outcome.reasons()).isEmpty();
    }

    @Test
    void aDriftedIntervalIsDisturbed() {
        RunOutcome outcome = outcome(Reports.done(1000, 0).intervals(10, 10, 0, 2), Reports.done(0, 1000));

        assertThat(outcome.state()).isEqualTo(StateName.DISTURBED);
        assertThat(outcome.reasons()).singleElement().asString().contains("host-a left its lane in 2 of 10");
        assertThat(outcome.driftedIntervals()).isEqualTo(2);
    }

    @Test
    void aMissingIntervalIsPartialAndSaysWhereItWent() {
        RunOutcome outcome = outcome(Reports.done(1000, 0), Reports.done(0, 1000).intervals(10, 9, 1, 0));

        assertThat(outcome.state()).isEqualTo(StateName.PARTIAL);
        assertThat(outcome.reasons())
                .containsExactly("flow r1.0: host-b measured 9 of 10 intervals (1 dropped on the way to Kafka)");
        assertThat(outcome.intervalsMissing()).isEqualTo(1);
    }

    private RunOutcome outcome(RunSpec spec, Reports source, Reports destination) {
        fleet.running("r1", spec);
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, source);
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, destination);
        return fleet.result("r1");
    }

    @Test
    void intervalsThatAWorkerWasNotThereForAreToldFromThoseThatWereDropped() {
        Reports late = Reports.done(0, 1000).intervals(10, 8, 0, 0).windowNs(7_600_000_000L);

        RunOutcome outcome = outcome(Reports.done(1000, 0), late);

        assertThat(outcome.state()).isEqualTo(StateName.PARTIAL);
        assertThat(outcome.intervalsMissing()).isEqualTo(2);
        assertThat(outcome.reasons())
                .containsExactly("flow r1.0: host-b measured 8 of 10 intervals: its measured window was 7600 of 10000"
                        + " ms; was its worker kept from running? see what else needs its CPU");
    }

    @Test
    void aFlowThatItsCourseEndedHasTheIntervalsItCameTo() {
        RunSpec spec = Specs.stream().build().with(new Course(false, 1000L, null));
        Reports source = Reports.done(1000, 0).intervals(3, 3, 0, 0);
        Reports destination = Reports.done(0, 1000).intervals(3, 2, 1, 0);

        RunOutcome outcome = outcome(spec, source, destination);

        assertThat(outcome.state()).isEqualTo(StateName.PARTIAL);
        assertThat(outcome.reasons())
                .containsExactly("flow r1.0: host-b measured 2 of 3 intervals (1 dropped on the way to Kafka)");
        assertThat(outcome.intervalsMissing()).isEqualTo(1);
    }

    @Test
    void ofAReverseStreamTheDestinationSendsAndTheSourceReceives() {
        RunSpec spec = Specs.stream().build().with(new Course(true, null, null));

        RunOutcome outcome = outcome(spec, Reports.done(0, 990), Reports.done(1000, 0));

        assertThat(outcome.state()).isEqualTo(StateName.PARTIAL);
        assertThat(outcome.reasons())
                .containsExactly("flow r1.0: host-a received 990 of 1000 bytes that host-b sent");
        assertThat(outcome.sentBytes()).isEqualTo(1000);
        assertThat(outcome.receivedBytes()).isEqualTo(990);
    }

    @Test
    void ofABidirectionalFlowBothDirectionsAreChecked() {
        RunSpec spec = Specs.stream().traffic(new Traffic.Bidirectional()).build();

        RunOutcome outcome = outcome(spec, Reports.done(1000, 1999), Reports.done(2000, 1000));

        assertThat(outcome.state()).isEqualTo(StateName.PARTIAL);
        assertThat(outcome.reasons())
                .containsExactly("flow r1.0: host-a received 1999 of 2000 bytes that host-b sent");
        KindOutcome.Backward backward = outcome.flows().getFirst().ofKind().backward();
        assertThat(backward).isNotNull();
        assertThat(backward.sentBytes()).isEqualTo(2000);
        assertThat(backward.receivedBytes()).isEqualTo(1999);
        assertThat(backward.throughputBitsPerSecond()).isPositive();
        assertThat(outcome.flows().getFirst().sentBytes()).isEqualTo(1000);
    }

    @Test
    void lostBytesArePartial() {
        RunOutcome outcome = outcome(Reports.done(1000, 0), Reports.done(0, 990));

        assertThat(outcome.state()).isEqualTo(StateName.PARTIAL);
        assertThat(outcome.reasons())
                .containsExactly("flow r1.0: host-b received 990 of 1000 bytes that host-a sent");
    }

    @Test
    void wrongPayloadIsFailedWhateverElseIsRight() {
        RunOutcome outcome = outcome(Reports.done(1000, 0), Reports.done(0, 1000).payloadErrors(3));

        assertThat(outcome.state()).isEqualTo(StateName.FAILED);
        assertThat(outcome.reasons().getFirst()).contains("host-b received wrong payload in 3 calls");
        assertThat(outcome.payloadErrors()).isEqualTo(3);
    }

    @Test
    void noMeasuredFlowIsFailed() {
        RunOutcome outcome = outcome(
                Reports.ended(EndOutcome.WORKER_LOST, "killed by signal 9"),
                Reports.ended(EndOutcome.PEER_GONE, "reset by peer"));

        assertThat(outcome.state()).isEqualTo(StateName.FAILED);
        assertThat(outcome.reasons())
                .containsExactly(
                        "flow r1.0: host-a (source) ended WORKER_LOST: killed by signal 9",
                        "flow r1.0: host-b (destination) ended PEER_GONE: reset by peer");
        assertThat(outcome.flowsMeasured()).isZero();
    }

    @Test
    void anEndThatNeverCameToItsWindowIsNotMeasured() {
        RunOutcome outcome = outcome(Reports.done(1000, 0), Reports.done(0, 0).windowNs(0));

        assertThat(outcome.state()).isEqualTo(StateName.FAILED);
        assertThat(outcome.reasons().getFirst()).contains("host-b (destination) never came to the measured window");
    }

    @Test
    void requestsAndResponsesMustAgreeBothWays() {
        fleet.running("r1", Specs.stream().traffic(new Traffic.RequestResponse(1, 1)).build());
        Histogram histogram = new Histogram(3);
        histogram.recordValue(50_000);
        OpaqueBytes roundTrips = Histograms.encode(histogram);
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(100, 99).transactions(99, roundTrips));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(100, 100).transactions(100, null));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.PARTIAL);
        assertThat(fleet.result("r1").reasons())
                .containsExactly(
                        "flow r1.0: host-a received 99 of 100 bytes that host-b sent",
                        "flow r1.0: host-a completed 99 transactions, host-b answered 100");
    }

    private RunOutcome overUdp(Reports source, Reports destination) {
        fleet.running("r1", Specs.stream().traffic(new Traffic.DatagramStream(1000, null)).build());
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, source);
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, destination);
        return fleet.result("r1");
    }

    @Test
    void lostDatagramsAreAFigureAndNoFailure() {
        RunOutcome outcome = overUdp(
                Reports.done(1_000_000, 0).datagrams(1000, 0, 0),
                Reports.done(0, 900_000).datagrams(0, 900, 100));

        assertThat(outcome.state()).isEqualTo(StateName.COMPLETED);
        assertThat(outcome.reasons()).isEmpty();
        Datagrams datagrams = Datagrams.of(outcome.datagrams());
        assertThat(datagrams.sent()).isEqualTo(1000);
        assertThat(datagrams.received()).isEqualTo(900);
        assertThat(datagrams.lost()).isEqualTo(100);
        assertThat(datagrams.lossRatio()).isEqualTo(0.1);
        assertThat(datagrams.jitterNs()).isEqualTo(1_500);
        assertThat(outcome.flows().getFirst().datagrams()).isEqualTo(datagrams);
        assertThat(outcome.receivedBytes()).isEqualTo(900_000);
    }

    @Test
    void datagramsThatAreNeitherReceivedNorLostMakeItPartial() {
        RunOutcome outcome = overUdp(
                Reports.done(1_000_000, 0).datagrams(1000, 0, 0),
                Reports.done(0, 900_000).datagrams(0, 900, 99));

        assertThat(outcome.state()).isEqualTo(StateName.PARTIAL);
        assertThat(outcome.reasons())
                .containsExactly("flow r1.0: host-a and host-b sent 1000 datagrams, received 900 and lost 99, which"
                        + " does not add up");
    }

    @Test
    void requestsAndResponsesOverUdpAreAccountedForTogether() {
        fleet.running("r1", Specs.stream()
                .traffic(new Traffic.DatagramRequestResponse(24, 24, 1, Duration.ofSeconds(1), null))
                .build());
        Histogram histogram = new Histogram(3);
        histogram.recordValue(50_000);
        fleet.ended("r1", "r1.0", FlowRole.SOURCE, Reports.done(2400, 2352)
                .transactions(98, Histograms.encode(histogram))
                .datagrams(100, 98, 1));
        fleet.ended("r1", "r1.0", FlowRole.DESTINATION, Reports.done(2376, 2376)
                .transactions(99, null)
                .datagrams(99, 99, 1));

        assertThat(fleet.result("r1").state()).isEqualTo(StateName.COMPLETED);
        assertThat(Datagrams.of(fleet.result("r1").datagrams()).lost()).isEqualTo(2);
    }

    @Test
    void aThousandFlowsWithTheSameFaultMakeABoundedList() {
        FleetDriver wide = FleetDriver.empty();
        wide.announce("host-a", "machine-a", 64);
        wide.announce("host-b", "machine-b", 64);
        wide.submit("r1", Specs.stream().flows(48).maxCandidates(512).build());
        wide.open("r1", id -> id % 64);
        wide.ready("r1");
        IntStream.range(0, 48).forEach(n -> {
            wide.ended("r1", "r1." + n, FlowRole.SOURCE, Reports.done(1000, 0));
            wide.ended("r1", "r1." + n, FlowRole.DESTINATION, Reports.done(0, 1));
        });

        assertThat(wide.result("r1").reasons()).hasSize(Verdict.REASONS_MAX + 1);
        assertThat(wide.result("r1").reasons().getLast()).contains("and 8 more");
    }
}
