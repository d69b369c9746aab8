package dev.flowlane.coordinator;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.HostView;
import dev.flowlane.core.run.RunRecord;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Gauges whose labels come and go with runs and hosts. They are made anew from the snapshot at every scrape, so nothing
 * that has gone is left behind. Runs are bounded: the live ones and the {@value #ENDED_RUNS} that ended last.
 */
final class SnapshotCollector implements MultiCollector {
    private static final int ENDED_RUNS = 20;

    private final Supplier<Snapshot> snapshot;
    private final ClientMetrics client;

    SnapshotCollector(Supplier<Snapshot> snapshot, ClientMetrics client) {
        this.snapshot = snapshot;
        this.client = client;
    }

    @Override
    public MetricSnapshots collect() {
        Snapshot now = snapshot.get();
        FleetState fleet = now.fleet();
        List<RunRecord> runs = shown(fleet);
        List<MetricSnapshot> metrics = new ArrayList<>();
        metrics.add(single("flowlane_coordinator_ready", "1 while the coordinator decides.", now.ready() ? 1 : 0));
        metrics.add(single(
                "flowlane_coordinator_epoch", "Epoch of this coordinator; 0 at its start.", (double) fleet.epoch()));
        metrics.add(single(
                "flowlane_broker_clock_offset_seconds",
                "The broker's clock minus this host's, as the coordinator reckons with it.",
                now.brokerClockOffset().toNanos() / 1e9));
        client.lagRecords().ifPresent(lag -> metrics.add(single(
                "flowlane_consumer_lag_records", "Records on the bus that the coordinator has yet to read.", lag)));
        metrics.add(runStates(runs));
        metrics.add(runTimes(runs));
        metrics.add(ended(runs));
        metrics.add(claims(fleet));
        metrics.add(heartbeats(fleet));
        metrics.add(hostOffsets(fleet));
        return new MetricSnapshots(metrics);
    }

    private static List<RunRecord> shown(FleetState fleet) {
        Comparator<RunRecord> newest = Comparator.comparing((RunRecord run) -> run.state().since()).reversed();
        Stream<RunRecord> live = fleet.runs().values().stream().filter(run -> run.state().live());
        Stream<RunRecord> ended = fleet.runs().values().stream()
                .filter(run -> !run.state().live())
                .sorted(newest)
                .limit(ENDED_RUNS);
        return Stream.concat(live, ended).toList();
    }

    private static GaugeSnapshot runStates(List<RunRecord> runs) {
        GaugeSnapshot.Builder gauge = gauge("flowlane_run_state", "1 for the state that a run is in.");
        for (RunRecord run : runs) {
            String state = run.state().name().name().toLowerCase(Locale.ROOT);
            point(gauge, Labels.of("run_id", run.runId(), "state", state), 1);
        }
        return gauge.build();
    }

    private static GaugeSnapshot runTimes(List<RunRecord> runs) {
        GaugeSnapshot.Builder gauge = gauge("flowlane_run_start_time_seconds", "When START was sent.");
        for (RunRecord run : runs) {
            Instant startedAt = run.startedAt();
            if (startedAt != null) {
                point(gauge, Labels.of("run_id", run.runId()), seconds(startedAt));
            }
        }
        return gauge.build();
    }

    private static GaugeSnapshot ended(List<RunRecord> runs) {
        GaugeSnapshot.Builder gauge = gauge("flowlane_run_end_time_seconds", "When a run became terminal.");
        for (RunRecord run : runs) {
            Instant endedAt = run.endedAt();
            if (endedAt != null) {
                point(gauge, Labels.of("run_id", run.runId()), seconds(endedAt));
            }
        }
        return gauge.build();
    }

    private static GaugeSnapshot claims(FleetState fleet) {
        Map<String, Integer> counts = new TreeMap<>();
        fleet.hosts().values().forEach(host -> counts.put(host.machineId(), 0));
        fleet.runs().values().stream()
                .flatMap(run -> run.claims().stream())
                .map(Claim::machineId)
                .forEach(machine -> counts.merge(machine, 1, Integer::sum));
        GaugeSnapshot.Builder gauge = gauge("flowlane_claims", "Claims of live flows to CPUs of a machine.");
        counts.forEach((machine, count) -> point(gauge, Labels.of("machine", machine), count));
        return gauge.build();
    }

    private static GaugeSnapshot heartbeats(FleetState fleet) {
        GaugeSnapshot.Builder gauge = gauge(
                "flowlane_host_last_heartbeat_time_seconds",
                "When anything of the host was last read, by the broker's clock.");
        for (HostView host : fleet.hosts().values()) {
            point(gauge, Labels.of("host", host.hostId()), seconds(host.lastWordAt()));
        }
        return gauge.build();
    }

    private static GaugeSnapshot hostOffsets(FleetState fleet) {
        GaugeSnapshot.Builder gauge =
                gauge("flowlane_host_clock_offset_seconds", "The broker's clock minus the host's, as the host says.");
        for (HostView host : fleet.hosts().values()) {
            Long offsetNs = host.brokerClockOffsetNs();
            if (offsetNs != null) {
                point(gauge, Labels.of("host", host.hostId()), offsetNs / 1e9);
            }
        }
        return gauge.build();
    }

    private static MetricSnapshot single(String name, String help, double value) {
        GaugeSnapshot.Builder gauge = gauge(name, help);
        point(gauge, Labels.EMPTY, value);
        return gauge.build();
    }

    private static GaugeSnapshot.Builder gauge(String name, String help) {
        return GaugeSnapshot.builder().name(name).help(help);
    }

    private static void point(GaugeSnapshot.Builder gauge, Labels labels, double value) {
        gauge.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels)
                .value(value)
                .build());
    }

    private static double seconds(Instant time) {
        return time.toEpochMilli() / 1e3;
    }
}
