package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.posix.Niceness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** On a machine that measures itself, what measures comes before what reports. */
final class NicenessIT {
    /** As {@code localfleet.Yielding} has it, for broker and coordinator. */
    private static final int LOCAL_SERVICES = 5;

    /** Of a worker: what drives a flow, and what collects garbage while that waits. */
    private static final Set<String> MEASURING = Set.of("flow-io", "VM Thread");

    @RegisterExtension
    static final BackgroundFleet FLEET = new BackgroundFleet();

    @Test
    void everyServiceYieldsAndNoWorkerDoes() throws Exception {
        int here = niceness(Path.of("/proc/self/task/" + ProcessHandle.current().pid()));
        FLEET.run("run", "--duration", "200ms").expect(0);

        JsonNode status = FLEET.run("status", "-o", "json").expect(0).json();
        Set<String> unyielding = new HashSet<>();
        int yielding = 0;
        for (JsonNode process : status.path("processes")) {
            ProcessHandle service = ProcessHandle.of(process.path("pid").longValue()).orElseThrow();
            boolean daemon = process.path("name").textValue().startsWith("host-");
            int behind = Math.max(here, daemon ? Niceness.BEHIND_MEASUREMENTS : LOCAL_SERVICES);
            for (Path thread : threads(service)) {
                yielding += yieldsUnlessItStartsWorkers(thread, behind) ? 1 : 0;
            }
            for (ProcessHandle worker : service.children().toList()) {
                for (Path thread : threads(worker)) {
                    String measuring = measuresAsNiceAs(here, thread);
                    if (measuring != null) {
                        unyielding.add(measuring);
                    }
                }
            }
        }
        assertThat(yielding).as("threads of four services, each with a dozen of the JVM's own").isGreaterThan(48);
        assertThat(unyielding).as("of the workers of %s", status).isEqualTo(MEASURING);
    }

    private static boolean yieldsUnlessItStartsWorkers(Path thread, int behind) {
        try {
            String name = Files.readString(thread.resolve("comm")).strip();
            int niceness = niceness(thread);
            // Started by the thread that starts workers: who waits for a worker's end.
            if (!name.startsWith("worker-spawner") && !name.startsWith("process reaper")) {
                assertThat(niceness).as("%s, %s", thread, name).isEqualTo(behind);
                return true;
            }
        } catch (IOException e) {
            // It has ended since it was listed.
        }
        return false;
    }

    /** Its name; null for those that only report. */
    private static @Nullable String measuresAsNiceAs(int here, Path thread) {
        try {
            String name = Files.readString(thread.resolve("comm")).strip();
            if (MEASURING.contains(name)) {
                assertThat(niceness(thread)).as("%s, %s", thread, name).isEqualTo(here);
                return name;
            }
        } catch (IOException e) {
            // It has ended since it was listed.
        }
        return null;
    }

    /** None of a process that has ended. */
    private static List<Path> threads(ProcessHandle process) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            return tasks.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Field 19 of /proc/PID/stat and of /proc/PID/task/TID/stat, proc_pid_stat(5). */
    private static int niceness(Path process) throws IOException {
        String stat = Files.readString(process.resolve("stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    }
}
