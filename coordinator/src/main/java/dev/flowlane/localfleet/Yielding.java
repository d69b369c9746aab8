package dev.flowlane.localfleet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A local fleet measures the machine that carries it, so broker and coordinator are put behind the workers, who would
 * otherwise take turns with them on the CPU that is measured. Host daemons do so by themselves, everywhere.
 *
 * <p>Not before the fleet is ready: until then it only makes for a slow start.
 */
final class Yielding {
    /**
     * A third of a worker's weight (sched_prio_to_weight, 335 to 1024): less would starve the fleet on a machine that
     * is busy with other things as well.
     */
    static final int NICE = 5;

    private Yielding() {}

    /** Never fails: without it the fleet works just as well, and measures with more noise. */
    static void begin(FleetRecord fleet) {
        List<String> renice = new ArrayList<>(List.of("renice", "-n", Integer.toString(NICE), "-g"));
        for (FleetRecord.Member member : fleet.members()) {
            if (!Service.HOST_IDS.contains(member.name())) {
                // Each is the leader of a session (setsid) and so of a process group, whose threads are all meant.
                renice.add(Long.toString(member.pid()));
                yieldSession(member.pid());
            }
        }
        if (niceness() >= NICE) {
            // All of them have it from here, and renice would bring them forward.
            return;
        }
        try {
            new ProcessBuilder(renice)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            // No renice on this machine.
        }
    }

    /** Of this process: field 19 of /proc/PID/stat, see proc_pid_stat(5). */
    private static int niceness() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"), StandardCharsets.ISO_8859_1);
            return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
        } catch (IOException e) {
            return 0;
        }
    }

    /** With sched_autogroup_enabled sessions share the CPUs evenly, and niceness only counts within one: sched(7). */
    private static void yieldSession(long pid) {
        try {
            Files.writeString(Path.of("/proc/" + pid + "/autogroup"), Integer.toString(NICE));
        } catch (IOException e) {
            // A kernel without autogroups.
        }
    }
}
