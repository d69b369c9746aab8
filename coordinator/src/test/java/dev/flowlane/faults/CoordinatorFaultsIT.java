package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.Topic;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** Coordinators that die, sleep, or are more than one. */
@ExtendWith(SharedFleet.class)
final class CoordinatorFaultsIT {
    private static final String STANDBY = "standby";
    /** Twice what is promised, for a machine that is kept from its work. */
    private static final Duration TAKE_OVER = Duration.ofSeconds(30);

    @Test
    @DisplayName("row 4: kill -9 of the coordinator at random moments of a run")
    void killedCoordinator(FaultFleet fleet) throws IOException {
        for (Moments.Moment moment : Moments.of("row 4: kill -9 of the coordinator", Duration.ofMillis(2_500))) {
            long before = epoch(fleet, FaultFleet.COORDINATOR);
            String run = fleet.submit("duration: 2s\nwarmup: 200ms\ninterval: 200ms\n");
            moment.await();

            Instant killedAt = Instant.now();
            fleet.kill(FaultFleet.COORDINATOR);
            fleet.start(FaultFleet.COORDINATOR);

            RunResult result = fleet.completed(run);
            fleet.mend();
            assertThatTheNextEpochIsThatOf(fleet, FaultFleet.COORDINATOR, before);
            // Neither lost nor doubled.
            assertThat(fleet.onlooker().count(Topic.RUN_RESULTS, run)).as("%s", moment).isEqualTo(1);
            assertThat(fleet.onlooker().seen(Topic.RUN_EVENTS, event -> event.getRunId().equals(run)
                    && event.getEventType() == RunEventType.ANSWER)).as("%s", moment).hasSize(1);
            fleet.check();
            moment.became("killed in %s; COMPLETED, %d intervals, %d missing, epoch %d, the topics hold all invariants"
                    .formatted(fleet.stateAt(run, killedAt), result.getIntervals(), result.getIntervalsMissing(),
                            epoch(fleet, FaultFleet.COORDINATOR)));
        }
    }

    @Test
    @DisplayName("row 5: a standby takes over from a first that was killed by kill -9")
    void standbyTakesOver(FaultFleet fleet) throws Exception {
        fleet.coordinator(STANDBY);
        fleet.start(STANDBY);
        try {
            await("the standby").atMost(FaultFleet.PATIENCE)
                    .until(() -> fleet.said(STANDBY).contains("standing by"));
            long before = epoch(fleet, FaultFleet.COORDINATOR);
            assertThat(fleet.status(STANDBY, "/livez")).isEqualTo(200);
            assertThat(fleet.status(STANDBY, "/readyz")).isEqualTo(503);
            assertThat(fleet.get(STANDBY, "/readyz?verbose").body())
                    .contains("[+]topics ok", "[-]seat pending", "another coordinator decides");
            assertThat(fleet.status(FaultFleet.COORDINATOR, "/readyz")).isEqualTo(200);
            String run = fleet.running("duration: 3s\nwarmup: 0s\ninterval: 200ms\n", 2);

            long beganNs = System.nanoTime();
            fleet.kill(FaultFleet.COORDINATOR);
            await("the take-over").atMost(FaultFleet.PATIENCE).pollInterval(Duration.ofMillis(20))
                    .until(() -> fleet.status(STANDBY, "/readyz") == 200);
            Duration took = Duration.ofNanos(System.nanoTime() - beganNs);
            System.out.printf("row 5: the standby decided %d ms after kill -9 of the first%n", took.toMillis());

            assertThat(took).isLessThan(TAKE_OVER);
            fleet.completed(run);
            assertThatTheNextEpochIsThatOf(fleet, STANDBY, before);
            // The one that comes back stands by in its turn, and gets its place when the other leaves in order.
            fleet.start(FaultFleet.COORDINATOR);
            await("the first").atMost(FaultFleet.PATIENCE)
                    .until(() -> fleet.said(FaultFleet.COORDINATOR).contains("standing by"));
            fleet.terminate(STANDBY, 143);
            await("the first").atMost(FaultFleet.PATIENCE)
                    .until(() -> fleet.status(FaultFleet.COORDINATOR, "/readyz") == 200);
            fleet.completed(fleet.submit("duration: 300ms\nwarmup: 0s\ninterval: 300ms\n"));
        } finally {
            fleet.kill(STANDBY);
        }
    }

    @Test
    @DisplayName("row 5: a coordinator that slept is fenced and stands by")
    void fencedCoordinatorStandsBy(FaultFleet fleet) throws Exception {
        fleet.coordinator(STANDBY);
        fleet.start(STANDBY);
        try {
            await("the standby").atMost(FaultFleet.PATIENCE)
                    .until(() -> fleet.said(STANDBY).contains("standing by"));
            fleet.signal(FaultFleet.COORDINATOR, "STOP");
            await("the take-over").atMost(FaultFleet.PATIENCE)
                    .until(() -> fleet.status(STANDBY, "/readyz") == 200);
            fleet.signal(FaultFleet.COORDINATOR, "CONT");

            await("the fence").atMost(FaultFleet.PATIENCE).until(() -> fleet.said(FaultFleet.COORDINATOR)
                    .contains("took over; this one stands by"));
            assertThat(fleet.process(FaultFleet.COORDINATOR).handle().isAlive()).isTrue();
            fleet.completed(fleet.submit("duration: 300ms\nwarmup: 0s\ninterval: 300ms\n"));
            assertThat(fleet.status(STANDBY, "/readyz")).isEqualTo(200);
        } finally {
            fleet.signal(FaultFleet.COORDINATOR, "CONT");
            fleet.kill(STANDBY);
        }
    }

    @Test
    @DisplayName("row 21: the only registry is away in mid-run")
    void registryAway(FaultFleet fleet) {
        assertThat(fleet.status(FaultFleet.COORDINATOR, "/subjects")).isEqualTo(200);
        String run = fleet.running("duration: 4s\nwarmup: 0s\ninterval: 200ms\n", 2);

        fleet.kill(FaultFleet.COORDINATOR);

        // Daemons go on to write and everybody to read: the ids are in the release.
        fleet.awaitIntervals(run, FlowRole.SOURCE, 20);
        fleet.awaitIntervals(run, FlowRole.DESTINATION, 20);
        fleet.start(FaultFleet.COORDINATOR);
        RunResult result = fleet.completed(run);
        assertThat(result.getIntervals()).isEqualTo(40);
    }

    /** One more for each time that it began again from the topics, as it does when a broker does not answer in time. */
    private static void assertThatTheNextEpochIsThatOf(FaultFleet fleet, String name, long before) throws IOException {
        long again = Math.round(fleet.metric(name, "flowlane_coordinator_restarts_total"));
        assertThat(epoch(fleet, name)).as(fleet.said(name)).isBetween(before + 1, before + 1 + again);
    }

    private static long epoch(FaultFleet fleet, String name) throws IOException {
        return Math.round(fleet.metric(name, "flowlane_coordinator_epoch"));
    }
}
