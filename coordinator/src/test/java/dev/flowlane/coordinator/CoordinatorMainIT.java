package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Properties;

/** The coordinator's process where there is no broker: options, waiting, stopping. */
final class CoordinatorMainIT {
    /** Nobody listens on the discard port. */
    private static final String NOWHERE = "127.0.0.1:9";

    private static final Duration EXIT = Duration.ofSeconds(60);

    private final Deque<JavaProcess> open = new ArrayDeque<>();

    @AfterEach
    void closeAll() throws IOException {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void wrongOptionsAreToldInOneLineAndEndWithTwo() throws IOException {
        assertThat(ended(2, NOWHERE, "flowlane", "--no-such-option")).contains("--no-such-option");
        assertThat(ended(2, NOWHERE, "not/a/prefix")).contains("topic.prefix: 'not/a/prefix'");
        assertThat(ended(2, " ", "flowlane")).contains("no Kafka is named", "--bootstrap HOST:PORT");
        assertThat(ended(2, NOWHERE, "flowlane", "--http-address", "8080")).contains("'8080' is not HOST:PORT");
        assertThat(ended(2, NOWHERE, "flowlane", "--kafka", "acks=0")).contains("kafka.acks: is set by Flowlane");
        assertThat(ended(2, NOWHERE, "flowlane", "--kafka", "security.protocol=NONSENSE")).contains("NONSENSE");
    }

    @Test
    void helpIsShown() throws IOException {
        assertThat(ended(0, NOWHERE, "flowlane", "--help")).contains("--http-address", "Examples:");
    }

    @Test
    void anAddressInUseIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            assertThat(ended(3, NOWHERE, "flowlane", "--http-address", address))
                    .contains("cannot listen on " + address);
        }
    }

    @Test
    void withoutABrokerItLivesWaitsSaysSoAndStopsFast(@TempDir Path state) throws Exception {
        JavaProcess coordinator = started(NOWHERE, "flowlane", "--state-dir", state.toString());
        Path file = state.resolve("coordinator.properties");
        await("the endpoint").atMost(EXIT).until(() -> Files.exists(file));
        String http = http(file);

        assertThat(get(http, "/livez").statusCode()).isEqualTo(200);
        assertThat(get(http, "/version").body()).contains("flowlane-coordinator");
        HttpResponse<String> ready = get(http, "/readyz?verbose");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("[-]kafka pending", "not ready");
        assertThat(get(http, "/metrics").body()).contains("flowlane_coordinator_ready 0.0");
        assertThat(get(http, "/nothing").statusCode()).isEqualTo(404);
        assertThat(post(http, "/runs").statusCode()).isEqualTo(405);
        assertThat(get(http, "/schemas/ids/1").body()).contains("RunCommand");
        await("the complaint").atMost(EXIT)
                .until(() -> coordinator.output().contains("no Kafka broker answers at " + NOWHERE));

        coordinator.terminate();

        assertThat(coordinator.waitFor(EXIT)).contains(143);
        assertThat(coordinator.output()).contains("stopped").doesNotContain("\tat ", "Exception");
        assertThat(file).doesNotExist();
    }

    private String ended(int code, String bootstrap, String prefix, String... more) throws IOException {
        JavaProcess coordinator = started(bootstrap, prefix, more);
        assertThat(coordinator.waitFor(EXIT)).as(coordinator.output()).contains(code);
        assertThat(coordinator.output()).doesNotContain("\tat ");
        return coordinator.output();
    }

    private JavaProcess started(String bootstrap, String prefix, String... more) throws IOException {
        JavaProcess coordinator = JavaProcess.coordinator(bootstrap, prefix, more);
        open.push(coordinator);
        return coordinator;
    }

    private static String http(Path file) throws IOException {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return properties.getProperty("http");
    }

    private static HttpResponse<String> get(String http, String path) {
        return HttpCalls.send("http://" + http, "GET", path, "", null);
    }

    private static HttpResponse<String> post(String http, String path) {
        return HttpCalls.send("http://" + http, "POST", path, "", "{}");
    }
}
