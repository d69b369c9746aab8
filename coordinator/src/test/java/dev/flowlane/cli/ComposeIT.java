package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The stack of docker-compose.yml as a user starts it, but for Grafana, which needs a registry to come from. */
@Tag("docker")
final class ComposeIT {
    private static final String PROJECT = "flowlane-compose-it";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final List<Integer> PORTS = List.of(9092, 9470, 9090);

    @TempDir
    static Path state = Path.of(".");

    private static boolean started;

    @BeforeAll
    static void up() {
        String impediment = Containers.impediment();
        Assumptions.assumeTrue(impediment.isEmpty(), impediment);
        // What a test that was killed has left.
        compose("down", "-v", "--remove-orphans");
        for (int port : PORTS) {
            Assumptions.assumeTrue(isFree(port), "port " + port + " of docker-compose.yml is in use here");
        }
        started = true;
        compose("up", "-d", "--build", "kafka", "topics", "coordinator", "host-a", "host-b", "prometheus");
        // Prometheus starts when coordinator and hosts are healthy.
        await().atMost(PATIENCE).until(() -> compose("ps").lines()
                .filter(line -> line.contains("(healthy)"))
                .count()
                >= 4);
    }

    @AfterAll
    static void down() {
        if (started) {
            compose("down", "-v");
        }
    }

    @Test
    void aRunFromOutsideMeasuresContainerToContainer() {
        JsonNode run = FlowlaneProcess.start(
                        state,
                        Map.of(),
                        "run",
                        "--bootstrap",
                        "localhost:9092",
                        "--source",
                        "host-a",
                        "--destination",
                        "host-b",
                        "--duration",
                        "2s",
                        "-o",
                        "json")
                .await()
                .expect(0)
                .json();

        assertThat(run.path("state").textValue()).as("%s", run).isEqualTo("COMPLETED");
        assertThat(run.path("received_bytes").longValue()).isEqualTo(run.path("sent_bytes").longValue());
        assertThat(run.path("flows").path(0).path("destination_address").textValue())
                .startsWith("10.107.0.12");
    }

    /** Every process of ours is scraped. */
    @Test
    void prometheusSeesTheProcesses() {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        Containers.command("curl", "-sg", "http://127.0.0.1:9090/api/v1/query?query=sum(up)"))
                .contains("\"3\"]"));
    }

    private static String compose(String... arguments) {
        String[] words = new String[arguments.length + 2];
        words[0] = "-p";
        words[1] = PROJECT;
        System.arraycopy(arguments, 0, words, 2, arguments.length);
        return Containers.command("docker-compose", words);
    }

    private static boolean isFree(int port) {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
