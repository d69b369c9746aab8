package dev.flowlane.broker;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * The native code of LZ4. lz4-java unpacks it into {@code java.io.tmpdir} and deletes it when the JVM ends in order,
 * which this one never does. What is mapped needs no name any more.
 */
final class Lz4Library {
    private static final Logger LOG = Logger.getLogger(Lz4Library.class.getName());
    private static final int ANY_BYTES = 64;

    /** Of the record batches of every client since Kafka 0.11. */
    private static final byte BATCH_VERSION = 2;

    private Lz4Library() {}

    /** Loads it, which the first batch of intervals would do, and leaves no file of it behind. */
    static void load() {
        try (OutputStream loads = Compression.lz4().build()
                .wrapForOutput(new ByteBufferOutputStream(ANY_BYTES), BATCH_VERSION)) {
            loads.flush();
        } catch (IOException | RuntimeException | LinkageError e) {
            LOG.log(Level.FINE, "LZ4 is loaded by whoever needs it first", e);
        }
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            List<String> files = lines.filter(line -> line.contains("/liblz4-java-"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .distinct()
                    .toList();
            for (String file : files) {
                Files.deleteIfExists(Path.of(file));
                Files.deleteIfExists(Path.of(file + ".lck"));
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.log(Level.FINE, "the unpacked library stays", e);
        }
    }
}
