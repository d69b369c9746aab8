package dev.flowlane.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.avro.HostEventType;
import dev.flowlane.avro.LaneDrift;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.cli.FlowlaneProcess;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a host has too little of: descriptors, ports, CPUs. */
@ExtendWith(SharedFleet.class)
final class ResourceFaultsIT {
    /** Long enough for something to be done to it when two intervals have been told. */
    private static final String TWENTY_INTERVALS = "duration: 6s\nwarmup: 0s\ninterval: 300ms\n";
    /** As many descriptors as are open from the start, for input and output. */
    private static final int NONE = 3;

    private static final String SHORT = "duration: 300ms\nwarmup: 0s\ninterval: 300ms\n";

    @Test
    @DisplayName("row 14: descriptors exhausted before the start and in mid-run")
    void descriptors(FaultFleet fleet) throws IOException {
        Assumptions.assumeTrue(Command.exists("prlimit"), "needs prlimit (Debian: apt-get install util-linux)");
        long daemon = fleet.process(FaultFleet.A).handle().pid();
        String before = limit(daemon);
        String running = fleet.running(TWENTY_INTERVALS, 2);
        try {
            // Whatever is open stays open, and nothing else can be opened.
            Command.run("prlimit", "--pid", Long.toString(daemon), "--nofile=" + NONE + ":");
            fleet.completed(running);

            RunResult refused = fleet.result(fleet.submit(SHORT));

            assertThat(refused.getIntervals()).isZero();
            assertThat(refused.getState()).as("%s", refused.getReasons()).isEqualTo(RunStateName.FAILED);
            assertThat(refused.getReasons())
                    .anyMatch(reason -> reason.contains("EMFILE") && reason.contains("the daemon may have " + NONE));
        } finally {
            Command.run("prlimit", "--pid", Long.toString(daemon), "--nofile=" + before);
        }
        fleet.completed(fleet.submit(SHORT));
    }

    private static String limit(long process) {
        return Command.run("prlimit", "--pid", Long.toString(process), "--nofile", "--noheadings", "--raw",
                "--output=SOFT,HARD").strip().replace(' ', ':');
    }

    @Test
    @DisplayName("row 15: a data port that is in use")
    void portInUse(FaultFleet fleet) throws IOException {
        String taken = "127.0.0.1:" + fleet.dataPort(FaultFleet.A);

        FlowlaneProcess.Outcome outcome = fleet.flowlane("host-daemon", "--host-id", "c", "--data-address", taken,
                "--http-address", "127.0.0.1:0").await();

        assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(3);
        assertThat(outcome.err()).contains("cannot listen on --data-address", taken, "a free port");
    }

    @Test
    @DisplayName("row 16: a CPU taken offline and put back in mid-run")
    void cpuOffline(FaultFleet fleet) throws Exception {
        Path online = Path.of("/sys/devices/system/cpu/cpu1/online");
        Assumptions.assumeTrue(Command.isRoot() && Files.isWritable(online), "needs root and a CPU 1 that can go");
        Thread always = new Thread(() -> write(online, "1"));
        Runtime.getRuntime().addShutdownHook(always);
        String run = fleet.running("placement: {source-cpus: 1}\n" + TWENTY_INTERVALS, 2);
        try {
            write(online, "0");
            // The kernel has moved the thread by the time the write returns; the next interval tells.
            fleet.events(FaultFleet.A, run, HostEventType.DRIFT);
        } finally {
            write(online, "1");
        }
        Runtime.getRuntime().removeShutdownHook(always);

        disturbed(fleet, run);
        fleet.mend();
        // The daemon looks at its CPUs again by and by.
        await("CPU 1").atMost(FaultFleet.PATIENCE).until(() -> fleet.json(FaultFleet.COORDINATOR, "/hosts/a")
                .path("allowed_cpus").textValue().matches("0-\\d+"));
        fleet.completed(fleet.submit("placement: {source-cpus: 1}\n" + SHORT));
    }

    @Test
    @DisplayName("row 16: the cpuset of a worker shrinks in mid-run")
    void shrunkCpuset(FaultFleet fleet) throws Exception {
        Path cpusets = Path.of("/sys/fs/cgroup/cpuset");
        Assumptions.assumeTrue(Command.isRoot() && Files.isWritable(cpusets.resolve("cgroup.procs"))
                && Runtime.getRuntime().availableProcessors() > 1,
                "needs root, two CPUs, and the cpuset controller of cgroup version 1 at " + cpusets);
        String run = fleet.running("placement: {source-cpus: 1}\n" + TWENTY_INTERVALS, 2);
        long worker = fleet.worker(FaultFleet.A, run);
        Path group = Files.createDirectory(cpusets.resolve("flowlane-" + worker));
        try {
            write(group.resolve("cpuset.cpus"), "0-1");
            write(group.resolve("cpuset.mems"), "0");
            write(group.resolve("cgroup.procs"), Long.toString(worker));
            write(group.resolve("cpuset.cpus"), "0");

            disturbed(fleet, run);
        } finally {
            // It has lost its CPU for good, and would keep it from the next run.
            Signals.sendUnlessGone("KILL", worker);
            Signals.awaitEndAndDelete(worker, group);
        }
    }

    @Test
    @DisplayName("row 16: somebody else changes the affinity of a worker's thread in mid-run")
    void changedAffinity(FaultFleet fleet) {
        Assumptions.assumeTrue(Command.exists("taskset") && Runtime.getRuntime().availableProcessors() > 1,
                "needs two CPUs and taskset (Debian: apt-get install util-linux)");
        String run = fleet.running("placement: {source-cpus: 1}\n" + TWENTY_INTERVALS, 2);

        Command.run("taskset", "-p", "-c", "0", Long.toString(fleet.flowThread(FaultFleet.A, run)));

        disturbed(fleet, run);
    }

    private static void disturbed(FaultFleet fleet, String run) {
        LaneDrift drift = fleet.events(FaultFleet.A, run, HostEventType.DRIFT).getFirst().getDrift();
        assertThat(drift).isNotNull();
        RunResult result = fleet.result(run);
        assertThat(result.getState()).as("%s", result.getReasons()).isEqualTo(RunStateName.DISTURBED);
        assertThat(result.getDriftedIntervals()).isPositive();
        assertThat(result.getReasons()).anyMatch(reason -> reason.contains("source"));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
