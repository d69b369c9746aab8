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
        CompletableFuture<Integer> own = new CompletableFuture<>();
        CompletableFuture<Integer> child = new CompletableFuture<>();

        Thread thread = Thread.ofPlatform().start(() -> {
            Niceness.set(0, mine + 3);
            own.complete(niceness(Affinity.threadId()));
            Thread.ofPlatform().start(() -> child.complete(niceness(Affinity.threadId())));
        });
        thread.join();

        assertThat(own.get()).isEqualTo(mine + 3);
        assertThat(child.get()).isEqualTo(mine + 3);
        assertThat(niceness(Affinity.threadId())).isEqualTo(mine);
    }

    @Test
    void aThreadThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> Niceness.set(Integer.MAX_VALUE, 5))
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
