package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flowlane.coordinator.TestFolders;
import dev.flowlane.grafana.GrafanaFiles;

import java.io.IOException;
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
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real Prometheus that scrapes a live fleet twice a second, with the rules of {@code grafana/prometheus}. */
final class PrometheusProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("msg=\"Listening on\" address=(\\S+)");

    private final Process process;
    private final Path log;
    private final HttpClient client = HttpClient.newHttpClient();

    private PrometheusProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
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
                "--web.listen-address=127.0.0.1:0"));
        command.addAll(List.of(options));
        Path log = folder.resolve("prometheus.log");
        Process process = new ProcessBuilder(TestFolders.endingWithTheTest(command))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new PrometheusProcess(process, log);
    }

    boolean isReady() {
        try {
            assertThat(process.isAlive()).as("Prometheus is still there: %s", Files.readString(log)).isTrue();
            return address().isPresent() && get("/-/ready").statusCode() == 200;
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

    /** Where it listens; it says so itself, and nobody else can have taken the port. */
    private Optional<String> address() throws IOException {
        Matcher listening = LISTENING.matcher(Files.readString(log));
        return listening.find() ? Optional.of(listening.group(1)) : Optional.empty();
    }

    private HttpResponse<String> get(String path) throws IOException {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://" + address().orElseThrow() + path)).build(),
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
