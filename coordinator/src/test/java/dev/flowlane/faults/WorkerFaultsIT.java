package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.avro.EndReport;
import dev.flowlane.avro.HostEventType;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/** Workers that die, hang or have no memory. */
@ExtendWith(SharedFleet.class)
final class WorkerFaultsIT {
    private static final String LONG = "duration: 60s\nwarmup: 0s\ninterval: 200ms\n";

    @ParameterizedTest(name = "row 1: kill -9 of the worker of {0}")
    @ValueSource(strings = {FaultFleet.A, FaultFleet.B})
    void killedWorker(String host, FaultFleet fleet) {
        String other = host.equals(FaultFleet.A) ? FaultFleet.B : FaultFleet.A;
        String run = fleet.running(LONG, 3);

        long beganNs = System.nanoTime();
        Signals.send("KILL", fleet.worker(host, run));
        EndReport end = ended(fleet, host, run);
        Duration noticed = Duration.ofNanos(System.nanoTime() - beganNs);

        assertThat(end.getOutcome().name()).isEqualTo("WORKER_LOST");
        assertThat(end.getMessage()).contains("SIGKILL");
        // A second is what is promised; the way here leads through the broker and a machine that may be busy. That it
        // was seen to end, and not missed after some silence, is what the outcome says.
        assertThat(noticed).isLessThan(Duration.ofSeconds(10));
        // The kernel closes a dead process's socket in order, unless something was unread: the end, or a reset.
        assertThat(ended(fleet, other, run).getOutcome().name()).isIn("DONE", "PEER_GONE");
        lost(fleet.result(run), host, "WORKER_LOST");
    }

    @Test
    @DisplayName("row 2: SIGSTOP of a worker")
    void stoppedWorker(FaultFleet fleet) {
        String run = fleet.running(LONG, 3);
        long worker = fleet.worker(FaultFleet.A, run);

        Signals.send("STOP", worker);

        assertThat(ended(fleet, FaultFleet.A, run).getOutcome().name()).isEqualTo("STALLED");
        lost(fleet.result(run), FaultFleet.A, "STALLED");
        await("the end of the worker").atMost(FaultFleet.PATIENCE).until(() -> !Signals.alive(worker));
    }

    @Test
    @DisplayName("row 17: a worker is killed because memory runs out")
    void outOfMemory(FaultFleet fleet) throws IOException {
        Path memory = Path.of("/sys/fs/cgroup/memory");
        Assumptions.assumeTrue(Command.isRoot() && Files.isWritable(memory.resolve("cgroup.procs")),
                "needs root and the memory controller of cgroup version 1 at " + memory);
        String run = fleet.running(LONG, 3);
        long worker = fleet.worker(FaultFleet.B, run);
        Path group = Files.createDirectory(memory.resolve("flowlane-" + worker));
        try {
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(worker));
            // What it has already is not charged here: the next page is one too many. A thread dump needs some.
            Files.writeString(group.resolve("memory.limit_in_bytes"), "4096");
            await("the kernel's verdict").atMost(FaultFleet.PATIENCE).until(() -> {
                Signals.sendUnlessGone("QUIT", worker);
                return !Signals.alive(worker);
            });
        } finally {
            Signals.awaitEndAndDelete(worker, group);
        }

        EndReport end = ended(fleet, FaultFleet.B, run);
        assertThat(end.getOutcome().name()).isEqualTo("WORKER_LOST");
        assertThat(end.getMessage()).contains("by the kernel because memory ran out", "dmesg");
        RunResult result = fleet.result(run);
        lost(result, FaultFleet.B, "memory ran out");
    }

    private static EndReport ended(FaultFleet fleet, String host, String run) {
        return Objects.requireNonNull(fleet.events(host, run, HostEventType.ENDED).getLast().getEnded());
    }

    /** What was measured is kept, and the result says why there is no more. */
    private static void lost(RunResult result, String host, String why) {
        assertThat(result.getState()).isIn(RunStateName.PARTIAL, RunStateName.FAILED);
        assertThat(result.getReasons()).anyMatch(reason -> reason.contains(why));
        assertThat(result.getReasons()).anyMatch(reason -> reason.contains(
                host.equals(FaultFleet.A) ? "source" : "destination"));
        assertThat(result.getIntervals()).isPositive();
    }
}
