package dev.flowlane.daemon.workers;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process wrote to its standard error: a file, because reading a pipe would take a thread per worker. */
final class ErrorOutput {
    private static final int TAIL_BYTES = 1000;

    private final Path file;

    ErrorOutput(Path file) {
        this.file = file;
    }

    ProcessBuilder.Redirect redirect() {
        return ProcessBuilder.Redirect.to(file.toFile());
    }

    /** The last words on one line, without control characters; empty when there are none. Deletes the file. */
    String takeTail() {
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, content.length() - TAIL_BYTES);
            byte[] tail = new byte[(int) (content.length() - from)];
            content.seek(from);
            content.readFully(tail);
            return new String(tail, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}+", " ").trim();
        } catch (IOException e) {
            return "";
        } finally {
            delete();
        }
    }

    private void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // The folder goes with the daemon.
        }
    }
}
