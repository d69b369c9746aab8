package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders of tests, and of tests that were killed. */
final class TestFoldersTest {
    @Test
    void aFolderOfJunitBearsTheTestsProcess(@TempDir Path folder) {
        assertThat(folder).hasParent(Path.of("/tmp"));
        assertThat(folder.getFileName().toString()).startsWith("flowlane-" + ProcessHandle.current().pid() + "-");
    }

    @Test
    void aFolderOfATestThatIsNoMoreGoesWhenNobodyNeedsIt() throws Exception {
        Process test = new ProcessBuilder("true").start();
        assertThat(test.waitFor()).isZero();
        Path folder = Path.of("/tmp", "flowlane-" + test.pid() + "-killed");
        Process user = new ProcessBuilder("sh", "-c", "echo there; read -r _", "user", folder.toString()).start();
        try {
            assertThat(user.inputReader().readLine()).isEqualTo("there");
            // Not before: tests of another build sweep, too.
            Files.createDirectory(folder);

            sweep();
            assertThat(folder).exists();
        } finally {
            user.destroyForcibly().waitFor();
        }

        sweep();
        assertThat(folder).doesNotExist();
    }

    private static void sweep() throws IOException {
        TestFolders.delete(TestFolders.create(_ -> {}));
    }
}
