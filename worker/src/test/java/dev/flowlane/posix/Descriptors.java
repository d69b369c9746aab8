package dev.flowlane.posix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * What this process has open of what is opened here: sockets, rings, counters. Files are the JVM's own, which opens and
 * closes them when it likes, and what an earlier test left behind may be closed meanwhile: so a leak is what is new.
 */
final class Descriptors {
    private Descriptors() {}

    /** Number and kind of each. */
    static Set<String> open() throws IOException {
        Set<String> open = new TreeSet<>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path entry : entries) {
                try {
                    Path target = Files.readSymbolicLink(entry);
                    if (!target.isAbsolute()) {
                        open.add(entry.getFileName() + " " + target);
                    }
                } catch (IOException _) {
                    // Closed meanwhile.
                }
            }
        }
        return open;
    }
}
