package dev.flowlane.bus;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The native code of LZ4, which lz4-java unpacks into {@code java.io.tmpdir} when the first record is compressed or
 * read, and deletes when the JVM ends in order. Processes that are killed, or halt, would leave it there for ever, a
 * file of 236 kB each. What is mapped into a process needs no name any more, so it is taken away as soon as it is
 * there.
 */
final class UnpackedLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(UnpackedLibrary.class);
    private static final Path MAPPED = Path.of("/proc/self/maps");

    /** As lz4-java names its copies; one that the system provides has no number. */
    private static final String NAME = "/liblz4-java-";

    private static final String LOCK = ".lck";

    /** It may be the system's, or records may not be compressed after all: then there is nothing to find. */
    private static final int LOOKS_MAX = 64;

    private static final AtomicInteger LOOKS = new AtomicInteger();

    private UnpackedLibrary() {}

    /** Takes the files away, if this process has unpacked them. Costs nothing once it has. From any thread. */
    static void remove() {
        if (LOOKS.get() >= LOOKS_MAX || LOOKS.incrementAndGet() > LOOKS_MAX) {
            return;
        }
        try (Stream<String> lines = Files.lines(MAPPED)) {
            List<String> files = lines.filter(line -> line.contains(NAME))
                    .map(line -> line.substring(line.indexOf('/')))
                    .distinct()
                    .toList();
            for (String file : files) {
                Files.deleteIfExists(Path.of(file));
                Files.deleteIfExists(Path.of(file + LOCK));
                LOOKS.set(LOOKS_MAX);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.atDebug().setCause(e).log("the unpacked library stays until the process ends");
        }
    }
}
