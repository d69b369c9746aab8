package dev.flowlane.daemon.telemetry;

import dev.flowlane.daemon.machine.LaneDrift;
import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.Traffic;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Shows {@link FlowFigures} to Prometheus. Micrometer cannot take in histograms that somebody else has counted, so
 * these series are made as snapshots of Prometheus' own client, and the others beside them for the same labels.
 *
 * <p>Every series is of what this host's end of a flow did: bytes of one direction are sent at one host and received at
 * the other, and no end speaks for its peer. Values have no time stamps.
 */
public final class FlowCollector implements MultiCollector {
    private static final double NS_PER_SECOND = 1e9;
    private static final double US_PER_SECOND = 1e6;
    private static final double[] BOUNDS_SECONDS = RoundTripSum.boundsSeconds();

    private final FlowFigures figures;

    public FlowCollector(FlowFigures figures) {
        this.figures = figures;
    }

    @Override
    public MetricSnapshots collect() {
        Scrape scrape = new Scrape();
        figures.look(scrape::show);
        return scrape.snapshots();
    }

    /** One scrape: the metrics in the making. */
    private static final class Scrape {
        private final CounterSnapshot.Builder sent = counter(
                "flowlane_flow_sent_bytes",
                "Payload bytes that the kernel took, at the end that sends this direction.");
        private final CounterSnapshot.Builder received = counter(
                "flowlane_flow_received_bytes",
                "Payload bytes that the kernel gave, at the end that receives this direction.");
        private final CounterSnapshot.Builder transactions = counter(
                "flowlane_flow_transactions", "Requests whose response was completely received, at the source.");
        private final CounterSnapshot.Builder errors = counter(
                "flowlane_flow_errors",
                "Receive calls with wrong payload, and flow ends that did not end as planned, by reason.");
        private final CounterSnapshot.Builder drifts = counter(
                "flowlane_lane_drift", "Intervals in which a flow end was outside its lane, by what was left.");
        private final CounterSnapshot.Builder retransmitted = counter(
                "flowlane_tcp_retransmitted_segments",
                "Segments that this end of the connection sent again since it was opened.");
        private final GaugeSnapshot.Builder smoothedRtt =
                gauge("flowlane_tcp_smoothed_rtt_seconds", "The kernel's smoothed round-trip time of the connection.");
        private final GaugeSnapshot.Builder congestionWindow = gauge(
                "flowlane_tcp_congestion_window_bytes", "Congestion window: segments times maximum segment size.");
        private final GaugeSnapshot.Builder deliveryRate = gauge(
                "flowlane_tcp_delivery_rate_bytes_per_second", "Newest delivery rate that the kernel has sampled.");
        private final DatagramMetrics datagrams = new DatagramMetrics();
        private final InfoSnapshot.Builder lanes = InfoSnapshot.builder()
                .name("flowlane_lane")
                .help("CPUs of a flow end's lane, as observed when it was ready, by the part they play.");
        private final CounterSnapshot.Builder cpus = counter(
                "flowlane_lane_cpu_seconds",
                "What a CPU of a lane did while the flow was on, by /proc/stat; told by each end that shares it.");
        private final HistogramSnapshot.Builder roundTrips =
                histogram("flowlane_flow_round_trip_seconds", "Round trips, from the actual send of their requests.");
        private final HistogramSnapshot.Builder intended = histogram(
                "flowlane_flow_intended_round_trip_seconds",
                "Round trips of flows with a pace, from when their requests were due.");
        private final CounterSnapshot.Builder dropped = counter(
                "flowlane_series_dropped",
                "Series of single flows and CPUs that were not made because of --metrics-max-series.");

        private void show(FlowFigures.Sight sight) {
            for (FlowSeries flow : sight.flows()) {
                flow(sight, flow);
            }
            for (PairSeries pair : sight.pairs()) {
                histograms(pair);
            }
            count(dropped, Labels.EMPTY, sight.seriesDropped());
        }

        private MetricSnapshots snapshots() {
            List<MetricSnapshot> metrics = new ArrayList<>(List.of(
                    sent.build(),
                    received.build(),
                    transactions.build(),
                    errors.build(),
                    drifts.build(),
                    retransmitted.build(),
                    smoothedRtt.build(),
                    congestionWindow.build(),
                    deliveryRate.build(),
                    lanes.build(),
                    cpus.build(),
                    roundTrips.build(),
                    intended.build(),
                    dropped.build()));
            metrics.addAll(datagrams.snapshots());
            return new MetricSnapshots(metrics);
        }

