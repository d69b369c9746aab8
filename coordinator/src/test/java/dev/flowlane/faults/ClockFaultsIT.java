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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Wall clocks that are off, and step. A library that is loaded before the C library shifts what a process is told of
 * CLOCK_REALTIME and nothing else (Debian: libfaketime). Workers, whose environment is cleared, keep the right time.
 */
@ExtendWith(SharedFleet.class)
final class ClockFaultsIT {
    private static final Pattern SHARED_MEMORY = Pattern.compile("(?:sem\\.)?faketime_(?:shm|sem)_(\\d+)");
    private static final Duration OFF = Duration.ofMinutes(5);

    /** Leaves a busy machine the time to step a clock within it. */
    private static final Duration DURATION = Duration.ofSeconds(12);

    /** Off by that much is what a broker's answer may take on a busy machine. */
    private static final long TOLERANCE_SECONDS = 3;

    @AfterEach
    void rightTime(FaultFleet fleet) throws IOException {
        for (String name : List.of(FaultFleet.COORDINATOR, FaultFleet.A)) {
            fleet.kill(name);
        }
        takeAwaySharedMemory();
    }

    /** The library leaves some behind in processes that are killed, these and those of tests that were. */
    private static void takeAwaySharedMemory() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            for (Path file : files.toList()) {
                Matcher name = SHARED_MEMORY.matcher(file.getFileName().toString());
                if (name.matches() && !Signals.alive(Long.parseLong(name.group(1)))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    @Test
    @DisplayName("row 10: the coordinator 5 minutes behind, a daemon that steps 5 minutes ahead in mid-run")
    void clocksOff(FaultFleet fleet) throws Exception {
        for (String name : List.of(FaultFleet.COORDINATOR, FaultFleet.A)) {
            fleet.kill(name);
        }
        Path shift = fleet.files().state().resolve("shift-of-a");
        step(shift, Duration.ZERO);
        fleet.start(FaultFleet.COORDINATOR, List.of(), clock("FAKETIME", seconds(OFF.negated())));
        fleet.start(FaultFleet.A, List.of(), clock("FAKETIME_TIMESTAMP_FILE", shift.toString()));
        fleet.mend();
        awaitOffset(fleet, FaultFleet.COORDINATOR, "flowlane_broker_clock_offset_seconds", OFF);
        // By the broker's clock these have still a minute, and are a minute late.
        Instant now = Instant.now();
        submit(fleet, "in-time", now.plusSeconds(60));
        submit(fleet, "too-late", now.minusSeconds(60));
        fleet.awaitIntervals("in-time", FlowRole.SOURCE, 2);

        step(shift, OFF);

        fleet.onlooker().await("a word of a in mid-run after the step", FaultFleet.PATIENCE, 1, Topic.HOST_EVENTS,
                event -> event.getHostId().equals(FaultFleet.A) && event.getLiveRunIds().contains("in-time")
                        && event.getEventTime().isAfter(now.plus(OFF)));
        awaitOffset(fleet, FaultFleet.A, "flowlane_daemon_broker_clock_offset_seconds", OFF.negated());
        RunResult result = fleet.completed("in-time");
        assertThat(result.getIntervalsMissing()).isZero();
        assertThat(Duration.between(result.getStartedTime(), result.getEndedTime()))
                .isBetween(DURATION, DURATION.plusSeconds(20));
        assertThat(result.getEndedTime()).isBetween(now, Instant.now().plusSeconds(TOLERANCE_SECONDS));
        RunEvent late = fleet.onlooker().awaitAnswer("c-too-late");
        assertThat(late.getCode()).isEqualTo("EXPIRED");
        // With the clocks as they are now.
        submit(fleet, "afterwards", Instant.now().plusSeconds(60));
        fleet.completed("afterwards");
    }

    private static void awaitOffset(FaultFleet fleet, String name, String metric, Duration offset) {
        await(metric).atMost(FaultFleet.PATIENCE).pollInterval(Duration.ofMillis(200)).untilAsserted(() ->
                assertThat(fleet.metric(name, metric)).isBetween(
                        (double) (offset.toSeconds() - TOLERANCE_SECONDS),
                        (double) (offset.toSeconds() + TOLERANCE_SECONDS)));
    }

    private static void submit(FaultFleet fleet, String runId, Instant expires) {
        String spec = "duration: " + DURATION.toSeconds() + "s\nwarmup: 0s\ninterval: 200ms\n";
        fleet.users().send(Topic.COMMANDS, runId, RunCommandAvro.submit(
                "c-" + runId, runId, "tests", FaultFleet.spec(spec), expires)).join();
    }

    /** A wall clock that is off by what the setting says. */
    private static Map<String, String> clock(String setting, String value) throws IOException {
        return Map.of(
                "LD_PRELOAD", library(),
                setting, value,
                // A file is looked at again when a second has passed.
                "FAKETIME_CACHE_DURATION", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                // On by default with this C library, and then every timed wait of the JVM returns at once.
                "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }

    /** From now on the clock that goes by this file is off by so much. */
    private static void step(Path file, Duration offset) throws IOException {
        // As a whole: half of it would be another time.
        Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), seconds(offset));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String seconds(Duration offset) {
        return "%+ds".formatted(offset.toSeconds());
    }

    private static String library() throws IOException {
        try (Stream<Path> files = Files.find(
                Path.of("/usr/lib"), 3, (path, _) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
            String found = files.findFirst().map(Path::toString).orElse("");
            Assumptions.assumeFalse(found.isEmpty(), "libfaketime is missing (Debian: apt-get install libfaketime)");
            return found;
        }
    }
}
