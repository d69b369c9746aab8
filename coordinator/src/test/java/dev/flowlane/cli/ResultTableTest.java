package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Datagrams;
import dev.flowlane.avro.GivenUpAttempt;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.ThresholdVerdict;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.avro.TrialMetric;
import dev.flowlane.avro.TrialStatistic;
import dev.flowlane.avro.TrialSummary;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.List;

final class ResultTableTest {
    @Test
    void aStreamIsALinePerFlowWithItsLane() {
        RunResult result =
                Samples.result("r1", TrafficKind.STREAM, Samples.flow("r1", 0).build()).build();

        assertThat(ResultTable.of(result, false)).isEqualTo("""
                run r1  COMPLETED  stream  3.00 s after 1.00 s of warm-up

                FLOW  LANE                                    THROUGHPUT     SENT  \
                RECEIVED  RETRANS     SRTT          CPU               DRIFT
                0     host-a rx 1 app 1 → host-b rx 0 app 0  23.4 Gbit/s  8.79 GB   \
                8.79 GB        0  38.0 µs  98 % → 89 %  0/6, 100.0 % clean

                FLOW  SOURCE           DESTINATION
                0     127.0.0.1:40001  127.0.0.1:7411

                placed from 1 candidate connection; 98.4 ms from submit to traffic
                """);
    }

    @Test
    void severalFlowsHaveTotals() {
        RunResult result = Samples.result(
                        "r1", TrafficKind.STREAM, Samples.flow("r1", 0).build(), Samples.flow("r1", 1).build())
                .build();

        assertThat(ResultTable.of(result, false))
                .contains("\n1      host-a rx 1 app 1 → host-b rx 0 app 0  23.4 Gbit/s")
                .contains("\ntotal  2 of 2 flows measured");
        assertThat(ResultTable.of(result, false)).contains("46.9 Gbit/s  17.6 GB   17.6 GB");
    }

    @Test
    void datagramsAreShownWithTheirLossAndJitter() {
        Datagrams datagrams = Datagrams.newBuilder()
                .setSentMessages(1_000_000)
                .setReceivedMessages(999_900)
                .setLostMessages(100)
                .setDuplicateMessages(3)
                .setReorderedMessages(12)
                .setBufferDrops(90)
                .setJitterNs(1_500L)
                .setLossRatio(0.0001)
                .build();
        RunResult result = Samples.result("r1", TrafficKind.DATAGRAM_STREAM,
                        Samples.flow("r1", 0).setDatagrams(datagrams).build())
                .setDatagrams(datagrams)
                .build();
        result.getSpec().setMessageBytes(1400);

        assertThat(ResultTable.of(result, false))
                .contains("datagram-stream of 1.40 kB  3.00 s after")
                .contains("""
                        FLOW  DATAGRAMS  ARRIVED  LOST      LOSS  DUPLICATE  REORDERED   JITTER  DROPPED BY KERNEL  \
                        TIMED OUT
                        0       1000000   999900   100  0.0100 %          3         12  1.50 µs                 90  \
                                0
                        """)
                .contains("warning: flow 0: the receiving kernel dropped 90 datagrams");
    }

    @Test
    void requestResponseShowsRoundTrips() {
        assertThat(ResultTable.of(Samples.requestResponse("r2"), false))
                .contains("request-response 1 B / 1 B")
                .contains("20.4 k/s  47.2 µs  81.0 µs  2.40 ms")
                .contains("""
                        ROUND TRIP      P25      P50      P75      P90      P99   P99.9   P99.99      MAX     MEAN
                        all flows   44.1 µs  47.2 µs  50.0 µs  55.5 µs  81.0 µs  210 µs  1.21 ms  2.40 ms  48.8 µs
                        """);
    }

    @Test
    void warningsComeLastAndAreHarmless() {
        RunResult result = Samples.result("r3", TrafficKind.STREAM,
                        Samples.flow("r3", 0).setRetransmittedSegments(12L).build())
                .setState(RunStateName.DISTURBED)
                .setReasons(List.of("flow 0 left its lane \u001b[31m twice"))
                .build();

        assertThat(ResultTable.of(result, false)).endsWith("""
                warning: flow 0 left its lane \\u001b[31m twice
                warning: flow 0: 12 segments were retransmitted
                """);
    }

    @Test
    void ofOneThingThereIsNoPlural() {
        RunResult result = Samples.result("r3", TrafficKind.CONNECT_REQUEST_RESPONSE,
                        Samples.flow("r3", 0).setRetransmittedSegments(1L).setMessagesDueNotSent(1L)
                                .setFailedConnections(1).build())
                .setPlacementCandidates(1)
                .build();

        assertThat(ResultTable.of(result, false))
                .contains("placed from 1 candidate connection; ", "flow 0: 1 segment was retransmitted\n",
                        "flow 0: 1 message was due and not sent", "flow 0: 1 connection failed: not made");
    }

    @Test
    void whatTcpDoesNotTellIsNoColumn() {
        RunResult result = Samples.result("r3", TrafficKind.CONNECT_REQUEST_RESPONSE, Samples.flow("r3", 0).build())
                .build();

        assertThat(ResultTable.of(result, false)).contains("RECEIVED").doesNotContain("RETRANS", "SRTT");
    }

