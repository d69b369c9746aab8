package dev.flowlane.localfleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

final class StateDirectoryTest {
    @TempDir
    Path directory = Path.of(".");

    @Test
    void theOwnVariableWinsOverTheGeneralOne() {
        assertThat(StateDirectory.of(Map.of("FLOWLANE_STATE_DIR", "/a/../b", "XDG_STATE_HOME", "/x")).root())
                .isEqualTo(Path.of("/b"));
        assertThat(StateDirectory.of(Map.of("FLOWLANE_STATE_DIR", " ", "XDG_STATE_HOME", "/x")).root())
                .isEqualTo(Path.of("/x/flowlane"));
        assertThat(StateDirectory.of(Map.of("XDG_STATE_HOME", "relative")).root())
                .isEqualTo(Path.of(System.getProperty("user.home"), ".local/state/flowlane"));
    }

    @Test
    void aDirectoryThatCannotBeMadeIsToldWithTheMend() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> new StateDirectory(file.resolve("state")).create())
                .isInstanceOfSatisfying(FleetException.class, e ->
                        assertThat(e.mend().toString()).contains("FLOWLANE_STATE_DIR"))
                .hasMessageContaining("cannot make the state directory");
    }

    @Test
    void topicsAreRememberedForOneClusterPrefixAndLayout() throws IOException {
        StateDirectory state = new StateDirectory(directory);
        TopicMarker marker = new TopicMarker(state, "flowlane");
        assertThat(marker.isThere()).isFalse();
        cluster("one");
        assertThat(marker.isThere()).isFalse();
        marker.write();

        assertThat(marker.isThere()).isTrue();
        assertThat(new TopicMarker(state, "other").isThere()).isFalse();
        cluster("two");
        assertThat(marker.isThere()).isFalse();
    }

    private void cluster(String id) throws IOException {
        Path data = Files.createDirectories(directory.resolve("broker/data"));
        Files.writeString(data.resolve("meta.properties"), "#comment\nversion=1\ncluster.id=" + id + "\n");
    }
}
