package dev.flowlane.daemon.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flowlane.avro.LatencyBucket;
import dev.flowlane.daemon.machine.Accounting;
import dev.flowlane.daemon.machine.Effect;
import dev.flowlane.daemon.machine.EndOutcome;
import dev.flowlane.daemon.machine.EndedFlow;
import dev.flowlane.daemon.machine.FlowEndId;
import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.daemon.machine.Order;
import dev.flowlane.daemon.machine.ReadyEnd;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.worker.protocol.Bytes;
import dev.flowlane.worker.protocol.CpuUse;
import dev.flowlane.worker.protocol.DatagramSettings;
import dev.flowlane.worker.protocol.Datagrams;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.IntervalReport;
import dev.flowlane.worker.protocol.KindFigures;
import dev.flowlane.worker.protocol.LaneSeen;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TcpSummary;
import dev.flowlane.worker.protocol.ThreadUse;
import dev.flowlane.worker.protocol.Traffic;
import dev.flowlane.worker.protocol.TrafficKind;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBucket;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What Prometheus is shown of the flows: exact, bounded, and gone some time after their end. */
final class FlowFiguresTest {
    private static final Duration KEEP = Duration.ofMinutes(5);
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int PLENTY = 20_000;

    private long nowNs = 1;
    private FlowFigures figures = figures(PLENTY);

    @Test
    void bytesAreCountedAtTheEndThatMovesThemAndByPhase() {
        open("r", "r.0", Role.SOURCE);
        open("r", "r.0", Role.DESTINATION);
        interval("r", "r.0", Role.SOURCE, true, new Traffic(5, 50, 1, 0, 0, 0, 0, 0, 0, 0));
        interval("r", "r.0", Role.SOURCE, false, new Traffic(10, 100, 2, 0, 0, 0, 0, 0, 0, 0));
        interval("r", "r.0", Role.SOURCE, false, new Traffic(10, 100, 2, 0, 0, 0, 0, 0, 0, 0));
        interval("r", "r.0", Role.DESTINATION, false, new Traffic(90, 19, 2, 0, 0, 1, 0, 0, 0, 0));

        assertThat(value("flowlane_flow_sent_bytes", "phase", "measured", "direction", "forward")).isEqualTo(20);
        assertThat(value("flowlane_flow_sent_bytes", "phase", "warmup", "direction", "forward")).isEqualTo(5);
        assertThat(value("flowlane_flow_sent_bytes", "phase", "measured", "direction", "reverse")).isEqualTo(90);
        assertThat(value("flowlane_flow_received_bytes", "phase", "measured", "direction", "forward")).isEqualTo(19);
        assertThat(value("flowlane_flow_received_bytes", "phase", "measured", "direction", "reverse")).isEqualTo(200);
        assertThat(points("flowlane_flow_transactions")).as("at the source alone").hasSize(2);
        assertThat(value("flowlane_flow_transactions", "phase", "measured")).isEqualTo(4);
        assertThat(value("flowlane_flow_errors", "end", "destination", "reason", "payload")).isEqualTo(1);
        assertThat(points("flowlane_flow_sent_bytes"))
                .allMatch(point -> point.getLabels().contains("run_id") && !point.hasScrapeTimestamp());
    }

    @Test
    void everySeriesBeginsAtZeroBeforeTheTraffic() {
        open("r", "r.0", Role.SOURCE);

        assertThat(value("flowlane_flow_sent_bytes", "phase", "measured")).isZero();
        assertThat(value("flowlane_lane_drift", "kind", "receive_cpu")).isZero();
        assertThat(points("flowlane_lane")).as("application and receive CPU").hasSize(2);
    }

