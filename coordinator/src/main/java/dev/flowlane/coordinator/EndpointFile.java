package dev.flowlane.coordinator;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The file that tells scripts which process this is and where it serves HTTP; it is there as long as the process runs.
 */
final class EndpointFile implements AutoCloseable {
    private static final String NAME = "coordinator.properties";

    private final @Nullable Path file;

    private EndpointFile(@Nullable Path file) {
        this.file = file;
    }

    /**
     * Writes the file; readers see all of it or none.
     *
     * @param directory made if it is missing; null: no file is written
     * @throws IOException if it cannot be written; the message names it
     */
    static EndpointFile write(@Nullable Path directory, HttpAddress http) throws IOException {
        if (directory == null) {
            return new EndpointFile(null);
        }
        Path file = directory.resolve(NAME);
        try {
            Files.createDirectories(directory);
            Path whole = Files.createTempFile(directory, NAME, ".tmp");
            Files.writeString(whole, "pid=" + ProcessHandle.current().pid() + "\nhttp=" + http + "\n");
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
        }
        return new EndpointFile(file);
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
