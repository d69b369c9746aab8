package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.History;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.Runs;
import dev.flowlane.core.run.StateName;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which runs Prometheus is shown: bounded in number and time, by the broker's clock. */
final class SnapshotCollectorTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Duration KEEP = Duration.ofMinutes(5);
    private static final int PLENTY = 20_000;

    private final TreeMap<String, RunRecord> runs = new TreeMap<>();
    private Duration brokerClockOffset = Duration.ZERO;
    private Instant now = NOON;

    @Test
    void anEndedRunGoesFiveMinutesAfterItsEndByTheBrokersClock() {
        add("live", StateName.RUNNING, NOON.minus(Duration.ofHours(1)));
        add("ended", StateName.COMPLETED, NOON);
        SnapshotCollector collector = collector(PLENTY);
        brokerClockOffset = Duration.ofMinutes(2);

        now = NOON.plus(KEEP).minus(brokerClockOffset).minusMillis(1);
        assertThat(shown(collector, "flowlane_run_state")).containsExactlyInAnyOrder("live", "ended");
        assertThat(shown(collector, "flowlane_run_end_time_seconds")).containsExactly("ended");

        now = NOON.plus(KEEP).minus(brokerClockOffset);
        assertThat(shown(collector, "flowlane_run_state")).containsExactly("live");
        assertThat(shown(collector, "flowlane_run")).containsExactly("live");
    }

    @Test
    void ofManyShortRunsTheLastTwentyAreShown() {
        for (int run = 10; run < 60; run++) {
            add("run-" + run, StateName.COMPLETED, NOON.plusSeconds(run));
        }
        now = NOON.plusSeconds(60);

        assertThat(shown(collector(PLENTY), "flowlane_run_state"))
                .hasSize(20)
                .contains("run-59", "run-40")
                .doesNotContain("run-39");
    }

    @Test
    void whatIsReadBackAfterARestartIsShownOnlyWhileItIsFresh() {
        for (int run = 0; run < 1_000; run++) {
            add("old-" + run, StateName.COMPLETED, NOON.minus(Duration.ofDays(1)).plusSeconds(run));
        }
        add("new", StateName.FAILED, NOON.minusSeconds(1));

        assertThat(shown(collector(PLENTY), "flowlane_run_state")).containsExactly("new");
    }

    @Test
    void beyondTheCapWaitingRunsAreLeftOutAndCountedOnce() {
        for (int run = 0; run < 10; run++) {
            add("waiting-" + run, StateName.QUEUED, NOON);
        }
        add("running", StateName.RUNNING, NOON);
        add("ended", StateName.COMPLETED, NOON);
        SnapshotCollector collector = collector(12);

        assertThat(shown(collector, "flowlane_run_state")).hasSize(3).contains("running", "ended");
        assertThat(shown(collector, "flowlane_run_state")).hasSize(3);
        assertThat(dropped(collector)).isEqualTo(9 * 4);
    }

    @Test
    void aDeadlineIsShownWhileThereIsOne() {
        add("running", StateName.RUNNING, NOON);
        add("waiting", StateName.QUEUED, NOON);
        add("ended", StateName.COMPLETED, NOON);

        assertThat(shown(collector(PLENTY), "flowlane_run_deadline_time_seconds")).containsExactly("running");
    }

    @Test
    void whatWasAskedForIsToldWithTheKindOfTraffic() {
        add("running", StateName.RUNNING, NOON);

        Labels labels = points(collector(PLENTY), "flowlane_run").getFirst().getLabels();

        assertThat(labels.get("traffic")).isEqualTo("stream");
        assertThat(labels.get("tls")).isEqualTo("none");
        assertThat(labels.get("topology")).isEqualTo("pair");
    }

    private SnapshotCollector collector(int maxSeries) {
        return new SnapshotCollector(this::snapshot, new ClientMetrics(), () -> now, maxSeries);
    }

    private Snapshot snapshot() {
        FleetState nothing = FleetState.INITIAL;
        FleetState fleet = new FleetState(
                1, nothing.secret(), 0, nothing.hosts(), Runs.of(runs.values()), nothing.trust(), nothing.limits());
        return new Snapshot(Phase.READY, "", fleet, Map.of(), brokerClockOffset);
    }

    private void add(String runId, StateName state, Instant since) {
        RunState replayed =
                RunState.replayed(state, since, since, List.of(), List.of(), List.of(), null, false);
        runs.put(
                runId,
                new RunRecord(
                        runId, "c", "me", CoordinatorIT.spec(1, Duration.ofSeconds(1)), since, 1, 1, 0, since,
                        History.NONE, replayed));
    }

    private static List<String> shown(SnapshotCollector collector, String name) {
        return points(collector, name).stream()
                .map(point -> point.getLabels().get("run_id"))
                .toList();
    }

    private static double dropped(SnapshotCollector collector) {
        return ((CounterDataPointSnapshot) points(collector, "flowlane_series_dropped").getFirst()).getValue();
    }

    private static List<? extends DataPointSnapshot> points(SnapshotCollector collector, String name) {
        for (MetricSnapshot metric : collector.collect()) {
            if (metric.getMetadata().getName().equals(name)) {
                return metric.getDataPoints();
            }
        }
        throw new AssertionError("no metric " + name);
    }
}