    @Test
    void aMissedThresholdStandsOut() {
        RunResult result = Samples.result("r1", TrafficKind.STREAM, Samples.flow("r1", 0).build())
                .setThresholds(List.of(
                        verdict("throughput >= 30Gbit/s", 23e9, false),
                        verdict("throughput >= 1Gbit/s", 23e9, true),
                        verdict("p99 < 1ms", null, false)))
                .build();

        assertThat(ResultTable.of(result, false))
                .contains("throughput >= 30Gbit/s  23.0 Gbit/s  MISSED\n",
                        "warning: threshold throughput >= 30Gbit/s was not kept: 23.0 Gbit/s\n",
                        "warning: threshold p99 < 1ms was not measured\n");
        assertThat(ResultTable.of(result, true))
                .contains("throughput >= 30Gbit/s  23.0 Gbit/s  \u001b[1;31mMISSED\u001b[0m",
                        "throughput >= 1Gbit/s   23.0 Gbit/s  \u001b[32mkept\u001b[0m",
                        "-  \u001b[1;33mnot measured\u001b[0m");
    }

    private static ThresholdVerdict verdict(String threshold, @Nullable Double measured, boolean met) {
        return ThresholdVerdict.newBuilder()
                .setThreshold(threshold)
                .setMeasured(measured)
                .setUnit("bit/s")
                .setMet(met)
                .build();
    }

    @Test
    void theShareOfCleanIntervalsIsThatOfEachFlowAndOfTheRun() {
        RunResult result = Samples.result("r1", TrafficKind.STREAM,
                        Samples.flow("r1", 0).setDriftedIntervals(2).setIntervals(20).build(),
                        Samples.flow("r1", 1).setIntervals(20).build())
                .setDriftedIntervals(2)
                .setIntervals(40)
                .build();

        assertThat(ResultTable.of(result, false))
                .contains("2/20, 90.0 % clean\n", "0/20, 100.0 % clean\n", "2/40, 95.0 % clean\n");
    }

    @Test
    void trialsAreALineEachWithTheirStatisticsBelow() {
        RunResult result = Samples.result("r1", TrafficKind.STREAM, Samples.flow("r1", 0).build())
                .setTrials(List.of(trial(1, RunStateName.COMPLETED, 1e9), trial(2, RunStateName.DISTURBED, 3e9)))
                .setStatistics(List.of(
                        new TrialStatistic(TrialMetric.THROUGHPUT_BITS_PER_SECOND, null, 2, 2e9, 1e9, 3e9, 2e9, 2e9,
                                1.414e9, 0.707),
                        new TrialStatistic(TrialMetric.THROUGHPUT_BITS_PER_SECOND, 0, 1, 2e9, 2e9, 2e9, 0.0, 2e9,
                                null, null)))
                .setGivenUpAttempts(List.of(new GivenUpAttempt(2, 2, "flow r1.0~2: host-b left")))
                .build();

        assertThat(ResultTable.of(result, false))
                .contains("""
                        TRIAL  STATE       THROUGHPUT               DRIFT
                            1  COMPLETED  1.00 Gbit/s  0/6, 100.0 % clean
                            2  DISTURBED  3.00 Gbit/s  0/6, 100.0 % clean
                        """)
                .contains("""
                        OVER TRIALS  FLOW   N       MEDIAN          MIN          MAX       SPREAD       CV
                        throughput   total  2  2.00 Gbit/s  1.00 Gbit/s  3.00 Gbit/s  2.00 Gbit/s  70.70 %
                        throughput   0      1  2.00 Gbit/s  2.00 Gbit/s  2.00 Gbit/s      0 bit/s        -
                        """)
                .contains("warning: given up and measured again, attempt 2: flow r1.0~2: host-b left");
    }

    private static TrialSummary trial(int number, RunStateName state, double bitsPerSecond) {
        return TrialSummary.newBuilder()
                .setTrial(number)
                .setAttempt(number)
                .setState(state)
                .setThroughputBitsPerSecond(bitsPerSecond)
                .setIntervals(6)
                .build();
    }

    @Test
    void coloursOnlyWhenAsked() {
        RunResult result =
                Samples.result("r1", TrafficKind.STREAM, Samples.flow("r1", 0).build()).build();

        assertThat(ResultTable.of(result, false)).doesNotContain("\u001b");
        assertThat(ResultTable.of(result, true)).contains("\u001b[32mCOMPLETED\u001b[0m");
    }

    @Test
    void aRunWithoutFlowsHasItsReason() {
        RunResult result = Samples.result("r4", TrafficKind.STREAM)
                .setState(RunStateName.REJECTED)
                .setFlowsRequested(5)
                .setPlacementCandidates(0)
                .setReasons(List.of("5 flows do not fit on 2 CPUs"))
                .build();

        assertThat(ResultTable.of(result, false)).isEqualTo("""
                run r4  REJECTED  stream  3.00 s after 1.00 s of warm-up
                warning: 5 flows do not fit on 2 CPUs
                """);
    }
}
