package dev.flowlane.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class StateDirectoryTest {
    @TempDir
    private Path directory;

    @Test
    void theFolderOfADaemonThatWasKilledIsSwept() throws IOException {
        Path left = Files.createDirectories(directory.resolve("host-a/workers-1"));
        Files.writeString(left.resolve("worker-1.err"), "its last words");

        try (StateDirectory state = StateDirectory.open(directory, "a", Map.of())) {
            assertThat(left).doesNotExist();
            assertThat(state.workers()).isDirectory();
        }
        assertThat(directory.resolve("host-a")).isDirectoryNotContaining("glob:**workers-*");
    }

    /** A state folder whose path is too long for a socket has the workers' folder elsewhere. */
    @Test
    void aFolderElsewhereIsFoundAgainAndSwept() throws IOException {
        Path runtime = Files.createDirectories(directory.resolve("run"));
        Path root = directory.resolve("x".repeat(100));
        Path left;
        try (StateDirectory killed = StateDirectory.open(root, "a", Map.of("XDG_RUNTIME_DIR", runtime.toString()))) {
            left = killed.workers();
            assertThat(left.getParent()).isEqualTo(runtime);
        }
        assertThat(left).doesNotExist();
        assertThat(root.resolve("host-a/elsewhere")).doesNotExist();
        // As it would have been left.
        Files.writeString(Files.createDirectories(left).resolve("worker-1.err"), "its last words");
        Files.writeString(root.resolve("host-a/elsewhere"), left.toString());

        StateDirectory.open(root, "a", Map.of("XDG_RUNTIME_DIR", runtime.toString())).close();

        assertThat(left).doesNotExist();
        assertThat(runtime).isEmptyDirectory();
    }

    @Test
    void nothingButAFolderOfWorkersIsSweptElsewhere() throws IOException {
        Path precious = Files.createDirectories(directory.resolve("precious"));
        Files.writeString(precious.resolve("file"), "");
        Files.createDirectories(directory.resolve("host-a"));
        Files.writeString(directory.resolve("host-a/elsewhere"), precious.toString());

        StateDirectory.open(directory, "a", Map.of()).close();

        assertThat(precious.resolve("file")).exists();
    }
}