    @Test
    void classicBucketsCountWhatTheHistogramsHold() {
        open("r", "r.0", Role.SOURCE);
        open("r", "r.1", Role.SOURCE);
        Histogram all = new Histogram(60 * SECOND_NS, RoundTrips.SIGNIFICANT_DIGITS);
        Random random = new Random(7);
        for (int i = 0; i < 20; i++) {
            Histogram one = histogram(random, 5_000);
            all.add(one);
            interval("r", "r." + i % 2, Role.SOURCE, one);
        }

        HistogramDataPointSnapshot point = roundTrips();

        RecordedRoundTrips recorded = new RoundTripDecoder().decode(RecordedRoundTripsTest.encoded(all));
        List<LatencyBucket> expected = RoundTrips.buckets(recorded);
        assertThat(point.getClassicBuckets().size()).isEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(point.getClassicBuckets().getCount(i))
                    .as("up to %s", point.getClassicBuckets().getUpperBound(i))
                    .isEqualTo(expected.get(i).getSamples());
        }
        assertThat(IntStream.range(0, 22).mapToObj(i -> point.getClassicBuckets().getUpperBound(i)))
                .startsWith(1e-6, 2e-6, 5e-6, 1e-5)
                .endsWith(2.0, 5.0, 10.0);
        assertThat(point.getClassicBuckets().getUpperBound(22)).isInfinite();
        assertThat(point.getCount()).isEqualTo(all.getTotalCount());
        assertThat(point.getSum()).isCloseTo(all.getMean() * all.getTotalCount() / 1e9, within(1e-3));
    }

    @Test
    void nativeBucketsCountWhatTheHistogramsHold() {
        open("r", "r.0", Role.SOURCE);
        Histogram histogram = histogram(new Random(11), 20_000);
        histogram.recordValueWithCount(500_000_000, 3);
        histogram.recordValueWithCount(0, 2);
        interval("r", "r.0", Role.SOURCE, histogram);

        HistogramDataPointSnapshot point = roundTrips();

        assertThat(point.getNativeSchema()).isEqualTo(4);
        assertThat(point.getNativeZeroCount()).isEqualTo(2);
        long counted = 2;
        for (NativeHistogramBucket bucket : point.getNativeBucketsForPositiveValues()) {
            long expected = 0;
            for (var value : histogram.recordedValues()) {
                double seconds = histogram.lowestEquivalentValue(value.getValueIteratedTo()) / 1e9;
                if (seconds > Math.pow(2, (bucket.getBucketIndex() - 1) / 16.0)
                        && seconds <= Math.pow(2, bucket.getBucketIndex() / 16.0)) {
                    expected += value.getCountAtValueIteratedTo();
                }
            }
            assertThat(bucket.getCount()).as("bucket %s", bucket.getBucketIndex()).isEqualTo(expected);
            counted += bucket.getCount();
        }
        assertThat(counted).isEqualTo(histogram.getTotalCount()).isEqualTo(point.getCount());
        double half = histogram.lowestEquivalentValue(500_000_000) / 1e9;
        assertThat(RoundTripSum.nativeBoundSeconds(-16)).isEqualTo(0.5).isGreaterThanOrEqualTo(half);
    }

    @Test
    void warmUpIsNotInTheMeasuredHistogram() {
        open("r", "r.0", Role.SOURCE);
        Histogram histogram = histogram(new Random(3), 100);
        figures.interval(
                new RunRef("r", 1),
                new FlowEndId("r.0", Role.SOURCE),
                decoded(report(true, Traffic.NONE, histogram)),
                Set.of());

        assertThat(points("flowlane_flow_round_trip_seconds"))
                .extracting(point -> point.getLabels().get("phase"))
                .containsExactly("warmup");
    }

    @Test
    void beyondTheCapFlowsAreSummedUpByPairAndTheMissingSeriesCounted() {
        int one = FlowSeries.mostSeries(Role.SOURCE, false);
        figures = figures(one + FlowSeries.CPU_SERIES);
        for (int flow = 0; flow < 3; flow++) {
            open("r", "r." + flow, Role.SOURCE);
            for (int seq = 0; seq < 4; seq++) {
                interval("r", "r." + flow, Role.SOURCE, false, new Traffic(10, 0, 0, 0, 0, 0, 0, 0, 0, 0));
            }
        }

        assertThat(points("flowlane_flow_sent_bytes"))
                .extracting(point -> point.getLabels().get("flow_id"))
                .containsOnly("r.0", "other");
        assertThat(value("flowlane_flow_sent_bytes", "flow_id", "other", "phase", "measured")).isEqualTo(80);
        assertThat(points("flowlane_flow_sent_bytes").stream().mapToDouble(FlowFiguresTest::value).sum())
                .as("sums stay whole")
                .isEqualTo(120);
        assertThat(points("flowlane_lane")).as("only what has a lane of its own").hasSize(2);
        // Two CPUs per flow: one of the first flow's had no room, and the two other flows were not made at all.
        assertThat(points("flowlane_lane_cpu_seconds")).hasSize(FlowSeries.CPU_SERIES);
        assertThat(value("flowlane_series_dropped")).isEqualTo(2.0 * one + FlowSeries.CPU_SERIES);
    }

    @Test
    void roomOfEndedFlowsIsGivenBack() {
        figures = figures(FlowSeries.mostSeries(Role.SOURCE, false));
        open("r", "r.0", Role.SOURCE);
        end("r", "r.0", EndOutcome.DONE, null);
        nowNs += KEEP.toNanos();

        open("s", "s.0", Role.SOURCE);

        assertThat(points("flowlane_flow_sent_bytes"))
                .extracting(point -> point.getLabels().get("flow_id"))
                .containsOnly("s.0");
        assertThat(value("flowlane_series_dropped")).isZero();
    }

    @Test
    void anEndedFlowStandsStillAndGoesAfterFiveMinutes() {
        open("r", "r.0", Role.SOURCE);
        interval("r", "r.0", Role.SOURCE, histogram(new Random(1), 10));
        end("r", "r.0", EndOutcome.DONE, null);
        interval("r", "r.0", Role.SOURCE, false, new Traffic(10, 0, 0, 0, 0, 0, 0, 0, 0, 0));

        nowNs += KEEP.toNanos() - 1;
        assertThat(value("flowlane_flow_sent_bytes", "phase", "measured")).as("frozen").isZero();
        assertThat(roundTrips().getCount()).isEqualTo(10);

        nowNs++;
        assertThat(points("flowlane_flow_sent_bytes")).isEmpty();
        assertThat(points("flowlane_flow_round_trip_seconds")).isEmpty();
        assertThat(points("flowlane_lane_cpu_seconds")).isEmpty();
    }

    @Test
    void runsAreBoundedHoweverShortTheyAre() {
        open("long", "long.0", Role.SOURCE);
        for (int run = 0; run < 50; run++) {
            nowNs += SECOND_NS;
            open("r" + run, "f" + run, Role.SOURCE);
            end("r" + run, "f" + run, EndOutcome.DONE, null);
        }

        Set<String> shown = points("flowlane_flow_sent_bytes").stream()
                .map(point -> point.getLabels().get("run_id"))
                .collect(Collectors.toSet());

        assertThat(shown).hasSize(FlowFigures.ENDED_RUNS + 1).contains("long", "r49", "r30").doesNotContain("r29");
    }

    @Test
    void theEndBringsWhatDroppedIntervalsWouldHave() {
        open("r", "r.0", Role.SOURCE);
        interval("r", "r.0", Role.SOURCE, false, new Traffic(10, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        end("r", "r.0", EndOutcome.PEER_GONE, reported(new Traffic(30, 0, 3, 0, 0, 0, 0, 0, 0, 0)));

        assertThat(value("flowlane_flow_sent_bytes", "phase", "measured")).isEqualTo(30);
        assertThat(value("flowlane_flow_transactions", "phase", "measured")).isEqualTo(3);
        assertThat(value("flowlane_flow_errors", "reason", "peer_gone")).isEqualTo(1);
    }

    @Test
    void aFlowThatIsPreparedAgainShowsItsNewLaneAndKeepsItsFigures() {
        open("r", "r.0", Role.SOURCE);
        interval("r", "r.0", Role.SOURCE, false, new Traffic(10, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        figures.open(opened("r", "r.0", Role.SOURCE, 6, 7));

        assertThat(points("flowlane_lane"))
                .extracting(point -> point.getLabels().get("cpu"))
                .containsExactlyInAnyOrder("6", "7");
        assertThat(value("flowlane_flow_sent_bytes", "phase", "measured")).isEqualTo(10);
    }

    @Test
    void driftIsCountedByKindAndInterval() {
        open("r", "r.0", Role.SOURCE);
        for (int i = 0; i < 3; i++) {
            figures.interval(
                    new RunRef("r", 1),
                    new FlowEndId("r.0", Role.SOURCE),
                    decoded(report(false, Traffic.NONE, null)),
                    List.of(LaneDrift.Kind.RECEIVE_CPU));
        }

        assertThat(value("flowlane_lane_drift", "kind", "receive_cpu", "host", "host-a")).isEqualTo(3);
        assertThat(value("flowlane_lane_drift", "kind", "affinity")).isZero();
    }

    @Test
    void whatTcpSaysAndWhatTheCpusDid() {
        open("r", "r.0", Role.SOURCE);
        interval("r", "r.0", Role.SOURCE, false, Traffic.NONE);
        interval("r", "r.0", Role.SOURCE, false, Traffic.NONE);

        assertThat(value("flowlane_tcp_smoothed_rtt_seconds")).isEqualTo(25e-6);
        assertThat(value("flowlane_tcp_congestion_window_bytes")).isEqualTo(14_480);
        assertThat(value("flowlane_tcp_retransmitted_segments")).isEqualTo(4);
        assertThat(value("flowlane_lane_cpu_seconds", "cpu", "2", "role", "application", "mode", "user"))
                .isEqualTo(0.5);
        assertThat(value("flowlane_lane_cpu_seconds", "cpu", "3", "role", "receive", "mode", "idle")).isEqualTo(1.5);
    }

    @Test
    void ofDatagramsWhatWasSentArrivedAndBecameOfTheRest() {
        figures.open(opened("r", "r.0", Role.SOURCE, 2, 3, TrafficKind.DATAGRAM_STREAM));
        figures.open(opened("r", "r.0", Role.DESTINATION, 2, 3, TrafficKind.DATAGRAM_STREAM));
        assertThat(value("flowlane_datagrams_lost", "phase", "measured", "direction", "forward"))
                .as("from 0 on, before the traffic")
                .isZero();
        assertThat(points("flowlane_datagram_jitter_seconds")).as("not 0: nothing has arrived").isEmpty();

        for (int interval = 0; interval < 2; interval++) {
            datagrams(Role.SOURCE, new Datagrams(100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
            datagrams(Role.DESTINATION, new Datagrams(0, 90, 8, 3, 4, 2, 0, 0, 0, 5, 7_000 - interval));
        }

        String[] forward = {"phase", "measured", "direction", "forward", "flow_id", "r.0"};
        assertThat(value("flowlane_datagrams_sent", forward)).isEqualTo(200);
        assertThat(value("flowlane_datagrams_received", forward)).isEqualTo(180);
        assertThat(value("flowlane_datagrams_lost", forward)).isEqualTo(16);
        assertThat(value("flowlane_datagrams_duplicate", forward)).isEqualTo(6);
        assertThat(value("flowlane_datagrams_reordered", forward)).isEqualTo(8);
        assertThat(value("flowlane_datagrams_late", forward)).isEqualTo(4);
        assertThat(value("flowlane_datagrams_buffer_dropped", forward)).isEqualTo(10);
        assertThat(value("flowlane_datagrams_timed_out_requests", forward)).isZero();
        assertThat(value("flowlane_datagram_jitter_seconds", "direction", "forward")).isEqualTo(6_999e-9);
        assertThat(points("flowlane_tcp_smoothed_rtt_seconds")).isEmpty();
    }

    @Test
    void overTcpThereAreNoDatagrams() {
        open("r", "r.0", Role.SOURCE);
        interval("r", "r.0", Role.SOURCE, false, Traffic.NONE);

        assertThat(points("flowlane_datagrams_sent")).isEmpty();
        assertThat(points("flowlane_datagram_jitter_seconds")).isEmpty();
    }

    @Test
    void aFlowOverUdpTakesOfTheBudgetWhatItShows() {
        figures.open(opened("r", "r.0", Role.SOURCE, 2, 3, TrafficKind.DATAGRAM_REQUEST_RESPONSE));
        figures.open(opened("r", "r.0", Role.DESTINATION, 2, 3, TrafficKind.DATAGRAM_REQUEST_RESPONSE));
        datagrams(Role.SOURCE, Datagrams.NONE);
        datagrams(Role.DESTINATION, new Datagrams(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1));

        long shown = new FlowCollector(figures)
                .collect().stream()
                        .flatMap(metric -> metric.getDataPoints().stream())
                        .filter(point -> "r.0".equals(point.getLabels().get("flow_id")))
                        .filter(point -> point.getLabels().get("mode") == null)
                        .count();

        assertThat(shown)
                .isPositive()
                .isLessThanOrEqualTo(FlowSeries.mostSeries(Role.SOURCE, true)
                        + FlowSeries.mostSeries(Role.DESTINATION, true));
    }

    private void datagrams(Role role, Datagrams datagrams) {
        Traffic traffic = new Traffic(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, datagrams);
        IntervalReport report = report(false, traffic, null);
        figures.interval(new RunRef("r", 1), new FlowEndId("r.0", role), decoded(withoutTcp(report)), Set.of());
    }

    private static IntervalReport withoutTcp(IntervalReport of) {
        return new IntervalReport(
                of.seq(), of.warmup(), of.startedWallNs(), of.endedWallNs(), of.intervalNs(), of.traffic(),
                of.totalTraffic(), of.thread(), of.lane(), Bytes.empty(), of.roundTrips(), of.roundTripHistogram(),
                of.intendedRoundTripHistogram(), of.cpus(), of.droppedIntervals());
    }

    private FlowFigures figures(int maxSeries) {
        return new FlowFigures("host-a", "machine-1", maxSeries, KEEP, () -> nowNs);
    }

    private void open(String runId, String flowId, Role role) {
        figures.open(opened(runId, flowId, role, 2, 3));
    }

    private static Effect.OpenTelemetry opened(String runId, String flowId, Role role, int application, int receive) {
        return opened(runId, flowId, role, application, receive, TrafficKind.STREAM);
    }

    private static Effect.OpenTelemetry opened(
            String runId, String flowId, Role role, int application, int receive, TrafficKind kind) {
        FlowEndId end = new FlowEndId(flowId, role);
        ReadyEnd lane =
                new ReadyEnd(end, application, receive, Integer.toString(application), Steering.HASHED, 1, 2);
        FlowSettings settings = new FlowSettings(
                kind, 24, 24, 1, null, SECOND_NS, 0, SECOND_NS, Engine.BLOCKING, 65_536, 65_536, true,
                false, false, SocketOptions.DEFAULT, SECOND_NS, SECOND_NS,
                kind.datagrams() ? DatagramSettings.DEFAULT : null);
        return new Effect.OpenTelemetry(
                1, new RunRef(runId, 1), new Order.Assignment(end, 7, application, -1, "host-b"), lane, settings);
    }

    private void interval(String runId, String flowId, Role role, boolean warmup, Traffic traffic) {
        figures.interval(
                new RunRef(runId, 1), new FlowEndId(flowId, role), decoded(report(warmup, traffic, null)), Set.of());
    }

    private void interval(String runId, String flowId, Role role, Histogram histogram) {
        figures.interval(
                new RunRef(runId, 1),
                new FlowEndId(flowId, role),
                decoded(report(false, Traffic.NONE, histogram)),
                Set.of());
    }

    private static DecodedInterval decoded(IntervalReport interval) {
        return DecodedInterval.of(interval, new RoundTripDecoder());
    }

    private void end(String runId, String flowId, EndOutcome outcome, @Nullable EndReport report) {
        EndedFlow flow = new EndedFlow(
                new FlowEndId(flowId, Role.SOURCE), outcome, null, report, Accounting.NONE, 3);
        figures.ended(new RunRef(runId, 1), flow);
    }

    private static EndReport reported(Traffic measured) {
        return new EndReport(
                "r.0", Role.SOURCE, Outcome.PEER_GONE, null, 1, 1, 1, Traffic.NONE, measured, null, null, 3, 3, 3, 2,
                null, TcpSummary.UNKNOWN, null, ThreadUse.NONE, null, List.of(), KindFigures.NONE);
    }

    private static IntervalReport report(boolean warmup, Traffic traffic, @Nullable Histogram histogram) {
        ByteBuffer tcpInfo = ByteBuffer.allocate(192).order(ByteOrder.LITTLE_ENDIAN);
        tcpInfo.putInt(16, 1448).putInt(68, 25).putInt(80, 10).putInt(100, 4);
        List<CpuUse> cpus = List.of(
                new CpuUse(2, CpuUse.Part.APPLICATION, 250_000_000, 0, 0, 0, 0, 0, 0),
                new CpuUse(3, CpuUse.Part.RECEIVE, 0, 0, 0, 250_000_000, 0, 0, 750_000_000));
        return new IntervalReport(
                0, warmup, 1, 2, 1, traffic, traffic, ThreadUse.NONE, new LaneSeen(2, "2", 3, "2"),
                Bytes.copyOf(tcpInfo.array()), histogram == null ? 0 : histogram.getTotalCount(),
                histogram == null ? Bytes.empty() : RecordedRoundTripsTest.encoded(histogram), Bytes.empty(), cpus, 0);
    }

    private static Histogram histogram(Random random, int samples) {
        Histogram histogram = new Histogram(60 * SECOND_NS, RoundTrips.SIGNIFICANT_DIGITS);
        for (int i = 0; i < samples; i++) {
            histogram.recordValue((long) Math.exp(random.nextDouble() * 24.5));
        }
        return histogram;
    }

    private HistogramDataPointSnapshot roundTrips() {
        List<? extends DataPointSnapshot> points = points("flowlane_flow_round_trip_seconds");
        assertThat(points).hasSize(1);
        return (HistogramDataPointSnapshot) points.getFirst();
    }

    private List<? extends DataPointSnapshot> points(String name) {
        for (MetricSnapshot metric : new FlowCollector(figures).collect()) {
            if (metric.getMetadata().getName().equals(name)) {
                return metric.getDataPoints();
            }
        }
        throw new AssertionError("no metric " + name);
    }

    /** The value of the one point that has these labels and values. */
    private double value(String name, String... labels) {
        List<? extends DataPointSnapshot> found = points(name).stream()
                .filter(point -> IntStream.range(0, labels.length / 2)
                        .allMatch(i -> labels[2 * i + 1].equals(point.getLabels().get(labels[2 * i]))))
                .toList();
        assertThat(found).as("%s%s", name, List.of(labels)).hasSize(1);
        return value(found.getFirst());
    }

    private static double value(DataPointSnapshot point) {
        return switch (point) {
            case CounterDataPointSnapshot counter -> counter.getValue();
            case GaugeDataPointSnapshot gauge -> gauge.getValue();
            default -> throw new AssertionError(point);
        };
    }
}
