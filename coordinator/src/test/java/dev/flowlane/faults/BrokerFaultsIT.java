package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/** Brokers that die, fall silent or have no room; results that nobody takes. */
@ExtendWith(SharedFleet.class)
final class BrokerFaultsIT {
    /** Long enough that every time-out shorter than a lease has passed. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    /**
     * Daemons wait for 12 s with the report of an end. The rest is for their clients to find the broker and to hand
     * over what they have, on a machine that is busy with its start.
     */
    private static final Duration WAITED_FOR = Duration.ofSeconds(6);

    @Test
    @DisplayName("row 6: kill -9 of the broker at random moments of a run")
    void killedBroker(FaultFleet fleet) {
        for (Moments.Moment moment : Moments.of("row 6: kill -9 of the broker", Duration.ofMillis(2_500))) {
            String run = fleet.submit("duration: 2s\nwarmup: 200ms\ninterval: 200ms\n");
            moment.await();

            Instant killedAt = Instant.now();
            fleet.kill(FaultFleet.BROKER);
            RunResult result = afterRestart(fleet, run);

            assertThat(fleet.onlooker().count(Topic.RUN_RESULTS, run)).as("%s", moment).isEqualTo(1);
            fleet.mend();
            fleet.check();
            moment.became("killed in %s; %s, %d intervals, %d missing, the topics hold all invariants".formatted(
                    fleet.stateAt(run, killedAt), result.getState(), result.getIntervals(),
                    result.getIntervalsMissing()));
        }
    }

    @Test
    @DisplayName("row 25: SIGTERM of the broker in mid-run")
    void terminatedBroker(FaultFleet fleet) throws Exception {
        String run = fleet.running("duration: 4s\nwarmup: 0s\ninterval: 200ms\n", 2);

        fleet.signal(FaultFleet.BROKER, "TERM");
        fleet.process(FaultFleet.BROKER).await();

        afterRestart(fleet, run);
    }

    /** Starts the broker. What was measured is there, unless it took longer than daemons wait with their reports. */
    private static RunResult afterRestart(FaultFleet fleet, String run) {
        long beganNs = System.nanoTime();
        fleet.start(FaultFleet.BROKER);
        fleet.bus().admin().waitUntilReachable(FaultFleet.PATIENCE);
        if (System.nanoTime() - beganNs >= WAITED_FOR.toNanos()) {
            return completedOrDeclared(fleet, run);
        }
        RunResult result = fleet.completed(run);
        assertThat(result.getIntervalsMissing()).isZero();
        return result;
    }

    /** All of it is there, or the result says what is not. */
    private static RunResult completedOrDeclared(FaultFleet fleet, String run) {
        RunResult result = fleet.result(run);
        assertThat(result.getState()).isIn(RunStateName.COMPLETED, RunStateName.PARTIAL);
        assertThat(result.getReasons()).allMatch(reason -> reason.contains("dropped on the way to Kafka"));
        return result;
    }

    @Test
    @DisplayName("row 7: broker silent for 20 s in mid-run")
    void silentBroker(FaultFleet fleet) throws Exception {
        String run = fleet.running("duration: 26s\nwarmup: 0s\ninterval: 500ms\n", 4);

        Instant from = Instant.now();
        fleet.signal(FaultFleet.BROKER, "STOP");
        Instant to;
        try {
            await("the silence").atMost(FaultFleet.PATIENCE).pollInterval(Duration.ofMillis(100))
                    .until(() -> Duration.between(from, Instant.now()).compareTo(SILENCE) >= 0);
            for (String name : List.of(FaultFleet.COORDINATOR, FaultFleet.A, FaultFleet.B)) {
                assertThat(fleet.status(name, "/livez")).as(name).isEqualTo(200);
                assertThat(fleet.status(name, "/readyz")).as(name).isEqualTo(503);
            }
        } finally {
            to = Instant.now();
            fleet.signal(FaultFleet.BROKER, "CONT");
        }

        RunResult result = fleet.completed(run);
        assertThat(result.getIntervalsMissing()).isZero();
        assertThat(result.getIntervals()).isEqualTo(2 * 52);
        List<FlowStats> intervals = fleet.awaitIntervals(run, FlowRole.DESTINATION, 52);
        double silent = medianBitsPerSecond(intervals, interval -> begins(interval).isAfter(from)
                && interval.getEventTime().isBefore(to));
        double otherwise = medianBitsPerSecond(intervals, interval -> interval.getEventTime().isBefore(from)
                || begins(interval).isAfter(to));
        System.out.printf("row 7: %.2f Gbit/s in the median interval of the silence, %.2f otherwise%n",
                silent / 1e9, otherwise / 1e9);
        // Who waits for Kafka does nothing then; what else this machine does makes a difference, too.
        assertThat(silent).isGreaterThan(otherwise / 4);
    }

    private static Instant begins(FlowStats interval) {
        return Instant.ofEpochSecond(0, interval.getIntervalStartedNs());
    }

