package dev.flowlane.coordinator;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.HostView;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.spec.Tls;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Gauges whose labels come and go with runs and hosts. They are made anew from the snapshot at every scrape, so nothing
 * that has gone is left behind. Runs are bounded: the live ones, as far as there is room, and of the
 * {@value #ENDED_RUNS} that ended last those that ended within five minutes, so that their end is scraped.
 */
final class SnapshotCollector implements MultiCollector {
    private static final int ENDED_RUNS = 20;
    private static final Duration KEEP = Duration.ofMinutes(5);

    /** Of one run: info, state, start, deadline. An ended one has its end for its deadline. */
    private static final int SERIES_PER_RUN = 4;

    private static final int MOST_NAMED = 8;

    private final Supplier<Snapshot> snapshot;
    private final ClientMetrics client;
    private final InstantSource clock;
    private final int maxRuns;
    private final Set<String> leftOut = new HashSet<>();
    private long seriesDropped;

    /**
     * A collector of what there is.
     *
     * @param clock of this host; the snapshot knows how far the broker's is from it
     * @param maxSeries most series of runs at a time
     */
    SnapshotCollector(Supplier<Snapshot> snapshot, ClientMetrics client, InstantSource clock, int maxSeries) {
        this.snapshot = snapshot;
        this.client = client;
        this.clock = clock;
        this.maxRuns = maxSeries / SERIES_PER_RUN;
    }

    @Override
    public synchronized MetricSnapshots collect() {
        Snapshot now = snapshot.get();
        FleetState fleet = now.fleet();
        List<RunRecord> runs = shown(fleet, clock.instant().plus(now.brokerClockOffset()));
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
        metrics.add(CounterSnapshot.builder()
                .name("flowlane_series_dropped")
                .help("Series of runs that were not made because of --metrics-max-series.")
                .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .value((double) seriesDropped)
                        .build())
                .build());
        metrics.add(runInfos(runs));
        metrics.add(runStates(runs));
        metrics.add(deadlines(runs));
        metrics.add(runTimes(runs));
        metrics.add(ended(runs));
        metrics.add(claims(fleet));
        metrics.add(hostInfos(fleet));
        metrics.add(hostStates(fleet));
        metrics.add(heartbeats(fleet));
        metrics.add(hostOffsets(fleet));
        return new MetricSnapshots(metrics);
    }

    /** Runs in the order in which they find room: those that go on, those that have ended, those that wait. */
    private List<RunRecord> shown(FleetState fleet, Instant now) {
        Comparator<RunRecord> newest = Comparator.comparing((RunRecord run) -> run.state().since()).reversed();
        Collection<RunRecord> all = fleet.runs().values();
        Stream<RunRecord> ended = all.stream()
                .filter(run -> !run.state().live() && run.state().since().plus(KEEP).isAfter(now))
                .sorted(newest)
                .limit(ENDED_RUNS);
        Stream<RunRecord> going = all.stream()
                .filter(run -> run.state().live() && run.state().name() != StateName.QUEUED);
        Stream<RunRecord> waiting = all.stream().filter(run -> run.state().name() == StateName.QUEUED);
        List<RunRecord> wanted = Stream.of(going, ended, waiting).flatMap(runs -> runs).toList();
        List<RunRecord> shown = wanted.subList(0, Math.min(maxRuns, wanted.size()));
        Set<String> without = wanted.subList(shown.size(), wanted.size()).stream()
                .map(RunRecord::runId)
                .collect(Collectors.toSet());
        seriesDropped += without.stream().filter(run -> !leftOut.contains(run)).count() * SERIES_PER_RUN;
        leftOut.clear();
        leftOut.addAll(without);
        return shown;
    }

    private static InfoSnapshot runInfos(List<RunRecord> runs) {
        InfoSnapshot.Builder info = InfoSnapshot.builder().name("flowlane_run").help("What was asked for.");
        for (RunRecord run : runs) {
            info.dataPoint(InfoSnapshot.InfoDataPointSnapshot.builder()
                    .labels(Labels.of(
                            "run_id", run.runId(),
                            "requested_by", run.requestedBy(),
                            "traffic", run.spec().traffic().kind(),
                            "tls", tls(run.spec().socket().tls()),
                            "topology", run.spec().topology().name().toLowerCase(Locale.ROOT),
                            "sources", named(run.spec().sources()),
                            "destinations", named(run.spec().destinations()),
                            "flows_per_pair", Integer.toString(run.spec().flowsPerPair())))
                    .build());
        }
        return info.build();
    }

    /** {@code none}, or what the kernels encrypt, by what and in which directions: {@code 1.3 aes-gcm-128 both}. */
    private static String tls(@Nullable Tls tls) {
        return tls == null
                ? "none"
                : tls.version().text() + " " + word(tls.cipher()) + " " + word(tls.directions());
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Hosts for a label: a mesh of hundreds would make every series of the run as long as a page. */
    private static String named(List<String> hosts) {
        String first = hosts.stream().limit(MOST_NAMED).collect(Collectors.joining(","));
        return hosts.size() <= MOST_NAMED ? first : first + ",+" + (hosts.size() - MOST_NAMED);
    }

    private static GaugeSnapshot deadlines(List<RunRecord> runs) {
        GaugeSnapshot.Builder gauge = gauge(
                "flowlane_run_deadline_time_seconds",
                "When the coordinator ends what the run does now by itself, by the broker's clock.");
        for (RunRecord run : runs) {
            Instant deadline = run.state().deadline();
            if (deadline != null) {
                point(gauge, Labels.of("run_id", run.runId()), seconds(deadline));
            }
        }
        return gauge.build();
    }

    private static InfoSnapshot hostInfos(FleetState fleet) {
        InfoSnapshot.Builder info =
                InfoSnapshot.builder().name("flowlane_host").help("Which machine's kernel is under a host.");
        for (HostView host : fleet.hosts().values()) {
            info.dataPoint(InfoSnapshot.InfoDataPointSnapshot.builder()
                    .labels(Labels.of("host", host.hostId(), "machine", host.machineId()))
                    .build());
        }
        return info.build();
    }

    private static GaugeSnapshot hostStates(FleetState fleet) {
        GaugeSnapshot.Builder gauge = gauge("flowlane_host_state", "1 for what a host is: online, offline or lost.");
        for (HostView host : fleet.hosts().values()) {
            String state = host.liveness().name().toLowerCase(Locale.ROOT);
            point(gauge, Labels.of("host", host.hostId(), "state", state), 1);
        }
        return gauge.build();
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
