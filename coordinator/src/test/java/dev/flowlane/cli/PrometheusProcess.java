package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flowlane.coordinator.TestFolders;
import dev.flowlane.grafana.GrafanaFiles;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real Prometheus that scrapes a live fleet twice a second, with the rules of {@code grafana/prometheus}. */
final class PrometheusProcess implements AutoCloseable {
    private final Process process;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();

    private PrometheusProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it.
     *
     * @param folder for its configuration, data and log
     * @param targets HTTP addresses to scrape
     * @param options further ones of its command line
     */
    static PrometheusProcess start(Path folder, List<String> targets, String... options) throws IOException {
        Files.createDirectories(folder);
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        String quoted = '"' + String.join("\", \"", targets) + '"';
        Path config = folder.resolve("prometheus.yml");
        Files.writeString(config, """
                global: {scrape_interval: 500ms, evaluation_interval: 1s}
                rule_files: ["%s/*.yml"]
                scrape_configs:
                - job_name: fleet
                  static_configs: [{targets: [%s]}]
                """.formatted(GrafanaFiles.ROOT.resolve("prometheus/rules"), quoted));
        List<String> command = new ArrayList<>(List.of(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(TestFolders.endingWithTheTest(command))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        return new PrometheusProcess(process, port);
    }

    boolean isReady() {
        assertThat(process.isAlive()).as("Prometheus is still there").isTrue();
        try {
            return get("/-/ready").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Result of an instant query now: one entry per series. */
    JsonNode query(String expression) {
        try {
            HttpResponse<String> response = get(
                    "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
            JsonNode answer = new ObjectMapper().readTree(response.body());
            assertThat(answer.path("status").asText()).as("%s: %s", expression, response.body()).isEqualTo("success");
            return answer.path("data").path("result");
        } catch (IOException e) {
            throw new AssertionError(expression, e);
        }
    }

    /** Value of the one series that a query yields; not a number when it yields none. */
    double value(String expression) {
        JsonNode result = query(expression);
        assertThat(result.size()).as("%s: %s", expression, result).isLessThanOrEqualTo(1);
        return result.isEmpty() ? Double.NaN : Double.parseDouble(result.path(0).path("value").path(1).asText());
    }

    private HttpResponse<String> get(String path) throws IOException {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
        client.close();
    }
}
