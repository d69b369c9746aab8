package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.RunCommandAvro;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Wall clocks that are off, and step. A library that is loaded before the C library shifts what a process is told of
 * CLOCK_REALTIME and nothing else (Debian: libfaketime). Workers, whose environment is cleared, keep the right time.
 */
@ExtendWith(SharedFleet.class)
final class ClockFaultsIT {
    private static final Duration OFF = Duration.ofMinutes(5);

    /** Off by that much is what a broker's answer may take on a busy machine. */
    private static final double TOLERANCE_SECONDS = 3;

    @TempDir
    private Path directory;

    @AfterEach
    void rightTime(FaultFleet fleet) {
        for (String name : List.of(FaultFleet.COORDINATOR, FaultFleet.A)) {
            fleet.kill(name);
        }
    }

    @Test
    @DisplayName("row 10: a daemon 5 minutes ahead, the coordinator 5 minutes behind, and a step in mid-run")
    void clocksOff(FaultFleet fleet) throws Exception {
        Path ahead = clock("ahead", OFF);
        for (String name : List.of(FaultFleet.COORDINATOR, FaultFleet.A)) {
            fleet.kill(name);
        }
        fleet.start(FaultFleet.COORDINATOR, List.of(), environment(clock("behind", OFF.negated())));
        fleet.start(FaultFleet.A, List.of(), environment(ahead));
        fleet.mend();
        await("the offset").atMost(FaultFleet.PATIENCE).untilAsserted(() -> assertThat(
                        fleet.metric(FaultFleet.A, "flowlane_daemon_broker_clock_offset_seconds"))
                .isBetween(-OFF.toSeconds() - TOLERANCE_SECONDS, -OFF.toSeconds() + TOLERANCE_SECONDS));
        assertThat(fleet.metric(FaultFleet.COORDINATOR, "flowlane_broker_clock_offset_seconds"))
                .isBetween(OFF.toSeconds() - TOLERANCE_SECONDS, OFF.toSeconds() + TOLERANCE_SECONDS);

        // By the broker's clock these have still a minute, and are a minute late.
        Instant now = Instant.now();
        submit(fleet, "in-time", now.plusSeconds(60));
        submit(fleet, "too-late", now.minusSeconds(60));
        RunEvent late = fleet.onlooker().awaitAnswer("c-too-late");
        assertThat(late.getCode()).isEqualTo("EXPIRED");
        fleet.awaitIntervals("in-time", FlowRole.SOURCE, 5);
        set(ahead, Duration.ZERO);

        RunResult result = fleet.completed("in-time");
        assertThat(result.getIntervalsMissing()).isZero();
        assertThat(Duration.between(result.getStartedTime(), result.getEndedTime()))
                .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(30));
        assertThat(result.getEndedTime()).isBetween(now, Instant.now().plusSeconds(1));
        await("the offset").atMost(FaultFleet.PATIENCE).untilAsserted(() -> assertThat(
                        fleet.metric(FaultFleet.A, "flowlane_daemon_broker_clock_offset_seconds"))
                .isBetween(-TOLERANCE_SECONDS, TOLERANCE_SECONDS));
    }

    private static void submit(FaultFleet fleet, String runId, Instant expires) {
        fleet.users().send(Topic.COMMANDS, runId, RunCommandAvro.submit("c-" + runId, runId, "tests",
                FaultFleet.spec("duration: 2s\nwarmup: 0s\ninterval: 100ms\n"), expires)).join();
    }

    private Path clock(String name, Duration offset) throws IOException {
        Path file = directory.resolve(name);
        set(file, offset);
        return file;
    }

    private static void set(Path clock, Duration offset) throws IOException {
        Files.writeString(clock, "%+d\n".formatted(offset.toSeconds()));
    }

    private static Map<String, String> environment(Path clock) throws IOException {
        return Map.of(
                "LD_PRELOAD", library(),
                "FAKETIME_TIMESTAMP_FILE", clock.toString(),
                "FAKETIME_CACHE_DURATION", "1",
                "FAKETIME_DONT_RESET", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    private static String library() throws IOException {
        Path libraries = Path.of("/usr/lib");
        try (Stream<Path> files = Files.find(libraries, 3, (path, _) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
            String found = files.findFirst().map(Path::toString).orElse("");
            Assumptions.assumeFalse(found.isEmpty(), "libfaketime is missing (Debian: apt-get install libfaketime)");
            return found;
        }
    }
}
