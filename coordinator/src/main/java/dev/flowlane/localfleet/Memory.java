package dev.flowlane.localfleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of processes. */
public final class Memory {
    private static final String RESIDENT = "VmRSS:";

    private Memory() {}

    /** Resident set of a process and all its descendants, in bytes; pages that they share count for each of them. */
    public static long residentBytesOfTree(long pid) {
        long bytes = residentBytes(pid);
        return ProcessHandle.of(pid)
                .map(process -> bytes + process.descendants()
                        .mapToLong(child -> residentBytes(child.pid()))
                        .sum())
                .orElse(bytes);
    }

    private static long residentBytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith(RESIDENT))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .sum();
        } catch (IOException e) {
            // It ended while we looked.
            return 0;
        }
    }
}
