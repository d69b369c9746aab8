package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;

final class WorkerJvmTest {
    private static final Path HOME = Path.of("/jdk");
    private static final Path CACHE = Path.of("/state/w.aot");

    @Test
    void theWorkerGetsItsCacheAndItsSocket() {
        assertThat(WorkerJvm.command(HOME, "w.jar:h.jar", CACHE, Path.of("/run/d.sock"), 3))
                .startsWith("/jdk/bin/java")
                .contains("-XX:ActiveProcessorCount=3", "-XX:AOTCache=/state/w.aot")
                .endsWith("dev.flowlane.worker.WorkerMain", "/run/d.sock");
        assertThat(WorkerJvm.command(HOME, "w.jar", null, Path.of("/run/d.sock"), 1))
                .noneMatch(argument -> argument.contains("AOT"));
    }

    @Test
    void trainingDiffersOnlyInTheCacheAndTheArgument() {
        assertThat(WorkerJvm.train(HOME, "w.jar", CACHE, 2))
                .containsSubsequence("-cp", "w.jar", "-XX:AOTCacheOutput=/state/w.aot")
                .endsWith("dev.flowlane.worker.WorkerMain", "--train");
    }

    @Test
    void aJvmWithoutProcessorsIsRefused() {
        assertThatThrownBy(() -> WorkerJvm.command(HOME, "w.jar", null, CACHE, 0)).hasMessageContaining("is 0");
    }
}