    private static double medianBitsPerSecond(List<FlowStats> intervals, Predicate<FlowStats> which) {
        double[] sorted = intervals.stream()
                .filter(which)
                .mapToDouble(interval -> interval.getReceivedBytes() * 8e9 / interval.getIntervalNs())
                .sorted()
                .toArray();
        assertThat(sorted).isNotEmpty();
        return sorted[sorted.length / 2];
    }

    @Test
    @DisplayName("row 11: consumers of results that are slow or stand still")
    void slowConsumers(FaultFleet fleet) throws Exception {
        try (BusReader slow = slowReader(fleet);
                var watcher = fleet.flowlane("run", "--run-id", "watched", "--source", "a", "--destination", "b",
                        "--duration", "3s", "--warmup", "0", "--interval", "200ms", "-o", "json")) {
            fleet.awaitIntervals("watched", FlowRole.SOURCE, 2);
            watcher.signal("STOP");

            RunResult result = fleet.completed("watched");

            assertThat(result.getIntervalsMissing()).isZero();
            watcher.signal("CONT");
            watcher.await().expect(0);
            int[] read = {0};
            await("what was left for later").atMost(FaultFleet.PATIENCE).until(() -> {
                for (BusRecord<?> record : slow.poll(Duration.ofMillis(100))) {
                    FlowStats interval = record.as(Topic.FLOW_STATS);
                    read[0] += interval != null && interval.getRunId().equals("watched") ? 1 : 0;
                }
                return read[0] == 2 * 15;
            });
        }
    }

    /** Of what is measured from now on. */
    private static BusReader slowReader(FaultFleet fleet) {
        BusReader slow = fleet.bus().reader("slow", OnMalformed.COUNT);
        slow.assign(Topic.FLOW_STATS, ReadFrom.END);
        return slow;
    }

    @Test
    @DisplayName("row 12: Kafka slower than the telemetry")
    void telemetryThatIsNotTaken(FaultFleet fleet) throws Exception {
        double endsBefore = fleet.metric(FaultFleet.A, "flowlane_flow_ends_total")
                + fleet.metric(FaultFleet.B, "flowlane_flow_ends_total");
        String run = fleet.running("duration: 5s\nwarmup: 0s\ninterval: 200ms\n", 2);

        fleet.signal(FaultFleet.BROKER, "STOP");
        try {
            // Both daemons give up waiting for acknowledgements, and declare what is missing.
            await("the daemons to give up").atMost(FaultFleet.PATIENCE).pollInterval(Duration.ofMillis(200))
                    .until(() -> fleet.metric(FaultFleet.A, "flowlane_flow_ends_total")
                            + fleet.metric(FaultFleet.B, "flowlane_flow_ends_total") >= endsBefore + 2);
        } finally {
            fleet.signal(FaultFleet.BROKER, "CONT");
        }

        RunResult result = fleet.result(run);
        assertThat(result.getState()).as("%s", result.getReasons()).isEqualTo(RunStateName.PARTIAL);
        assertThat(result.getIntervalsMissing()).isPositive();
        assertThat(result.getReasons()).anyMatch(reason -> reason.contains("interval"));
        // It was measured all the same.
        assertThat(result.getReceivedBytes()).isPositive().isEqualTo(result.getSentBytes());
    }

    @Test
    @DisplayName("row 13: disk full under the broker")
    void diskFullUnderTheBroker(FaultFleet fleet) throws Exception {
        Assumptions.assumeTrue(fleet.files().fillable(), "a disk that can be filled needs root, to mount it");
        String run = fleet.running("duration: 5s\nwarmup: 0s\ninterval: 200ms\n", 2);

        try (AutoCloseable _ = fleet.files().fillDiskOf(FaultFleet.BROKER)) {
            await("the end of the broker").atMost(FaultFleet.PATIENCE)
                    .until(() -> !fleet.process(FaultFleet.BROKER).handle().isAlive());
            assertThat(fleet.said(FaultFleet.BROKER)).contains("No space left on device");
            assertThat(fleet.status(FaultFleet.A, "/livez")).isEqualTo(200);
        }
        fleet.start(FaultFleet.BROKER);

        // In its last moments the broker answers some records with an error of its own, after which nobody may send
        // them again.
        completedOrDeclared(fleet, run);
    }

    @Test
    @DisplayName("row 13: disk full under a daemon")
    void diskFullUnderADaemon(FaultFleet fleet) throws Exception {
        Assumptions.assumeTrue(fleet.files().fillable(), "a disk that can be filled needs root, to mount it");
        try (AutoCloseable _ = fleet.files().fillDiskOf(FaultFleet.A)) {
            // The second one needs a worker that is started meanwhile.
            for (int i = 0; i < 2; i++) {
                fleet.completed(fleet.submit("duration: 300ms\nwarmup: 0s\ninterval: 300ms\n"));
            }
            assertThat(fleet.process(FaultFleet.A).handle().isAlive()).isTrue();
        }
    }
}
