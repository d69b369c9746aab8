package dev.flowlane.daemon.workers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

class OutOfMemoryKillsTest {
    @TempDir
    private Path directory;

    private final AtomicLong nowNs = new AtomicLong();

    @Test
    void killsSinceAWorkerWasLastAliveAreRecent() throws IOException {
        OutOfMemoryKills kills = at(3);
        assertThat(kills.recent()).isZero();

        count(5);

        assertThat(kills.recent()).isEqualTo(2);
    }

    @Test
    void killsThatAWorkerHasOutlivedAreNotItsEnd() throws IOException {
        OutOfMemoryKills kills = at(3);
        count(4);

        for (int second = 1; second <= 2; second++) {
            nowNs.addAndGet(Duration.ofSeconds(1).toNanos());
            kills.alive();
        }

        assertThat(kills.recent()).isZero();
    }

    /** One that was killed may have talked a moment before the kernel counted it, and another one talks after it. */
    @Test
    void aWordRightAfterTheKillDoesNotHideIt() throws IOException {
        OutOfMemoryKills kills = at(3);
        count(4);

        nowNs.addAndGet(Duration.ofSeconds(1).toNanos());
        kills.alive();

        assertThat(kills.recent()).isEqualTo(1);
    }

    @Test
    void aKernelThatDoesNotTellHasKilledNone() throws IOException {
        Path vmstat = Files.writeString(directory.resolve("vmstat"), "nr_free_pages 5\n");
        assertThat(new OutOfMemoryKills(vmstat, nowNs::get).recent()).isZero();
        assertThat(new OutOfMemoryKills(directory.resolve("none"), nowNs::get).recent()).isZero();
        Files.writeString(vmstat, "oom_kill many\n");
        assertThat(new OutOfMemoryKills(vmstat, nowNs::get).recent()).isZero();
    }

    private OutOfMemoryKills at(long count) throws IOException {
        return new OutOfMemoryKills(count(count), nowNs::get);
    }

    private Path count(long count) throws IOException {
        return Files.writeString(
                directory.resolve("vmstat"), "nr_free_pages 5\noom_kill " + count + "\nnuma_hit 7\n");
    }
}
