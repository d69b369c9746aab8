package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flowlane.coordinator.TestFolders;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Apicurio Registry as its makers publish it, with everything in memory, in a JVM of its own. */
final class ApicurioProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://127\\.0\\.0\\.1:\\d+)");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final String address;

    private ApicurioProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /** @param folder for its program and its log */
    static ApicurioProcess start(RecipeTools tools, Path folder) throws Exception {
        Path home = Files.createDirectories(folder.resolve("apicurio"));
        tools.process("tar", "-xzf", tools.jars("apicurio"), "-C", home.toString()).expectSuccess();
        Path log = folder.resolve("apicurio.log");
        Process process = new ProcessBuilder(TestFolders.endingWithTheTest(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=0",
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=0",
                        "-jar",
                        "quarkus-run.jar")))
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        process.getOutputStream().close();
        try {
            await("Apicurio").atMost(PATIENCE).until(() -> {
                assertThat(process.isAlive()).as(() -> text(log)).isTrue();
                return LISTENING.matcher(text(log)).find();
            });
        } catch (RuntimeException | Error e) {
            process.destroyForcibly();
            throw e;
        }
        Matcher listening = LISTENING.matcher(text(log));
        assertThat(listening.find()).isTrue();
        return new ApicurioProcess(process, listening.group(1));
    }

    /** {@code http://host:port}. */
    String address() {
        return address;
    }

    /** Where it speaks as Confluent's registry does. */
    String confluentUrl() {
        return address + "/apis/ccompat/v7";
    }

    /** Its answer to a question about schemas. */
    JsonNode get(String path) {
        return send(HttpRequest.newBuilder(URI.create(confluentUrl() + path)).build());
    }

    /** Registers a schema that is not Flowlane's. */
    void registerOther(String name) {
        String schema = "{\"type\": \"record\", \"name\": \"" + name + "\", \"fields\": []}";
        String body = new ObjectMapper().createObjectNode().put("schema", schema).toString();
        send(HttpRequest.newBuilder(URI.create(confluentUrl() + "/subjects/" + name + "-value/versions"))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private JsonNode send(HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as("%s: %s", request, response.body()).isEqualTo(200);
            return new ObjectMapper().readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
