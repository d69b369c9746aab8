package dev.flowlane.localfleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

final class ServiceLogTest {
    @TempDir
    Path directory = Path.of(".");

    @Test
    void theAddressIsInTheReadyLine() throws IOException {
        ServiceLog log = log("""
                2026-11-21T10:00:00.1Z INFO  CoordinatorMain starting http=127.0.0.1:1111 bootstrap=127.0.0.1:9092
                2026-11-21T10:00:00.9Z INFO  CoordinatorMain ready http=127.0.0.1:4711 epoch=3
                """);

        assertThat(log.httpAddress()).contains("127.0.0.1:4711");
    }

    @Test
    void beforeThatThereIsNone() throws IOException {
        assertThat(log("starting http=127.0.0.1:1111\n").httpAddress()).isEmpty();
        assertThat(new ServiceLog(directory.resolve("none.log")).httpAddress()).isEmpty();
    }

    @Test
    void lastWordsAreWithoutStackFrames() throws IOException {
        ServiceLog log = log(
                "one\n\njava.lang.IllegalStateException: why\n\tat a.b.C.d(C.java:1)\n\t... 3 more\nlast \u00ff\n");

        assertThat(log.lastWords(2)).containsExactly("java.lang.IllegalStateException: why", "last \u00ff");
    }

    @Test
    void theLogBeforeIsPutAside() throws IOException {
        ServiceLog log = log("before\n");
        log.rotate();

        assertThat(directory.resolve("service.log")).doesNotExist();
        assertThat(directory.resolve("service.log.1")).hasContent("before");
    }

    private ServiceLog log(String text) throws IOException {
        return new ServiceLog(Files.writeString(directory.resolve("service.log"), text));
    }
}
