package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.Duration;

/** Daemons that die, sleep through their lease, or are told to end. */
@ExtendWith(SharedFleet.class)
final class DaemonFaultsIT {
    /** Two seconds are promised; a worker that does not see the end of its daemon goes on until that of its run. */
    private static final Duration WORKERS_GONE_WITHIN = Duration.ofSeconds(20);

    private static final String LONG = "duration: 90s\nwarmup: 0s\ninterval: 200ms\n";
    private static final String SHORT = "duration: 300ms\nwarmup: 0s\ninterval: 300ms\n";

    @Test
    @DisplayName("row 3: kill -9 of a daemon")
    void killedDaemon(FaultFleet fleet) {
        String run = fleet.running(LONG, 2);
        long worker = fleet.worker(FaultFleet.A, run);

        long beganNs = System.nanoTime();
        fleet.kill(FaultFleet.A);
        await("the end of the worker").atMost(FaultFleet.PATIENCE).pollInterval(Duration.ofMillis(10))
                .until(() -> !Signals.alive(worker));
        assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(WORKERS_GONE_WITHIN);
        await("the end of the others").atMost(WORKERS_GONE_WITHIN)
                .untilAsserted(() -> assertThat(fleet.files().orphans()).isEmpty());

        RunResult result = fleet.result(run);
        assertThat(result.getState()).isIn(RunStateName.PARTIAL, RunStateName.FAILED);
        assertThat(result.getReasons()).anyMatch(reason -> reason.contains("HOST_LOST a"));
        await("LOST").atMost(FaultFleet.PATIENCE).until(() -> fleet.json(FaultFleet.COORDINATOR, "/hosts/a")
                .path("liveness").textValue().equals("LOST"));
        // The folder of its workers is what it left; the next one sweeps it, and does nothing of what it reads.
        assertThat(fleet.files().workerFolders()).hasSize(2);
        fleet.mend();
        await("the sweep").atMost(FaultFleet.PATIENCE)
                .untilAsserted(() -> assertThat(fleet.files().workerFolders()).hasSize(2));
        fleet.completed(fleet.submit(SHORT));
    }

    @Test
    @DisplayName("row 20: a host that was lost comes back with what it held")
    void lostHostReturns(FaultFleet fleet) throws Exception {
        String run = fleet.running(LONG, 2);
        long worker = fleet.worker(FaultFleet.A, run);

        fleet.signal(FaultFleet.A, "STOP");
        RunResult result;
        try {
            // Its worker is not stopped, and goes on until its peer has gone.
            result = fleet.result(run);
            assertThat(result.getState()).isIn(RunStateName.PARTIAL, RunStateName.FAILED);
            assertThat(result.getReasons()).anyMatch(reason -> reason.contains("HOST_LOST a"));
        } finally {
            fleet.signal(FaultFleet.A, "CONT");
        }

        // Killed for its silence, or warm for the next flow, if the daemon reads first that this one has ended.
        await("the end of the flow at a").atMost(FaultFleet.PATIENCE)
                .until(() -> !Signals.alive(worker) || !Signals.connected(worker));
        fleet.mend();
        fleet.completed(fleet.submit(SHORT));
    }

    @Test
    @DisplayName("row 25: SIGTERM of a daemon in mid-run")
    void terminatedDaemon(FaultFleet fleet) throws Exception {
        String run = fleet.running(LONG, 2);

        fleet.terminate(FaultFleet.B, 0);

        await("the end of its workers").atMost(WORKERS_GONE_WITHIN)
                .untilAsserted(() -> assertThat(fleet.files().orphans()).isEmpty());
        // It has reported what was measured, so nobody waits for a lease.
        RunResult result = fleet.result(run);
        assertThat(result.getState()).isIn(RunStateName.PARTIAL, RunStateName.FAILED);
        assertThat(result.getReasons()).anyMatch(reason -> reason.contains("SIGTERM"));
        assertThat(result.getIntervals()).isPositive();
        assertThat(fleet.files().workerFolders()).as("only that of a").hasSize(1);
    }

    @Test
    @DisplayName("row 25: SIGTERM of the coordinator in mid-run")
    void terminatedCoordinator(FaultFleet fleet) throws Exception {
        String run = fleet.running("duration: 4s\nwarmup: 0s\ninterval: 200ms\n", 2);

        // The number that the JVM ends with after SIGTERM.
        fleet.terminate(FaultFleet.COORDINATOR, 143);
        fleet.start(FaultFleet.COORDINATOR);

        fleet.completed(run);
    }

    @Test
    @DisplayName("row 25: SIGTERM of a worker in mid-run")
    void terminatedWorker(FaultFleet fleet) {
        String run = fleet.running(LONG, 2);

        Signals.send("TERM", fleet.worker(FaultFleet.A, run));

        RunResult result = fleet.result(run);
        assertThat(result.getState()).isIn(RunStateName.PARTIAL, RunStateName.FAILED);
        assertThat(result.getReasons()).anyMatch(reason -> reason.contains("SIGTERM"));
    }

    @Test
    @DisplayName("row 25: SIGTERM of the command that waits for a run")
    void terminatedCommand(FaultFleet fleet) throws Exception {
        try (var command = fleet.flowlane("run", "--run-id", "terminated", "--source", "a", "--destination", "b",
                "--duration", "90s", "--warmup", "0", "--interval", "200ms", "-o", "json")) {
            fleet.awaitIntervals("terminated", FlowRole.SOURCE, 2);

            command.signal("TERM");

            assertThat(fleet.result("terminated").getState()).isEqualTo(RunStateName.CANCELLED);
            command.await().expect(130);
        }
    }
}
