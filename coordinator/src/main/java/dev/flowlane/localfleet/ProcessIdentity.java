package dev.flowlane.localfleet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that cannot be mistaken for a later one with the same number.
 *
 * @param pid process id
 * @param startTicks clock ticks after boot at which it started: field 22 of {@code /proc/PID/stat}. Exact, while the
 *     wall clock time that Java computes from it moves when the clock is set
 * @param bootId {@code /proc/sys/kernel/random/boot_id}: ticks count from there
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** Who has the number now; empty when nobody has, or only a zombie. */
    static Optional<ProcessIdentity> of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            // The command name is in parentheses and may hold anything, parentheses too.
            String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            if (afterName[0].equals("Z") || afterName[0].equals("X")) {
                return Optional.empty();
            }
            return Optional.of(new ProcessIdentity(pid, Long.parseLong(afterName[19]), currentBoot()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether this very process is still there. */
    boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }

    private static String currentBoot() throws IOException {
        return Files.readString(BOOT_ID).strip();
    }
}
