package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

final class NicenessTest {
    @Test
    void oneThreadYieldsAndWhatItStartsWithIt() throws Exception {
        int mine = niceness(Affinity.threadId());
        // 19 is the most there is.
        int nicer = Math.min(19, mine + 3);
        CompletableFuture<Integer> own = new CompletableFuture<>();
        CompletableFuture<Integer> child = new CompletableFuture<>();

        Thread thread = Thread.ofPlatform().start(() -> {
            Niceness.atLeast(0, nicer);
            Niceness.atLeast(0, nicer - 2);
            own.complete(niceness(Affinity.threadId()));
            Thread.ofPlatform().start(() -> child.complete(niceness(Affinity.threadId())));
        });
        thread.join();

        assertThat(own.get()).isEqualTo(nicer);
        assertThat(child.get()).isEqualTo(nicer);
        assertThat(niceness(Affinity.threadId())).isEqualTo(mine);
    }

    @Test
    void aThreadThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> Niceness.atLeast(Integer.MAX_VALUE, 5))
                .isInstanceOf(PosixException.class)
                .hasMessageStartingWith("setpriority: ESRCH nice 5 of thread 2147483647");
    }

    /** Field 19 of /proc/PID/task/TID/stat, proc_pid_stat(5). */
    private static int niceness(int threadId) {
        try {
            String stat = Files.readString(Path.of("/proc/self/task/" + threadId + "/stat"));
            return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