        private void flow(FlowFigures.Sight sight, FlowSeries flow) {
            Pair pair = flow.pair();
            Labels hosts = Labels.of(
                    "run_id", pair.runId(),
                    "flow_id", flow.flowId(),
                    "source_host", pair.sourceHost(),
                    "destination_host", pair.destinationHost());
            for (Phase phase : Phase.values()) {
                Traffic traffic = flow.traffic(phase);
                Labels labels = hosts.add("phase", phase.label());
                count(sent, labels.add("direction", pair.sends()), traffic.sentBytes());
                count(received, labels.add("direction", pair.receives()), traffic.receivedBytes());
                if (pair.role() == Role.SOURCE) {
                    count(transactions, labels, traffic.transactions());
                }
            }
            if (flow.hasDatagrams()) {
                datagrams.show(hosts, flow);
            }
            Labels end = hosts.add("end", pair.end());
            flow.errors().forEach((reason, count) -> count(errors, end.add("reason", reason), count));
            for (LaneDrift.Kind kind : LaneDrift.Kind.values()) {
                String left = kind.name().toLowerCase(Locale.ROOT);
                Labels labels = end.merge(Labels.of("host", sight.hostId(), "kind", left));
                count(drifts, labels, flow.drifts().getOrDefault(kind, 0L));
            }
            TcpInfo info = flow.tcp();
            if (info != null) {
                tcp(hosts.add("direction", pair.sends()), info);
            }
            Labels lane = Labels.of(
                    "run_id", pair.runId(),
                    "flow_id", flow.flowId(),
                    "end", pair.end(),
                    "host", sight.hostId(),
                    "machine", sight.machineId());
            lane(lane, "application", flow.applicationCpu());
            lane(lane, "receive", flow.receiveCpu());
            flow.cpuNs().forEach((cpu, ns) -> {
                String role = cpu.part().name().toLowerCase(Locale.ROOT);
                Labels labels = lane.merge(Labels.of("cpu", Integer.toString(cpu.cpu()), "role", role));
                for (int i = 0; i < ns.length; i++) {
                    add(cpus, labels.add("mode", FlowSeries.MODES[i]), ns[i] / NS_PER_SECOND);
                }
            });
        }

        private void tcp(Labels labels, TcpInfo info) {
            Long again = info.get(TcpInfo.Field.TOTAL_RETRANS_SEGMENTS);
            if (again != null) {
                count(retransmitted, labels, again);
            }
            Long rttUs = info.get(TcpInfo.Field.RTT_US);
            if (rttUs != null) {
                set(smoothedRtt, labels, rttUs / US_PER_SECOND);
            }
            Long segments = info.get(TcpInfo.Field.SND_CWND_SEGMENTS);
            Long segmentBytes = info.get(TcpInfo.Field.SND_MSS_BYTES);
            if (segments != null && segmentBytes != null) {
                set(congestionWindow, labels, (double) segments * segmentBytes);
            }
            Long rate = info.get(TcpInfo.Field.DELIVERY_RATE_BYTES_PER_SECOND);
            if (rate != null) {
                set(deliveryRate, labels, (double) rate);
            }
        }

        private void lane(Labels end, String role, @Nullable Integer cpu) {
            if (cpu != null) {
                lanes.dataPoint(InfoDataPointSnapshot.builder()
                        .labels(end.merge(Labels.of("cpu", cpu.toString(), "role", role)))
                        .build());
            }
        }

        private void histograms(PairSeries pair) {
            Labels labels = Labels.of(
                    "run_id", pair.pair().runId(),
                    "source_host", pair.pair().sourceHost(),
                    "destination_host", pair.pair().destinationHost());
            pair.roundTrips().forEach((phase, sum) -> roundTrips.dataPoint(point(labels, phase, sum)));
            pair.intended().forEach((phase, sum) -> intended.dataPoint(point(labels, phase, sum)));
        }

        private static HistogramDataPointSnapshot point(Labels labels, Phase phase, RoundTripSum sum) {
            List<Integer> indexes = new ArrayList<>();
            List<Long> counts = new ArrayList<>();
            for (Map.Entry<Integer, Long> bucket : sum.nativeCounts().entrySet()) {
                indexes.add(bucket.getKey());
                counts.add(bucket.getValue());
            }
            return HistogramDataPointSnapshot.builder()
                    .labels(labels.add("phase", phase.label()))
                    .classicHistogramBuckets(ClassicHistogramBuckets.of(BOUNDS_SECONDS, sum.counts()))
                    .nativeSchema(RoundTripSum.NATIVE_SCHEMA)
                    .nativeZeroCount(sum.zeros())
                    .nativeBucketsForPositiveValues(NativeHistogramBuckets.of(indexes, counts))
                    .sum(sum.sumSeconds())
                    .build();
        }

        private static CounterSnapshot.Builder counter(String name, String help) {
            return CounterSnapshot.builder().name(name).help(help);
        }

        private static GaugeSnapshot.Builder gauge(String name, String help) {
            return GaugeSnapshot.builder().name(name).help(help);
        }

        private static HistogramSnapshot.Builder histogram(String name, String help) {
            return HistogramSnapshot.builder().name(name).help(help);
        }

        /** Prometheus' numbers are doubles: exact up to 9 PB. */
        private static void count(CounterSnapshot.Builder counter, Labels labels, long value) {
            add(counter, labels, (double) value);
        }

        private static void add(CounterSnapshot.Builder counter, Labels labels, double value) {
            counter.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(labels)
                    .value(value)
                    .build());
        }

        private static void set(GaugeSnapshot.Builder gauge, Labels labels, double value) {
            gauge.dataPoint(
                    GaugeDataPointSnapshot.builder().labels(labels).value(value).build());
        }
    }
}
